/* Looks through /proc, where programs say what they use: their executables, directories, open files, mappings and
 * environments. What may not be read, or has ended, is passed over. */
#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 64, CHUNK = 65536 };

static void scan_link(const struct scanner *scanner, const char *name) {
  char target[CANDIDATE_MAX];
  const ssize_t length = readlink(name, target, sizeof target);
  if (length > 0) scan(scanner, target, (size_t)length, true, name);
}

static void scan_file(const struct scanner *scanner, const char *name) {
  static char bytes[CANDIDATE_MAX + CHUNK];
  const int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return;
  size_t kept = 0;
  for (;;) {
    const ssize_t count = read(file, bytes + kept, CHUNK);
    const bool last = count <= 0;
    const size_t length = kept + (last ? 0 : (size_t)count);
    kept = scan(scanner, bytes, length, last, name);
    if (last) break;
    /* What may go on is shorter than the longest path, or it is none. */
    if (kept > CANDIDATE_MAX) kept = 0;
    memmove(bytes, bytes + length - kept, kept);
  }
  close(file);
}

static void scan_descriptors(const struct scanner *scanner, const char *process) {
  char name[NAME_SIZE * 2];
  snprintf(name, sizeof name, "%s/fd", process);
  DIR *directory = opendir(name);
  if (directory == NULL) return;
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/fd/%.20s", process, entry->d_name);
    scan_link(scanner, name);
  }
  closedir(directory);
}

static void scan_process(const struct scanner *scanner, const char *process) {
  static const char *const links[] = {"exe", "cwd"};
  static const char *const files[] = {"maps", "environ"};
  char name[NAME_SIZE * 2];
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    snprintf(name, sizeof name, "%s/%s", process, links[i]);
    scan_link(scanner, name);
  }
  scan_descriptors(scanner, process);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(name, sizeof name, "%s/%s", process, files[i]);
    scan_file(scanner, name);
  }
}

void scan_processes(const struct scanner *scanner) {
  static const char *const settings[] = {"modprobe", "fbsplash", "poweroff_cmd"};
  char name[NAME_SIZE];
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    snprintf(name, sizeof name, "/proc/sys/kernel/%s", settings[i]);
    scan_file(scanner, name);
  }
  DIR *directory = opendir("/proc");
  if (directory == NULL) return;
  for (struct dirent *entry = readdir(directory); entry != NULL && !output_failed(); entry = readdir(directory)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(name, sizeof name, "/proc/%.20s", entry->d_name);
    scan_process(scanner, name);
  }
  closedir(directory);
}
