/* The file system that the builder sees. */
#ifndef LAUNCHER_MOUNTS_H
#define LAUNCHER_MOUNTS_H

#include "specification.h"

/* In the child, in its own mount and pid namespaces: builds the tree of mounts and makes it the root. Afterwards
 * nothing of the old root is reachable, and the current directory is `/`. */
void enter_root(const struct sandbox *sandbox);

#endif
