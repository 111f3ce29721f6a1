/* The file system that the builder sees: what is bound into the root, and when.
 *
 * All mount points are made before any of the caller's mounts is mounted, so that none is ever made in a directory of the
 * host; only the directories that the caller made for this build, and says so, come before.
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
#include "fresh-root.h"
#include "mount-calls.h"
#include "mount-points.h"
#include "report.h"

/* Of <sys/mount.h>, which does not go together with <linux/mount.h> in every libc. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

/* What a source turned out to be. */
enum source_kind { SOURCE_ABSENT, SOURCE_MOUNTED, SOURCE_DIRECTORY, SOURCE_FILE, SOURCE_SYMLINK };

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

static void prepare_place(struct place_walker *walker, const struct mount_request *request, enum source_kind kind) {
  struct place place;
  bool prepared = walk_to(walker, request->target, true, &place) &&
                  (kind == SOURCE_SYMLINK ? copy_symlink(request->source, &place)
                                          : make_place(&place, kind == SOURCE_DIRECTORY ? S_IFDIR : S_IFREG));
  if (!prepared) fail(STEP_CREATE_MOUNT_POINT, request->target);
}

/* The kind of each source, in the order of the mounts. */
static enum source_kind *prepare_places(const struct mount_list *mounts, int root) {
  struct place_walker walker;
  enum source_kind *kinds = calloc(mounts->count + 1, sizeof *kinds);
  if (kinds == NULL) fail(STEP_CREATE_MOUNT_POINT, NULL);
  start_walk(&walker, root);
  for (size_t i = 0; i < mounts->count; i++) {
    kinds[i] = mounts->items[i].base ? SOURCE_MOUNTED : find_kind(&mounts->items[i]);
    if (kinds[i] > SOURCE_MOUNTED) prepare_place(&walker, &mounts->items[i], kinds[i]);
  }
  end_walk(&walker);
  return kinds;
}

static void attach(struct place_walker *walker, const struct mount_request *request, bool recursive) {
  struct place place;
  if (!walk_to(walker, request->target, false, &place)) fail(STEP_MOUNT_INPUT, request->target);
  const struct bind bind = {
      .source = request->source,
      .follow_symlink = request->follow_symlink,
      .recursive = recursive,
      .attributes = MOUNT_ATTR_NOSUID | (request->read_only ? MOUNT_ATTR_RDONLY : 0) |
                    (request->devices ? 0 : MOUNT_ATTR_NODEV),
      .parent = place.parent,
      .name = place.name,
  };
  if (bind_mount(&bind) != 0) fail(STEP_MOUNT_INPUT, request->source);
  forget_below(walker, request->target);
}

static void attach_all(const struct mount_list *mounts, const enum source_kind *kinds, int root, bool recursive) {
  struct place_walker walker;
  start_walk(&walker, root);
  for (size_t i = 0; i < mounts->count; i++)
    if (kinds[i] == SOURCE_DIRECTORY || kinds[i] == SOURCE_FILE) attach(&walker, &mounts->items[i], recursive);
  end_walk(&walker);
}

/* Directories that were made for this build: what is mounted below them gets its mount points in them. */
static void attach_bases(const struct mount_list *mounts, int root, bool recursive) {
  struct place_walker walker;
  start_walk(&walker, root);
  for (size_t i = 0; i < mounts->count; i++) {
    if (!mounts->items[i].base) continue;
    enum source_kind kind = find_kind(&mounts->items[i]);
    if (kind != SOURCE_DIRECTORY) fail_with(&(struct failure){STEP_MOUNT_INPUT, ENOTDIR, mounts->items[i].source, NULL, NULL});
    prepare_place(&walker, &mounts->items[i], kind);
    attach(&walker, &mounts->items[i], recursive);
  }
  end_walk(&walker);
}

/* The root, mounted: one in memory, or the caller's directory. */
static int mount_root(const struct sandbox *sandbox) {
  if (sandbox->fresh_root.present) return make_fresh_root(sandbox);
  int root = bind_onto_itself(sandbox->root, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (root < 0) fail(STEP_MOUNT_ROOT, sandbox->root);
  return root;
}

/* The old root lands on top of the new one and is taken off at once: no directory has to be made for it. */
static void change_root(const struct sandbox *sandbox, int root) {
  bool changed = fchdir(root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
                 chdir("/") == 0;
  if (!changed) fail(STEP_CHANGE_ROOT, sandbox->root);
  close(root);
}

void enter_root(const struct sandbox *sandbox, bool is_root) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail(STEP_MAKE_MOUNTS_PRIVATE, "/");
  int root = mount_root(sandbox);
  /* A user namespace may not take apart what is mounted below a directory; it must bind all of it. */
  bool recursive = sandbox->user_namespace.present;
  attach_bases(&sandbox->mounts, root, recursive);
  if (sandbox->devices) make_devices(sandbox, root);
  if (sandbox->proc) make_proc_directory(root);
  enum source_kind *kinds = prepare_places(&sandbox->mounts, root);
  attach_all(&sandbox->mounts, kinds, root, recursive);
  free(kinds);
  if (sandbox->proc) mount_proc(sandbox, root, is_root);
  change_root(sandbox, root);
}
