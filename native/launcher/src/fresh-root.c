/* A root in memory: a small file system of its own, and the files that the caller wants in it. */
#include "fresh-root.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mount-calls.h"
#include "mount-points.h"
#include "report.h"

/* Room for /etc. What builds write goes to the directories that are mounted in it. */
#define ROOM "size=1m"

static void name_options(const struct fresh_root *fresh, char *options, size_t size) {
  if (fresh->gid.present)
    snprintf(options, size, ROOM ",mode=%04o,gid=%u", (unsigned)fresh->mode, (unsigned)fresh->gid.value);
  else
    snprintf(options, size, ROOM ",mode=%04o", (unsigned)fresh->mode);
}

static void make_file(struct place_walker *walker, const struct root_file *file) {
  struct place place;
  size_t length = strlen(file->contents);
  if (!walk_to(walker, file->path, true, &place)) fail(STEP_MOUNT_ROOT, file->path);
  int fd = openat(place.parent, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, file->contents, length) != (ssize_t)length || fchmod(fd, (mode_t)file->mode) != 0)
    fail(STEP_MOUNT_ROOT, file->path);
  close(fd);
}

static void make_files(const struct root_file_list *files, int root) {
  struct place_walker walker;
  start_walk(&walker, root);
  for (size_t i = 0; i < files->count; i++) make_file(&walker, &files->items[i]);
  end_walk(&walker);
}

int make_fresh_root(const struct sandbox *sandbox) {
  char options[64];
  name_options(&sandbox->fresh_root, options, sizeof options);
  const struct new_mount mount = {.type = "tmpfs",
                                  .flags = MS_NOSUID | MS_NODEV,
                                  .options = options,
                                  .parent = AT_FDCWD,
                                  .name = sandbox->root};
  if (mount_new(&mount) != 0) fail(STEP_MOUNT_ROOT, sandbox->root);
  int root = open(sandbox->root, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (root < 0) fail(STEP_MOUNT_ROOT, sandbox->root);
  make_files(&sandbox->fresh_root.files, root);
  return root;
}
