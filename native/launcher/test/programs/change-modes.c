/* Changes modes with set-id bits in every way that a recipe might, and says what came of it: `WAY: OK 0755`.
 *
 *   change-modes
 *
 * In the current directory.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"
#include "nested.h"

#define CALL_FCHMODAT2 452
#define WANTED 06711U

static void show(const char *way, const char *file, long result) {
  struct stat info;
  int error = errno;
  unsigned mode = stat(file, &info) == 0 ? (unsigned)(info.st_mode & 07777) : 0;
  printf("%s: %s %04o\n", way, result >= 0 ? "OK" : strerrorname_np(error), mode);
}

static int fresh(const char *file) {
  unlink(file);
  return open(file, O_CREAT | O_RDWR, 0600);
}

static void *in_thread(void *unused) {
  fresh("thread");
  show("thread", "thread", syscall(SYS_fchmodat, AT_FDCWD, "thread", WANTED));
  return unused;
}

static void below_a_root(void) {
  if (fork() == 0) {
    if (mkdir("root", 0755) != 0 || !enter_nested_namespace() || chroot("root") != 0 || chdir("/") != 0) _exit(1);
    fresh("/file");
    show("chroot", "/file", syscall(SYS_fchmodat, AT_FDCWD, "/file", WANTED));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
}

int main(void) {
  char path[4200], long_name[5000];
  int fd = fresh("file"), here = open(".", O_DIRECTORY | O_RDONLY);
  pthread_t thread;
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  setvbuf(stdout, NULL, _IOLBF, 0);
  show("fchmod", "file", fchmod(fd, WANTED));
  fresh("file");
  show("relative", "file", syscall(SYS_fchmodat, AT_FDCWD, "file", WANTED));
  fresh("file");
  show("below", "file", syscall(SYS_fchmodat, here, "file", WANTED));
  fresh("file");
  if (getcwd(path, 4096) == NULL) return 1;
  show("absolute", "file", syscall(SYS_fchmodat, AT_FDCWD, strcat(path, "/file"), WANTED));
  fd = fresh("file");
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  show("proc", "file", syscall(SYS_fchmodat, AT_FDCWD, path, WANTED));
  fd = fresh("file");
  show("empty", "file", syscall(CALL_FCHMODAT2, fd, "", WANTED, AT_EMPTY_PATH));
  fresh("file");
  if (symlink("file", "link") != 0) return 1;
  show("link", "file", syscall(SYS_fchmodat, AT_FDCWD, "link", WANTED));
  show("link-itself", "link", syscall(CALL_FCHMODAT2, AT_FDCWD, "link", WANTED, AT_SYMLINK_NOFOLLOW));
  show("flags", "absent", syscall(CALL_FCHMODAT2, AT_FDCWD, "file", WANTED, 1));
  show("absent", "absent", syscall(SYS_fchmodat, AT_FDCWD, "absent", WANTED));
  show("closed", "absent", fchmod(999, WANTED));
  show("nowhere", "absent", syscall(SYS_fchmodat, AT_FDCWD, (char *)8, WANTED));
  show("long", "absent", syscall(SYS_fchmodat, AT_FDCWD, long_name, WANTED));
  show("other", "absent", syscall(SYS_fchmodat, AT_FDCWD, "/proc/1/../sys/kernel/version", WANTED));
  if (pthread_create(&thread, NULL, in_thread, NULL) != 0) return 1;
  pthread_join(thread, NULL);
  below_a_root();
  return 0;
}
