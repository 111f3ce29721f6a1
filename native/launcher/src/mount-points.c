/* Places below the new root where something gets mounted, found or made one component at a time. */
#include "mount-points.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIRECTORY (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

void start_walk(struct place_walker *walker, int root) {
  walker->root = root;
  walker->parent = -1;
}

void end_walk(struct place_walker *walker) {
  if (walker->parent >= 0) close(walker->parent);
  walker->parent = -1;
}

/* Opens the directory `name` in `parent`, making it if that is wanted. */
static int open_component(int parent, const char *name, bool create) {
  int fd = openat(parent, name, OPEN_DIRECTORY);
  if (fd >= 0 || errno != ENOENT || !create) return fd;
  if (mkdirat(parent, name, 0755) != 0 && errno != EEXIST) return -1;
  return openat(parent, name, OPEN_DIRECTORY);
}

/* Opens the directory at `path` ("", "/gnu", "/gnu/store" …) below the root. */
static int open_below(const struct place_walker *walker, const char *path, bool create) {
  int fd = fcntl(walker->root, F_DUPFD_CLOEXEC, 0);
  while (fd >= 0 && *path == '/') {
    char name[NAME_MAX + 1];
    size_t length = strcspn(++path, "/");
    if (length > NAME_MAX) length = NAME_MAX;
    memcpy(name, path, length);
    name[length] = '\0';
    path += length;
    int next = open_component(fd, name, create);
    int error = errno;
    close(fd);
    errno = error;
    fd = next;
  }
  return fd;
}

bool walk_to(struct place_walker *walker, const char *path, bool create, struct place *place) {
  const char *slash = strrchr(path, '/');
  size_t length = (size_t)(slash - path);
  bool remembered = walker->parent >= 0 && strncmp(walker->parent_path, path, length) == 0 &&
                    walker->parent_path[length] == '\0';
  if (!remembered) {
    end_walk(walker);
    memcpy(walker->parent_path, path, length);
    walker->parent_path[length] = '\0';
    walker->parent = open_below(walker, walker->parent_path, create);
    if (walker->parent < 0) return false;
  }
  *place = (struct place){.parent = walker->parent, .name = slash + 1};
  return true;
}

void forget_below(struct place_walker *walker, const char *path) {
  size_t length = strlen(path);
  if (walker->parent < 0 || strncmp(walker->parent_path, path, length) != 0) return;
  if (walker->parent_path[length] == '\0' || walker->parent_path[length] == '/') end_walk(walker);
}

static bool make_entry(const struct place *place, mode_t mode) {
  if (S_ISDIR(mode)) return mkdirat(place->parent, place->name, 0755) == 0;
  int fd = openat(place->parent, place->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  return fd >= 0 && close(fd) == 0;
}

bool make_place(const struct place *place, mode_t mode) {
  struct stat info;
  if (make_entry(place, mode)) return true;
  if (errno != EEXIST) return false;
  if (fstatat(place->parent, place->name, &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (S_ISDIR(info.st_mode) == S_ISDIR(mode) && !S_ISLNK(info.st_mode)) return true;
  errno = S_ISDIR(mode) ? ENOTDIR : S_ISLNK(info.st_mode) ? ELOOP : EISDIR;
  return false;
}

bool copy_symlink(const char *source, const struct place *place) {
  char target[PATH_MAX];
  struct stat info;
  ssize_t length = readlink(source, target, sizeof target - 1);
  if (length < 0 || lstat(source, &info) != 0) return false;
  target[length] = '\0';
  if (symlinkat(target, place->parent, place->name) != 0) return false;
  const struct timespec times[2] = {info.st_atim, info.st_mtim};
  return utimensat(place->parent, place->name, times, AT_SYMLINK_NOFOLLOW) == 0;
}
