/* One change of a mode that the filter has handed on: what file the caller means, as the caller sees it, and the change. */
#include "mode-change.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "seccomp.h"

#define CALL_OPENAT2 437
#define HARMLESS_BITS 01777U
#define KNOWN_FLAGS (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)

/* The call, whichever of the four it is. `path` is the caller's pointer, 0 where there is none. */
struct request {
  pid_t caller;
  int directory;
  uint64_t path;
  mode_t mode;
  int flags;
};

static bool decode(const struct seccomp_notif *call, struct request *request) {
  const uint64_t *args = (const uint64_t *)call->data.args;
  *request = (struct request){.caller = (pid_t)call->pid, .directory = (int)args[0]};
  switch (treatment_of(call->data.arch, call->data.nr)) {
    case CHMOD_PATH:
      request->directory = AT_FDCWD;
      request->path = args[0];
      request->mode = (mode_t)args[1];
      return true;
    case CHMOD_FD: request->mode = (mode_t)args[1]; return true;
    case CHMOD_AT_FLAGS: request->flags = (int)args[3]; /* fall through */
    case CHMOD_AT:
      request->path = args[1];
      request->mode = (mode_t)args[2];
      return true;
    default: return false;
  }
}

/* The string at the caller's address. It may end shortly before memory does, so a page border parts the reading. */
static int read_path(const struct request *request, char path[static PATH_MAX]) {
  size_t page = 4096, first = page - (size_t)(request->path % page);
  struct iovec local = {.iov_base = path, .iov_len = PATH_MAX};
  struct iovec remote[] = {{.iov_base = (void *)(uintptr_t)request->path, .iov_len = first},
                           {.iov_base = (void *)(uintptr_t)(request->path + first), .iov_len = PATH_MAX - first}};
  ssize_t length = process_vm_readv(request->caller, &local, 1, remote, 2, 0);
  if (length <= 0) return length == 0 ? EFAULT : errno;
  if (memchr(path, '\0', (size_t)length) == NULL) return length == PATH_MAX ? ENAMETOOLONG : EFAULT;
  return 0;
}

/* Something of the caller's in /proc, such as `cwd`. */
static int open_of_caller(int proc, pid_t caller, const char *name) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%d/%s", (int)caller, name);
  return openat(proc, path, O_PATH | O_CLOEXEC);
}

static int open_base(int proc, const struct request *request) {
  char name[32];
  if (request->directory == AT_FDCWD) return open_of_caller(proc, request->caller, "cwd");
  snprintf(name, sizeof name, "fd/%d", request->directory);
  int fd = open_of_caller(proc, request->caller, name);
  if (fd < 0 && errno == ENOENT) errno = EBADF;
  return fd;
}

static int open_below(int base, const char *path, int flags, uint64_t resolve) {
  struct open_how how = {.flags = (uint32_t)(O_PATH | O_CLOEXEC | flags), .resolve = resolve};
  if (base < 0) return -1;
  int fd = (int)syscall(CALL_OPENAT2, base, path, &how, sizeof how);
  int error = errno;
  close(base);
  errno = error;
  return fd;
}

/* What follows /proc/self/ or /proc/thread-self/: the service is another `self` than the caller. */
static const char *behind_self(const char *path) {
  static const char *const names[] = {"/proc/self/", "/proc/thread-self/"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strncmp(path, names[i], strlen(names[i])) == 0) return path + strlen(names[i]);
  return NULL;
}

static int open_path(int proc, const struct request *request, const char *path) {
  int flags = (request->flags & AT_SYMLINK_NOFOLLOW) != 0 ? O_NOFOLLOW : 0;
  const char *own = behind_self(path);
  if (path[0] == '\0' && (request->flags & AT_EMPTY_PATH) != 0) return open_base(proc, request);
  if (own != NULL && flags == 0 && strstr(own, "..") == NULL) return open_of_caller(proc, request->caller, own);
  if (path[0] != '/') return open_below(open_base(proc, request), path, flags, 0);
  return open_below(open_of_caller(proc, request->caller, "root"), path, flags, RESOLVE_IN_ROOT);
}

static int open_target(int proc, const struct request *request) {
  char path[PATH_MAX];
  if (request->path == 0) return open_base(proc, request);
  errno = read_path(request, path);
  return errno != 0 ? -1 : open_path(proc, request, path);
}

/* By the descriptor's name: a mere handle has no other way to its mode on older kernels. */
static int apply(int proc, int target, mode_t mode) {
  char name[32];
  snprintf(name, sizeof name, "self/fd/%d", target);
  return fchmodat(proc, name, mode & HARMLESS_BITS, 0) == 0 ? 0 : errno;
}

int change_mode(int proc, int listener, const struct seccomp_notif *call) {
  struct request request;
  if (!decode(call, &request)) return ENOSYS;
  if ((request.flags & ~KNOWN_FLAGS) != 0) return EINVAL;
  int target = open_target(proc, &request);
  if (target < 0) return errno;
  /* Else the caller may have ended, and its number be another process's, whose file this is. */
  bool valid = ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0;
  int error = valid ? apply(proc, target, request.mode) : EINTR;
  close(target);
  return error;
}
