/* What running programs use. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include "candidates.h"

/* Looks at every process that may be looked at, and at the few settings of the kernel that name programs. */
void scan_processes(const struct scanner *scanner);

#endif
