/* A root in memory, for one build: nothing of it touches a disk, and nothing of it is left to remove. */
#ifndef LAUNCHER_FRESH_ROOT_H
#define LAUNCHER_FRESH_ROOT_H

#include "specification.h"

/* Mounts it on the directory that `sandbox` names, makes its files, and returns a descriptor of it. */
int make_fresh_root(const struct sandbox *sandbox);

#endif
