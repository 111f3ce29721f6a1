/* Places below the new root where something gets mounted, found or made one component at a time.
 *
 * No symbolic link is followed on the way, so a place below the root stays below the root.
 */
#ifndef LAUNCHER_MOUNT_POINTS_H
#define LAUNCHER_MOUNT_POINTS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Walks below `root`, remembering the last directory: the inputs of a build nearly all lie in one. */
struct place_walker {
  int root;
  int parent; /* -1 when nothing is remembered */
  char parent_path[PATH_MAX];
};

/* The directory of a place, and the place's name in it. */
struct place {
  int parent;
  const char *name;
};

void start_walk(struct place_walker *walker, int root);
void end_walk(struct place_walker *walker);

/* Goes to the directory of the absolute `path`; false with errno. Missing directories are made when `create` is set. */
bool walk_to(struct place_walker *walker, const char *path, bool create, struct place *place);

/* Forgets the remembered directory if `path` is it or lies above it: something else is mounted there now. */
void forget_below(struct place_walker *walker, const char *path);

/* Makes the place that something of type `mode` (S_IFDIR or any other) can be mounted on; one that is there already is
 * fine when its type fits. False with errno. */
bool make_place(const struct place *place, mode_t mode);

/* Makes a symbolic link with the target and the times of the one at `source`, which cannot itself be bound. False with
 * errno. */
bool copy_symlink(const char *source, const struct place *place);

#endif
