/* The processes below the launcher and their namespaces. */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "report.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

/* struct clone_args of the kernel, up to what Linux 5.7 knows. */
struct clone_arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static uint64_t namespace_flags(const struct sandbox *sandbox) {
  if (!sandbox->present) return 0;
  uint64_t flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
  if (sandbox->private_network) flags |= CLONE_NEWNET;
  return flags;
}

/* The directory of a file such as /sys/fs/cgroup/x/cgroup.procs when it is in the unified hierarchy, else -1. */
static int open_unified_cgroup(const char *file) {
  char directory[PATH_MAX];
  const char *slash = strrchr(file, '/');
  if (slash == NULL || slash == file || (size_t)(slash - file) >= sizeof directory) return -1;
  memcpy(directory, file, (size_t)(slash - file));
  directory[slash - file] = '\0';
  int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct statfs info;
  if (fd >= 0 && fstatfs(fd, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

/* Being born in the control group is both safer and faster than moving there: a move waits for a grace period. */
static pid_t clone_into_cgroup(uint64_t flags, const char *file) {
  int fd = open_unified_cgroup(file);
  if (fd < 0) {
    errno = ENOSYS;
    return -1;
  }
  struct clone_arguments arguments = {
      .flags = flags | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
  pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child != 0) {
    int error = errno;
    close(fd);
    errno = error;
  }
  return child;
}

/* clone(2) as fork(2): no new stack, so the child returns from here too. */
static pid_t clone_plain(uint64_t flags) {
  pid_t child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child < 0) fail(STEP_CREATE_PROCESS, NULL);
  return child;
}

pid_t create_guard(const struct sandbox *sandbox) {
  return clone_plain(CLONE_NEWPID | (sandbox->user_namespace.present ? CLONE_NEWUSER : 0));
}

pid_t create_builder(const struct specification *specification, size_t *joined) {
  uint64_t flags = namespace_flags(&specification->sandbox);
  *joined = 0;
  if (specification->cgroups.count > 0) {
    pid_t child = clone_into_cgroup(flags, specification->cgroups.items[0]);
    *joined = child >= 0 ? 1 : 0;
    if (child >= 0) return child;
    if (errno != ENOSYS && errno != EINVAL && errno != E2BIG) fail(STEP_CREATE_PROCESS, specification->cgroups.items[0]);
  }
  return clone_plain(flags);
}

static void write_file(enum step step, const char *path, const char *text) {
  size_t length = strlen(text);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, length) != (ssize_t)length) fail(step, path);
  close(fd);
}

void join_cgroups(const struct string_list *cgroups, size_t joined) {
  for (size_t i = joined; i < cgroups->count; i++) write_file(STEP_JOIN_CGROUP, cgroups->items[i], "0");
}

void hide_cgroup(void) {
  if (unshare(CLONE_NEWCGROUP) != 0 && errno != EINVAL) fail(STEP_HIDE_CGROUP, NULL);
}

static void write_map(const char *path, uint32_t inner, unsigned outer) {
  char line[64];
  snprintf(line, sizeof line, "%u %u 1\n", inner, outer);
  write_file(STEP_MAP_IDENTITY, path, line);
}

void map_identity(const struct user_namespace *user_namespace, uid_t outer_uid, gid_t outer_gid) {
  write_file(STEP_MAP_IDENTITY, "/proc/self/setgroups", "deny");
  write_map("/proc/self/uid_map", user_namespace->inner_uid, outer_uid);
  write_map("/proc/self/gid_map", user_namespace->inner_gid, outer_gid);
}
