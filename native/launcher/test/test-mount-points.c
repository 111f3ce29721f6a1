/* Mount points: found and made below a root, and never through a symbolic link. */
#include "mount-points.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* The errno of making the place `path`, 0 when that went well. */
static int make(int root, const char *path, mode_t mode) {
  struct place_walker walker;
  struct place place;
  start_walk(&walker, root);
  bool made = walk_to(&walker, path, true, &place) && make_place(&place, mode);
  int error = made ? 0 : errno;
  end_walk(&walker);
  return error;
}

static void check_symlinks(int root) {
  if (symlinkat("/etc", root, "absolute") != 0 || symlinkat("..", root, "up") != 0) abort();
  if (symlinkat("file", root, "link") != 0) abort();
  CHECK(make(root, "/absolute/x", S_IFDIR) == ENOTDIR, "through an absolute link");
  CHECK(make(root, "/up/x", S_IFDIR) == ENOTDIR, "through a link upwards");
  CHECK(make(root, "/link", S_IFREG) == ELOOP, "a file place that is a link");
  CHECK(make(root, "/up", S_IFDIR) == ENOTDIR, "a directory place that is a link");
  CHECK(faccessat(root, "../x", F_OK, 0) != 0 && access("/etc/x", F_OK) != 0, "something was made outside");
}

static void check_places(int root) {
  struct stat info;
  CHECK(make(root, "/a/b/c", S_IFDIR) == 0 && fstatat(root, "a/b/c", &info, 0) == 0 && S_ISDIR(info.st_mode), "directory");
  CHECK(make(root, "/a/b/f", S_IFREG) == 0 && fstatat(root, "a/b/f", &info, 0) == 0 && S_ISREG(info.st_mode), "file");
  CHECK(make(root, "/a/b/c", S_IFDIR) == 0 && make(root, "/a/b/f", S_IFREG) == 0, "places that are there");
  CHECK(make(root, "/a/b/f", S_IFDIR) == ENOTDIR && make(root, "/a/b/c", S_IFREG) == EISDIR, "places of the other type");
  CHECK(make(root, "/a/b/f/g", S_IFREG) == ENOTDIR, "below a file");
}

static void check_memory(int root) {
  struct place_walker walker;
  struct place place;
  start_walk(&walker, root);
  CHECK(walk_to(&walker, "/a/b/one", false, &place) && strcmp(place.name, "one") == 0, "one");
  int parent = place.parent;
  CHECK(walk_to(&walker, "/a/b/two", false, &place) && place.parent == parent, "the directory is remembered");
  forget_below(&walker, "/a/bb");
  CHECK(walker.parent == parent, "another directory was forgotten");
  forget_below(&walker, "/a");
  CHECK(walker.parent == -1, "a directory below the mount is still remembered");
  CHECK(!walk_to(&walker, "/none/x", false, &place) && errno == ENOENT, "a directory was made");
  CHECK(walk_to(&walker, "/x", false, &place) && strcmp(place.name, "x") == 0, "directly below the root");
  end_walk(&walker);
}

int main(void) {
  char directory[] = "/tmp/test-mount-points-XXXXXX", command[128];
  if (mkdtemp(directory) == NULL) return 70;
  int root = open(directory, O_PATH | O_DIRECTORY);
  check_places(root);
  check_symlinks(root);
  check_memory(root);
  close(root);
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command) == 0 ? check_result("mount-points") : 70;
}
