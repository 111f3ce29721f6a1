/* Tries what lies outside the sandbox without going through files of the build: the kernel's switches, other processes,
 * keyrings, privileges.
 *
 *   attack-kernel HOST-PID
 */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

static void with_files(void) {
  static const char *const writable[] = {"/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern",
                                         "/proc/sys/kernel/hostname", "/proc/sys/vm/drop_caches",
                                         "/proc/sys/kernel/ns_last_pid", "/proc/irq/default_smp_affinity"};
  static const char *const readable[] = {"/proc/kcore", "/proc/kmsg",   "/sys",         "/dev/mem", "/dev/kmsg",
                                         "/dev/kvm",    "/dev/net/tun", "/dev/console", "/dev/vda", "/dev/fuse"};
  char name[64];
  for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
    snprintf(name, sizeof name, "write %s", writable[i]);
    int fd = open(writable[i], O_WRONLY);
    attempted(name, fd < 0 ? fd : write(fd, "1", 1));
  }
  for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
    snprintf(name, sizeof name, "read %s", readable[i]);
    attempted(name, open(readable[i], O_RDONLY));
  }
}

static void with_processes(pid_t host) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", host);
  attempted("host-process", open(path, O_RDONLY));
  attempted("signal-host", kill(host, 0));
  attempted("trace-host", ptrace(PTRACE_SEIZE, host, NULL, NULL));
  attempted("kill-everybody", kill(-1, SIGTERM));
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  attempted("trace-own-child", ptrace(PTRACE_SEIZE, child, NULL, NULL));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void with_calls(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event};
  uint32_t attributes[32] = {0};
  attempted("keyctl-session", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
  attempted("add-key", syscall(SYS_add_key, "user", "left", "behind", 6, KEY_SPEC_USER_KEYRING));
  attempted("request-key", syscall(SYS_request_key, "user", "left", NULL, KEY_SPEC_USER_KEYRING));
  attempted("bpf", syscall(SYS_bpf, 0, attributes, sizeof attributes));
  attempted("perf", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
  attempted("userfaultfd", syscall(SYS_userfaultfd, 0));
  attempted("kernel-log", syscall(SYS_syslog, 3, attributes, sizeof attributes));
  attempted("reboot", reboot(RB_DISABLE_CAD));
  attempted("handle", syscall(SYS_open_by_handle_at, AT_FDCWD, attributes, O_RDONLY));
  attempted("module", syscall(SYS_finit_module, 0, "", 0));
  attempted("host-name", sethostname("changed", 7));
  attempted("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
  attempted("device", mknod("device", S_IFCHR | 0600, 259));
  attempted("user-namespace", unshare(CLONE_NEWUSER));
}

static void with_identity(void) {
  attempted("setuid-root", setuid(0));
  attempted("setgid-root", setgid(0));
  attempted("setgroups", syscall(SYS_setgroups, 0, NULL));
  attempted("chown-root", chown(".", 0, (gid_t)-1));
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  with_files();
  with_identity();
  with_processes(atoi(argv[1]));
  with_calls();
  return 0;
}
