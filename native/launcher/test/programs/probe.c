/* Writes down what a builder sees, in sections: a line `== name`, then the section's text.
 *
 * The names are those of the files that a recording of the reference daemon has of the same things.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static void show_file(const char *name, const char *path) {
  char buffer[65536], last = '\n';
  printf("== %s\n", name);
  fflush(stdout);
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("absent\n");
    return;
  }
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0; last = buffer[got - 1])
    if (write(1, buffer, (size_t)got) != got) exit(70);
  close(fd);
  if (last != '\n') putchar('\n');
  fflush(stdout);
}

static void show_entry(const char *directory, const char *name) {
  char path[8192], target[4096] = "";
  struct stat info;
  snprintf(path, sizeof path, "%s/%s", directory, name);
  if (lstat(path, &info) != 0) return;
  ssize_t length = readlink(path, target, sizeof target - 1);
  target[length < 0 ? 0 : length] = '\0';
  printf("%06o %u %u %s%s%s\n", info.st_mode, info.st_uid, info.st_gid, name, length < 0 ? "" : " -> ", target);
}

/* The entries of a directory: mode, owner, group, name, and where a link points. */
static void show_directory(const char *name, const char *path) {
  struct dirent **entries;
  printf("== %s\n", name);
  int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) printf("absent\n");
  for (int i = 0; i < count; i++) {
    if (strcmp(entries[i]->d_name, "..") != 0) show_entry(path, entries[i]->d_name);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

static void show_process(void) {
  char directory[4096];
  struct utsname system;
  mode_t mask = umask(0);
  printf("== umask\n%04o\n== cwd\n%s\n", mask, getcwd(directory, sizeof directory));
  umask(mask);
  uname(&system);
  printf("== hostname\n%s\n== domainname\n%s\n== machine\n%s\n== release\n%s\n", system.nodename, system.domainname,
         system.machine, system.release);
  printf("== session\n%d %d %d %d\n", getpid(), getppid(), getpgrp(), getsid(0));
}

int main(void) {
  static const char *const files[][2] = {
      {"environ", "/proc/self/environ"},     {"cmdline", "/proc/self/cmdline"},
      {"proc-status", "/proc/self/status"},  {"proc-limits", "/proc/self/limits"},
      {"mountinfo", "/proc/self/mountinfo"}, {"cgroup", "/proc/self/cgroup"},
      {"personality", "/proc/self/personality"}, {"oom-score-adj", "/proc/self/oom_score_adj"},
      {"idmaps", "/proc/self/uid_map"},      {"proc-net-dev", "/proc/net/dev"},
      {"proc-net-unix", "/proc/net/unix"},   {"proc-keys", "/proc/keys"},
  };
  static const char *const directories[][2] = {{"fds", "/proc/self/fd"}, {"ls-root", "/"},     {"ls-dev", "/dev"},
                                               {"ls-dev-pts", "/dev/pts"}, {"ls-etc", "/etc"}, {"ls-tmp", "/tmp"},
                                               {"ls-store", "/gnu/store"}, {"ls-proc", "/proc"}, {"ls-sys", "/sys"}};
  show_process();
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
    show_directory(directories[i][0], directories[i][1]);
    fflush(stdout);
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) show_file(files[i][0], files[i][1]);
  return 0;
}
