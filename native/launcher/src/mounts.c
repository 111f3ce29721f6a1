/* The file system that the builder sees: the root, what is bound into it, and the change to it.
 *
 * All mount points are made before anything is mounted, so that none is ever made in a directory of the host that is
 * bound into the root.
 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices.h"
#include "mount-calls.h"
#include "mount-points.h"
#include "report.h"

/* Of <sys/mount.h>, which does not go together with <linux/mount.h> in every libc. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

/* What a source turned out to be. */
enum source_kind { SOURCE_ABSENT, SOURCE_DIRECTORY, SOURCE_FILE, SOURCE_SYMLINK };

static enum source_kind find_kind(const struct mount_request *request) {
  struct stat info;
  int flags = AT_NO_AUTOMOUNT | (request->follow_symlink ? 0 : AT_SYMLINK_NOFOLLOW);
  if (fstatat(AT_FDCWD, request->source, &info, flags) != 0) {
    if (errno == ENOENT && request->optional) return SOURCE_ABSENT;
    fail(STEP_MOUNT_INPUT, request->source);
  }
  if (S_ISLNK(info.st_mode)) return SOURCE_SYMLINK;
  return S_ISDIR(info.st_mode) ? SOURCE_DIRECTORY : SOURCE_FILE;
}

/* A symbolic link cannot be bound; a link with the same target is the same thing. */
static void copy_symlink(const char *source, const struct place *place) {
  char target[PATH_MAX];
  ssize_t length = readlink(source, target, sizeof target - 1);
  if (length < 0) fail(STEP_MOUNT_INPUT, source);
  target[length] = '\0';
  if (symlinkat(target, place->parent, place->name) != 0) fail(STEP_MOUNT_INPUT, source);
}

static void prepare_place(struct place_walker *walker, const struct mount_request *request, enum source_kind kind) {
  struct place place;
  if (!walk_to(walker, request->target, true, &place)) fail(STEP_CREATE_MOUNT_POINT, request->target);
  if (kind == SOURCE_SYMLINK)
    copy_symlink(request->source, &place);
  else if (!make_place(&place, kind == SOURCE_DIRECTORY ? S_IFDIR : S_IFREG))
    fail(STEP_CREATE_MOUNT_POINT, request->target);
}

static void attach(struct place_walker *walker, const struct mount_request *request, bool recursive) {
  struct place place;
  uint64_t attributes = MOUNT_ATTR_NOSUID | (request->read_only ? MOUNT_ATTR_RDONLY : 0) |
                        (request->devices ? 0 : MOUNT_ATTR_NODEV);
  if (!walk_to(walker, request->target, false, &place)) fail(STEP_MOUNT_INPUT, request->target);
  const struct bind bind = {request->source, request->follow_symlink, recursive, attributes, place.parent, place.name};
  if (bind_mount(&bind) != 0) fail(STEP_MOUNT_INPUT, request->source);
  forget_below(walker, request->target);
}

static void bind_all(const struct mount_list *mounts, int root, bool recursive) {
  struct place_walker walker;
  enum source_kind *kinds = calloc(mounts->count + 1, sizeof *kinds);
  if (kinds == NULL) fail(STEP_MOUNT_INPUT, NULL);
  start_walk(&walker, root);
  for (size_t i = 0; i < mounts->count; i++) {
    kinds[i] = find_kind(&mounts->items[i]);
    if (kinds[i] != SOURCE_ABSENT) prepare_place(&walker, &mounts->items[i], kinds[i]);
  }
  end_walk(&walker);
  for (size_t i = 0; i < mounts->count; i++)
    if (kinds[i] == SOURCE_DIRECTORY || kinds[i] == SOURCE_FILE) attach(&walker, &mounts->items[i], recursive);
  end_walk(&walker);
  free(kinds);
}

/* The old root lands on top of the new one and is taken off at once: no directory has to be made for it. */
static void change_root(int root, const char *path) {
  if (fchdir(root) != 0) fail(STEP_CHANGE_ROOT, path);
  if (syscall(SYS_pivot_root, ".", ".") != 0) fail(STEP_CHANGE_ROOT, path);
  if (umount2(".", MNT_DETACH) != 0) fail(STEP_CHANGE_ROOT, path);
  if (chdir("/") != 0) fail(STEP_CHANGE_ROOT, path);
}

void enter_root(const struct sandbox *sandbox) {
  /* A user namespace may not take apart what is mounted below a directory; it must bind all of it. */
  bool recursive = sandbox->user_namespace.present;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail(STEP_MAKE_MOUNTS_PRIVATE, "/");
  int root = bind_onto_itself(sandbox->root, recursive, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (root < 0) fail(STEP_MOUNT_ROOT, sandbox->root);
  if (sandbox->devices) make_devices(sandbox, root);
  bind_all(&sandbox->mounts, root, recursive);
  if (sandbox->devices) mount_pseudo_terminals(root);
  if (sandbox->proc) mount_proc(root);
  change_root(root, sandbox->root);
  close(root);
}
