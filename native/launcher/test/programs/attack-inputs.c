/* Tries to change an input, or to get a name for it that it could be changed by.
 *
 *   attack-inputs DIRECTORY FILE [nested]
 *
 * DIRECTORY is an input with a file `file` in it, FILE an input that is a file. In the current directory, which is the
 * builder's own.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"
#include "nested.h"

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

static void change(const char *kind, const char *file) {
  char name[64];
  const char *const ways[] = {"write", "append", "truncate", "chmod", "utimes", "unlink", "rename", "link"};
  for (int way = 0; way < 8; way++) {
    snprintf(name, sizeof name, "%s-%s", kind, ways[way]);
    long result = way == 0   ? open(file, O_WRONLY)
                  : way == 1 ? open(file, O_WRONLY | O_APPEND)
                  : way == 2 ? truncate(file, 0)
                  : way == 3 ? chmod(file, 0777)
                  : way == 4 ? utimensat(AT_FDCWD, file, NULL, 0)
                  : way == 5 ? unlink(file)
                  : way == 6 ? rename(file, "renamed")
                             : link(file, "linked");
    attempted(name, result);
  }
}

static void change_mounts(const char *directory, const char *file) {
  struct mount_attr writable = {.attr_clr = MOUNT_ATTR_RDONLY};
  attempted("remount-directory", mount(NULL, directory, NULL, MS_REMOUNT | MS_BIND, NULL));
  attempted("remount-file", mount(NULL, file, NULL, MS_REMOUNT | MS_BIND, NULL));
  attempted("remount-suid", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
  attempted("unmount-directory", umount2(directory, 0));
  attempted("unmount-file", umount2(file, 2));
  attempted("setattr-directory", syscall(SYS_mount_setattr, AT_FDCWD, directory, 0, &writable, sizeof writable));
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  attempted("clone-tree", tree);
  attempted("setattr-clone", tree < 0 ? tree : syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &writable, sizeof writable));
  attempted("bind-elsewhere", mount(directory, "mounted", NULL, MS_BIND, NULL));
  attempted("remount-elsewhere", mount(NULL, "mounted", NULL, MS_REMOUNT | MS_BIND, NULL));
}

int main(int argc, char **argv) {
  char inner[4096];
  if (argc < 3) return 64;
  if (argc > 3) attempted("nested", enter_nested_namespace() ? 0 : -1);
  mkdir("mounted", 0755);
  snprintf(inner, sizeof inner, "%s/file", argv[1]);
  change_mounts(argv[1], argv[2]);
  change("inner", inner);
  change("file", argv[2]);
  attempted("create-in-directory", open(strcat(inner, "-new"), O_CREAT | O_WRONLY, 0644));
  attempted("chmod-directory", chmod(argv[1], 0777));
  attempted("rename-directory", rename(argv[1], "taken"));
  attempted("remove-directory", rmdir(argv[1]));
  return 0;
}
