/* Tries to open the sandbox to the outside: to make its root, or what lies above the build directory, writable or
 * visible, and to write where a build has nothing to write.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"

static long create(const char *path) {
  return open(path, O_CREAT | O_WRONLY, 0644);
}

int main(void) {
  attempted("create-in-root", create("/x"));
  attempted("make-directory-in-root", mkdir("/d", 0755));
  attempted("chmod-root", chmod("/", 0777));
  attempted("create-in-opened-root", create("/y"));
  attempted("chmod-own-directory", chmod(".", 0777));
  attempted("chmod-parent", chmod("..", 0777));
  attempted("create-in-dev", create("/dev/x"));
  attempted("create-in-etc", create("/etc/x"));
  attempted("create-in-shm", create("/dev/shm/x"));
  attempted("create-in-build-directory", create("x"));
  attempted("above-root", access("/../../etc/shadow", F_OK));
  attempted("old-root", access("/proc/1/root/etc/shadow", F_OK));
  return 0;
}
