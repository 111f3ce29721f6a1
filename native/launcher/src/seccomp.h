/* The system call filter of the builder. */
#ifndef LAUNCHER_SECCOMP_H
#define LAUNCHER_SECCOMP_H

#include "specification.h"

/* Puts the filter on this process and all that come from it, for good. Comes after no_new_privs. */
void install_filter(const struct specification *specification);

#endif
