/* How long one launch takes: launcher, full sandbox, a number of inputs, a builder that does nothing.
 *
 *   bench-launch LAUNCHER BUILDER [ROUNDS [MOUNTS [UID]]]
 *
 * As root. UID 0 runs without a change of ids. Prints the least, the median and the mean in microseconds.
 */
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pack-writer.h"

extern char **environ;

static void write_mount(struct pack_writer *out, const char *source, const char *target) {
  write_map(out, 3);
  write_str(out, "source");
  write_bin(out, source);
  write_str(out, "target");
  write_bin(out, target);
  write_str(out, "readOnly");
  write_bool(out, 1);
}

static void write_sandbox(struct pack_writer *out, const char *base, int mounts) {
  char root[PATH_MAX], source[PATH_MAX], target[PATH_MAX];
  snprintf(root, sizeof root, "%s/root", base);
  write_map(out, 5);
  write_str(out, "root");
  write_bin(out, root);
  write_str(out, "mounts");
  write_array(out, (uint32_t)mounts);
  for (int i = 0; i < mounts; i++) {
    snprintf(source, sizeof source, "%s/inputs/%d", base, i);
    snprintf(target, sizeof target, "/gnu/store/%d", i);
    write_mount(out, source, target);
  }
  write_str(out, "devices");
  write_bool(out, 1);
  write_str(out, "proc");
  write_bool(out, 1);
  write_str(out, "network");
  write_str(out, "private");
}

static void write_identity(struct pack_writer *out, unsigned uid) {
  const char *const fields[] = {"uid", "gid", "groups"};
  for (int i = 0; i < 3; i++) {
    write_str(out, fields[i]);
    if (uid == 0) write_nil(out);
    else if (i < 2) write_uint(out, uid);
    else write_array(out, 0);
  }
}

static struct pack_writer make_specification(const char *base, int mounts, unsigned uid) {
  struct pack_writer out = {0};
  write_map(&out, 10);
  write_str(&out, "version");
  write_uint(&out, 1);
  write_str(&out, "builder");
  write_bin(&out, "/gnu/store/0/builder");
  write_str(&out, "args");
  write_array(&out, 1);
  write_bin(&out, "builder");
  write_str(&out, "environment");
  write_array(&out, 1);
  write_bin(&out, "PATH=/path-not-set");
  write_str(&out, "workingDirectory");
  write_bin(&out, "/");
  write_str(&out, "personality");
  write_map(&out, 1);
  write_str(&out, "noRandomize");
  write_bool(&out, 1);
  write_identity(&out, uid);
  write_str(&out, "sandbox");
  write_sandbox(&out, base, mounts);
  return out;
}

static void make_inputs(const char *base, const char *builder, int mounts) {
  char path[PATH_MAX], command[3 * PATH_MAX];
  snprintf(path, sizeof path, "%s/inputs", base);
  if (mkdir(path, 0755) != 0) abort();
  for (int i = 0; i < mounts; i++) {
    snprintf(path, sizeof path, "%s/inputs/%d", base, i);
    if (mkdir(path, 0755) != 0) abort();
  }
  snprintf(command, sizeof command, "chmod 755 %s && cp %s %s/inputs/0/builder", base, builder, base);
  if (system(command) != 0) abort();
}

static double launch_once(const char *launcher, const struct pack_writer *specification) {
  int ends[2];
  char answer;
  pid_t child;
  int status;
  struct timespec start, end;
  posix_spawn_file_actions_t actions;
  char *const argv[] = {(char *)launcher, NULL};
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) abort();
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
  if (posix_spawn(&child, launcher, &actions, NULL, argv, environ) != 0) abort();
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  uint8_t head[4] = {0, (uint8_t)(specification->length >> 16), (uint8_t)(specification->length >> 8),
                     (uint8_t)specification->length};
  if (write(ends[0], head, 4) != 4) abort();
  if (write(ends[0], specification->bytes, specification->length) != (ssize_t)specification->length) abort();
  if (read(ends[0], &answer, 1) != 0) abort();
  if (waitpid(child, &status, 0) != child || status != 0) abort();
  close(ends[0]);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3;
}

/* Every launch gets a root of its own, as builds do; making and removing it is not counted. */
static double launch_fresh(const char *launcher, const char *base, const struct pack_writer *specification) {
  char command[2 * PATH_MAX], root[PATH_MAX];
  snprintf(root, sizeof root, "%s/root", base);
  snprintf(command, sizeof command, "rm -rf %s", root);
  if (mkdir(root, 0755) != 0) abort();
  double taken = launch_once(launcher, specification);
  if (system(command) != 0) abort();
  return taken;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  int rounds = argc > 3 ? atoi(argv[3]) : 200;
  int mounts = argc > 4 ? atoi(argv[4]) : 50;
  unsigned uid = argc > 5 ? (unsigned)atoi(argv[5]) : 30001;
  char base[] = "/tmp/bench-launch-XXXXXX", command[PATH_MAX];
  double *times = calloc((size_t)rounds, sizeof *times), sum = 0;
  if (times == NULL || rounds < 1 || mounts < 1 || mkdtemp(base) == NULL) return 64;
  make_inputs(base, argv[2], mounts);
  struct pack_writer specification = make_specification(base, mounts, uid);
  for (int i = 0; i < rounds; i++) sum += times[i] = launch_fresh(argv[1], base, &specification);
  qsort(times, (size_t)rounds, sizeof *times, compare);
  printf("%d launches, %d mounts: least %.0f, median %.0f, mean %.0f microseconds\n", rounds, mounts, times[0],
         times[rounds / 2], sum / rounds);
  discard(&specification);
  free(times);
  snprintf(command, sizeof command, "rm -rf %s", base);
  return system(command) == 0 ? 0 : 70;
}
