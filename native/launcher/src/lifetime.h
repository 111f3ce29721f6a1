/* Who dies with whom: the launcher with its caller, everything below it with the launcher.
 *
 * A process can take back the request to die with its parent, and making a user namespace takes it back without being
 * asked. So in a sandbox the builder is not the launcher's child: between them stands the guard, the first process of a
 * pid namespace around the builder's. It dies with the launcher, and the kernel kills what is in its namespace.
 */
#ifndef LAUNCHER_LIFETIME_H
#define LAUNCHER_LIFETIME_H

#include <stdbool.h>
#include <sys/types.h>

/* A socket pair between the launcher and its child: the child sees when the launcher is gone, and a guard tells through it
 * how the builder ended. */
struct lifeline {
  int launcher_end, child_end;
};

/* Asks the kernel to kill this process when its parent ends, or takes that back. The request belongs to the parent's
 * *thread*, and a change of ids removes it. */
void die_with_parent(bool wanted);

struct lifeline make_lifeline(void);

/* In the child: asks to die with the launcher, and ends at once if the launcher was gone by then. */
void hold_lifeline(const struct lifeline *lifeline);

struct mode_service;

/* In the guard: lets go of everything else, serves and waits for the builder, and tells the launcher how it ended. */
_Noreturn void guard(pid_t builder, const struct lifeline *lifeline, const struct mode_service *service);

/* In the launcher: lets go of everything else, serves, waits, and ends as the builder did. */
_Noreturn void end_like(pid_t child, const struct lifeline *lifeline, const struct mode_service *service);

#endif
