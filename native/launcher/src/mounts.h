/* The file system that the builder sees. */
#ifndef LAUNCHER_MOUNTS_H
#define LAUNCHER_MOUNTS_H

#include "specification.h"

/* In the child, in its own mount and pid namespaces: builds the tree of mounts and makes it the root. Afterwards
 * nothing of the old root is reachable, and the current directory is `/`. `is_root` says that the builder is root on the
 * host, though without capabilities; it gets less of /proc. */
void enter_root(const struct sandbox *sandbox, bool is_root);

#endif
