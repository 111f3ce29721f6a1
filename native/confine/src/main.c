/* confine: runs a program with no more rights than it is given.
 *
 *   confine [--keep-capabilities LIST] -- PROGRAM [ARGUMENT]...
 *
 * No new privileges, ever; a bounding set of LIST and nothing else, and with it everything that the program, if it runs as
 * root, can have; nothing inheritable or ambient. The environment, the descriptors and the ids stay. README.md says why.
 */
#include "capability-names.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { exit_usage = 64, exit_failed = 71, exit_no_program = 127 };

static int complain(const char *what) {
  fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
  return exit_failed;
}

/* A capability that is not in the bounding set cannot come back by any exec. */
static int cut_bounding_set(uint64_t keep) {
  for (int number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
    if ((keep >> number & 1) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) return -1;
  }
  return 0;
}

/* What is permitted shrinks to what is kept; root gets it back at exec, bounded, everyone else has none. */
static int cut_own_sets(uint64_t keep) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  for (unsigned half = 0; half < 2; half++) {
    uint32_t kept = (uint32_t)(keep >> (32 * half)) & data[half].permitted;
    data[half] = (struct __user_cap_data_struct){.effective = kept, .permitted = kept, .inheritable = 0};
  }
  return (int)syscall(SYS_capset, &header, data);
}

static int confine(uint64_t keep) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) return complain("ambient set");
  /* Without CAP_SETPCAP there is nothing to cut: no_new_privs alone keeps everything from coming back. */
  if (cut_bounding_set(keep) != 0 && errno != EPERM) return complain("bounding set");
  if (cut_own_sets(keep) != 0) return complain("capability sets");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return complain("no new privileges");
  return 0;
}

static int usage(void) {
  fprintf(stderr, "usage: confine [--keep-capabilities LIST] -- PROGRAM [ARGUMENT]...\n");
  return exit_usage;
}

int main(int count, char **words) {
  uint64_t keep = 0;
  const char *unknown = NULL;
  int next = 1;
  if (next + 1 < count && strcmp(words[next], "--keep-capabilities") == 0) {
    if (read_capabilities(words[next + 1], &keep, &unknown) != 0) {
      fprintf(stderr, "confine: no capability: %s\n", unknown);
      return exit_usage;
    }
    next += 2;
  }
  if (next + 1 >= count || strcmp(words[next], "--") != 0) return usage();
  int failed = confine(keep);
  if (failed != 0) return failed;
  execvp(words[next + 1], words + next + 1);
  fprintf(stderr, "confine: %s: %s\n", words[next + 1], strerror(errno));
  return exit_no_program;
}
