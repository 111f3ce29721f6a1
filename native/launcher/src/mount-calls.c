/* Attaching file systems by descriptor, with the calls of Linux 5.2 and 5.12 or with what came before them. */
#include "mount-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <sys/mount.h>, which does not go together with <linux/mount.h> in every libc. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

#define FD_PATH_SIZE 32

static void name_fd(int fd, char path[static FD_PATH_SIZE]) {
  snprintf(path, FD_PATH_SIZE, "/proc/self/fd/%d", fd);
}

/* Closes without losing the errno of what failed before. */
static int close_after(int fd, int result) {
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

/* A detached copy of the tree at `bind->source`, with its attributes set. */
static int clone_tree(const struct bind *bind) {
  unsigned recursive = bind->recursive ? AT_RECURSIVE : 0;
  unsigned nofollow = bind->follow_symlink ? 0 : AT_SYMLINK_NOFOLLOW;
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_NO_AUTOMOUNT | recursive | nofollow;
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, bind->source, flags);
  if (tree < 0) return -1;
  struct mount_attr attributes = {.attr_set = bind->attributes};
  long set = syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes);
  return set == 0 ? tree : close_after(tree, -1);
}

static int attach_tree(int tree, int parent, const char *name) {
  return (int)syscall(SYS_move_mount, tree, "", parent, name, MOVE_MOUNT_F_EMPTY_PATH);
}

static unsigned long old_flags(uint64_t attributes) {
  return (attributes & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0) | (attributes & MOUNT_ATTR_NOSUID ? MS_NOSUID : 0) |
         (attributes & MOUNT_ATTR_NODEV ? MS_NODEV : 0) | (attributes & MOUNT_ATTR_NOEXEC ? MS_NOEXEC : 0);
}

/* A remount must repeat the flags that are there; in a user namespace the kernel refuses to drop them. */
static unsigned long present_flags(int fd) {
  struct statvfs info;
  if (fstatvfs(fd, &info) != 0) return 0;
  return (info.f_flag & ST_RDONLY ? MS_RDONLY : 0) | (info.f_flag & ST_NOSUID ? MS_NOSUID : 0) |
         (info.f_flag & ST_NODEV ? MS_NODEV : 0) | (info.f_flag & ST_NOEXEC ? MS_NOEXEC : 0) |
         (info.f_flag & ST_NOATIME ? MS_NOATIME : 0) | (info.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) |
         (info.f_flag & ST_RELATIME ? MS_RELATIME : 0);
}

/* Sets the attributes of the mount that is on top of `name` now. */
static int remount_old(int parent, const char *name, uint64_t attributes) {
  char path[FD_PATH_SIZE];
  int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  name_fd(fd, path);
  unsigned long flags = MS_BIND | MS_REMOUNT | old_flags(attributes) | present_flags(fd);
  return close_after(fd, mount(NULL, path, NULL, flags, NULL));
}

static int mount_on_old(int source, const struct bind *bind) {
  char from[FD_PATH_SIZE], to[FD_PATH_SIZE];
  int target = openat(bind->parent, bind->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) return -1;
  name_fd(source, from);
  name_fd(target, to);
  return close_after(target, mount(from, to, NULL, MS_BIND, NULL));
}

static int bind_old(const struct bind *bind) {
  int source = open(bind->source, O_PATH | O_CLOEXEC | (bind->follow_symlink ? 0 : O_NOFOLLOW));
  if (source < 0) return -1;
  if (close_after(source, mount_on_old(source, bind)) != 0) return -1;
  return remount_old(bind->parent, bind->name, bind->attributes);
}

int bind_mount(const struct bind *bind) {
  int tree = clone_tree(bind);
  if (tree < 0) return errno == ENOSYS ? bind_old(bind) : -1;
  return close_after(tree, attach_tree(tree, bind->parent, bind->name));
}

static int bind_onto_itself_old(const char *directory, uint64_t attributes) {
  const struct bind bind = {.source = directory, .attributes = attributes, .parent = AT_FDCWD, .name = directory};
  if (bind_old(&bind) != 0) return -1;
  return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int bind_onto_itself(const char *directory, uint64_t attributes) {
  const struct bind bind = {.source = directory, .attributes = attributes};
  int tree = clone_tree(&bind);
  if (tree < 0) return errno == ENOSYS ? bind_onto_itself_old(directory, attributes) : -1;
  return attach_tree(tree, AT_FDCWD, directory) == 0 ? tree : close_after(tree, -1);
}

int mount_new(const struct new_mount *new) {
  char path[FD_PATH_SIZE];
  int target = openat(new->parent, new->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) return -1;
  name_fd(target, path);
  return close_after(target, mount("none", path, new->type, new->flags, new->options));
}
