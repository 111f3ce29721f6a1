/* The system call filter of the builder. */
#ifndef LAUNCHER_SECCOMP_H
#define LAUNCHER_SECCOMP_H

#include <stdbool.h>
#include <stdint.h>

#include "seccomp-rules.h"
#include "specification.h"

/* Puts the filter on this process and all that come from it, for good. Comes after no_new_privs. With a mode service,
 * returns the descriptor on which the kernel tells of calls for it; -1 where there is nothing to tell. */
int install_filter(const struct specification *specification, bool mode_service);

/* What the table says of a system call, as the kernel describes it. */
enum treatment treatment_of(uint32_t audit, int number);

#endif
