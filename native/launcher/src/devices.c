/* The few devices of the sandbox, and the file systems that the kernel makes up. */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mount-calls.h"
#include "mount-points.h"
#include "report.h"

#define PROC_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static struct place find_place(struct place_walker *walker, enum step step, const char *path) {
  struct place place;
  if (!walk_to(walker, path, true, &place)) fail(step, path);
  return place;
}

static void bind_device(struct place_walker *walker, const char *path) {
  struct place place = find_place(walker, STEP_MOUNT_DEVICES, path);
  const struct bind bind = {path, true, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, place.parent, place.name};
  if (!make_place(&place, S_IFREG) || bind_mount(&bind) != 0) fail(STEP_MOUNT_DEVICES, path);
}

static void make_link(struct place_walker *walker, const char *target, const char *path) {
  struct place place = find_place(walker, STEP_MOUNT_DEVICES, path);
  if (symlinkat(target, place.parent, place.name) != 0) fail(STEP_MOUNT_DEVICES, path);
}

static void mount_kernel_system(struct place_walker *walker, const char *path, struct new_mount *new) {
  struct place place = find_place(walker, STEP_MOUNT_DEVICES, path);
  new->parent = place.parent;
  new->name = place.name;
  if (!make_place(&place, S_IFDIR) || mount_new(new) != 0) fail(STEP_MOUNT_DEVICES, path);
  forget_below(walker, path);
}

void make_devices(const struct sandbox *sandbox, int root) {
  static const char *const nodes[] = {"/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero"};
  struct place_walker walker;
  /* The builder of a user namespace owns this directory, and shall not write to it all the same. */
  struct new_mount directory = {
      .type = "tmpfs",
      .flags = MS_NOSUID | MS_NOEXEC,
      .options = sandbox->user_namespace.present ? "mode=0555,size=1m" : "mode=0755,size=1m",
  };
  start_walk(&walker, root);
  mount_kernel_system(&walker, "/dev", &directory);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) bind_device(&walker, nodes[i]);
  if (sandbox->kvm && access("/dev/kvm", F_OK) == 0) bind_device(&walker, "/dev/kvm");
  make_link(&walker, "/proc/self/fd", "/dev/fd");
  make_link(&walker, "/proc/self/fd/0", "/dev/stdin");
  make_link(&walker, "/proc/self/fd/1", "/dev/stdout");
  make_link(&walker, "/proc/self/fd/2", "/dev/stderr");
  struct new_mount memory = {.type = "tmpfs", .flags = MS_NOSUID | MS_NODEV, .options = "mode=1777"};
  mount_kernel_system(&walker, "/dev/shm", &memory);
  struct new_mount terminals = {
      .type = "devpts", .flags = MS_NOSUID | MS_NOEXEC, .options = "newinstance,mode=0620,ptmxmode=0666"};
  mount_kernel_system(&walker, "/dev/pts", &terminals);
  make_link(&walker, "/dev/pts/ptmx", "/dev/ptmx");
  end_walk(&walker);
}

void make_proc_directory(int root) {
  struct place_walker walker;
  start_walk(&walker, root);
  struct place place = find_place(&walker, STEP_MOUNT_PROC, "/proc");
  if (!make_place(&place, S_IFDIR)) fail(STEP_MOUNT_PROC, "/proc");
  end_walk(&walker);
}

/* What root may write to by the mode of the file alone, whatever its capabilities are. */
static void protect_proc(const struct sandbox *sandbox, int root) {
  static const char *const names[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
  int proc = openat(root, "proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (proc < 0) fail(STEP_MOUNT_PROC, "/proc");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char source[PATH_MAX + 64];
    snprintf(source, sizeof source, "%s/proc/%s", sandbox->root, names[i]);
    const struct bind bind = {.source = source, .attributes = PROC_ATTRIBUTES | MOUNT_ATTR_RDONLY, .parent = proc,
                              .name = names[i]};
    if (bind_mount(&bind) != 0 && errno != ENOENT) fail(STEP_MOUNT_PROC, source);
  }
  close(proc);
}

void mount_proc(const struct sandbox *sandbox, int root, bool is_root) {
  const struct new_mount proc = {
      .type = "proc", .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC, .parent = root, .name = "proc"};
  if (mount_new(&proc) != 0) fail(STEP_MOUNT_PROC, "/proc");
  if (is_root) protect_proc(sandbox, root);
}
