/* Who dies with whom: the launcher with its caller, the builder with the launcher. */
#ifndef LAUNCHER_LIFETIME_H
#define LAUNCHER_LIFETIME_H

#include <stdbool.h>
#include <sys/types.h>

/* A pipe that the parent holds open as long as it lives; the child sees its end. */
struct lifeline {
  int child_end, parent_end;
};

/* Asks the kernel to kill this process when its parent ends, or takes that back. The request belongs to the parent's
 * *thread*, and a change of ids removes it. */
void die_with_parent(bool wanted);

struct lifeline make_lifeline(void);

/* In the child, after the last change of ids: asks again, and ends at once if the parent was gone by then. */
void hold_lifeline(const struct lifeline *lifeline);

/* In the parent: lets go of every descriptor but its end of the lifeline, waits for the child, and ends as it did. */
_Noreturn void end_like(pid_t child, const struct lifeline *lifeline);

#endif
