/* Attaching file systems by descriptor, with the calls of Linux 5.2 and 5.12 or with what came before them.
 *
 * All functions return -1 with errno on failure; none follows a symbolic link at the place it mounts on.
 */
#ifndef LAUNCHER_MOUNT_CALLS_H
#define LAUNCHER_MOUNT_CALLS_H

#include <stdbool.h>
#include <stdint.h>

/* What to bind where: the tree at `source` onto `name` in the directory `parent`. */
struct bind {
  const char *source;
  bool follow_symlink;
  bool recursive;      /* with what is mounted below; where the kernel cannot set attributes recursively, without */
  uint64_t attributes; /* MOUNT_ATTR_… to set; none is ever taken away */
  int parent;
  const char *name;
};

int bind_mount(const struct bind *bind);

/* Binds a directory onto itself and returns a descriptor of the new mount's root. */
int bind_onto_itself(const char *directory, uint64_t attributes);

/* Mounts a new file system of `type` on `name` in `parent`; `flags` are MS_…, `options` the file system's own. */
struct new_mount {
  const char *type;
  unsigned long flags;
  const char *options;
  int parent;
  const char *name;
};

int mount_new(const struct new_mount *mount);

#endif
