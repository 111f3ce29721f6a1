/* Tries every way to give a file or directory a set-id bit, and a few modes that must keep working.
 *
 *   attack-set-id [nested]
 *
 * In the current directory. `nested` does it as root of a user namespace of its own. Afterwards one line per way says
 * whether the bit is there: `bit on NAME: no`.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"
#include "nested.h"

#define SET_IDS 06755U

/* Numbers that headers may lack. */
#define CALL_OPENAT2 437
#define CALL_FCHMODAT2 452
#define CALL_IO_URING_SETUP 425
#define X32_BIT 0x40000000

struct open_how64 {
  uint64_t flags, mode, resolve;
};

/* Static, so that the 32-bit calls can point at them. */
static char name[64];
static uint32_t io_uring_parameters[64];

static const char *fresh(const char *way) {
  snprintf(name, sizeof name, "%s", way);
  unlink(name);
  return name;
}

static const char *file_for(const char *way) {
  close(open(fresh(way), O_CREAT | O_WRONLY, 0644));
  return name;
}

static void check_bit(const char *way) {
  struct stat info;
  bool set = lstat(way, &info) == 0 && (info.st_mode & 06000) != 0;
  printf("bit on %s: %s\n", way, set ? "YES" : "no");
}

static void with_native_calls(void) {
  struct open_how64 how = {O_CREAT | O_WRONLY, SET_IDS, 0};
  char path[64];
  attempted("chmod", syscall(SYS_chmod, file_for("chmod"), SET_IDS));
  attempted("chmod-setgid", syscall(SYS_chmod, file_for("chmod-setgid"), 02755U));
  attempted("fchmod", fchmod(open(file_for("fchmod"), O_RDWR), SET_IDS));
  attempted("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, file_for("fchmodat"), SET_IDS));
  attempted("fchmodat2", syscall(CALL_FCHMODAT2, AT_FDCWD, file_for("fchmodat2"), SET_IDS, 0));
  attempted("creat", syscall(SYS_creat, fresh("creat"), SET_IDS));
  attempted("open", syscall(SYS_open, fresh("open"), O_CREAT | O_WRONLY, SET_IDS));
  attempted("openat", syscall(SYS_openat, AT_FDCWD, fresh("openat"), O_CREAT | O_WRONLY, SET_IDS));
  attempted("openat-tmpfile", syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, SET_IDS));
  attempted("openat2", syscall(CALL_OPENAT2, AT_FDCWD, fresh("openat2"), &how, sizeof how));
  attempted("mknod", syscall(SYS_mknod, fresh("mknod"), S_IFREG | SET_IDS, 0));
  attempted("mknodat", syscall(SYS_mknodat, AT_FDCWD, fresh("mknodat"), S_IFREG | SET_IDS, 0));
  attempted("mknod-fifo", syscall(SYS_mknod, fresh("mknod-fifo"), S_IFIFO | SET_IDS, 0));
  attempted("mkdir", syscall(SYS_mkdir, "mkdir", 02755U));
  attempted("mkdirat", syscall(SYS_mkdirat, AT_FDCWD, "mkdirat", 06755U));
  attempted("chmod-directory", syscall(SYS_chmod, "mkdir", 02755U));
  snprintf(path, sizeof path, "/proc/self/fd/%d", open(file_for("proc-fd"), O_RDWR));
  attempted("proc-fd", syscall(SYS_chmod, path, SET_IDS));
  attempted("io-uring", syscall(CALL_IO_URING_SETUP, 4, io_uring_parameters));
}

#ifdef __x86_64__
/* The 32-bit entrance, which is open to 64-bit programs too. Results below 0 are errors. */
static long call32(long number, long first, long second, long third, long fourth) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth)
                   : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0) return result;
  errno = (int)-result;
  return -1;
}

static void with_32_bit_calls(void) {
  long at = (uint32_t)AT_FDCWD;
  attempted("32-getpid", call32(20, 0, 0, 0, 0));
  attempted("32-chmod", call32(15, (long)file_for("32-chmod"), SET_IDS, 0, 0));
  attempted("32-fchmod", call32(94, open(file_for("32-fchmod"), O_RDWR), SET_IDS, 0, 0));
  attempted("32-fchmodat", call32(306, at, (long)file_for("32-fchmodat"), SET_IDS, 0));
  attempted("32-fchmodat2", call32(CALL_FCHMODAT2, at, (long)file_for("32-fchmodat2"), SET_IDS, 0));
  attempted("32-creat", call32(8, (long)fresh("32-creat"), SET_IDS, 0, 0));
  attempted("32-open", call32(5, (long)fresh("32-open"), O_CREAT | O_WRONLY, SET_IDS, 0));
  attempted("32-openat", call32(295, at, (long)fresh("32-openat"), O_CREAT | O_WRONLY, SET_IDS));
  attempted("32-mknod", call32(14, (long)fresh("32-mknod"), S_IFREG | SET_IDS, 0, 0));
  attempted("32-mknodat", call32(297, at, (long)fresh("32-mknodat"), S_IFREG | SET_IDS, 0));
  attempted("32-io-uring", call32(CALL_IO_URING_SETUP, 4, (long)io_uring_parameters, 0, 0));
}

static void with_x32_calls(void) {
  attempted("x32-chmod", syscall(X32_BIT | SYS_chmod, file_for("x32-chmod"), SET_IDS));
  attempted("x32-openat", syscall(X32_BIT | SYS_openat, AT_FDCWD, fresh("x32-openat"), O_CREAT | O_WRONLY, SET_IDS));
  attempted("x32-fchmodat2", syscall(X32_BIT | CALL_FCHMODAT2, AT_FDCWD, file_for("x32-fchmodat2"), SET_IDS, 0));
}
#else
static void with_32_bit_calls(void) {}
static void with_x32_calls(void) {}
#endif

/* Modes without set-id bits, and opens whose unused mode happens to have them. */
static void with_ordinary_modes(void) {
  attempted("ordinary-chmod-0666", chmod(file_for("ordinary"), 0666));
  attempted("ordinary-chmod-01750", chmod(name, 01750));
  attempted("ordinary-open", syscall(SYS_open, name, O_RDONLY, SET_IDS));
  attempted("ordinary-create", open(fresh("created"), O_CREAT | O_WRONLY, 0755));
  attempted("ordinary-fifo", mkfifo(fresh("fifo"), 0600));
}

int main(int argc, char **argv) {
  static const char *const ways[] = {
      "chmod", "chmod-setgid", "fchmod", "fchmodat", "fchmodat2", "creat", "open", "openat", "openat2", "mknod",
      "mknodat", "mknod-fifo", "mkdir", "mkdirat", "proc-fd", "32-chmod", "32-fchmod", "32-fchmodat", "32-fchmodat2",
      "32-creat", "32-open", "32-openat", "32-mknod", "32-mknodat", "x32-chmod", "x32-openat", "x32-fchmodat2"};
  umask(0);
  if (argc > 1 && strcmp(argv[1], "nested") == 0) attempted("nested", enter_nested_namespace() ? 0 : -1);
  with_native_calls();
  with_32_bit_calls();
  with_x32_calls();
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) check_bit(ways[i]);
  with_ordinary_modes();
  return 0;
}
