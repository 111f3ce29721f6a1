/* Descriptors: what the launcher was given, and what it must not pass on. */
#include "descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

/* close_range(2), Linux 5.9. */
static bool close_range_at_once(unsigned first, unsigned last) {
  return first > last || syscall(SYS_close_range, first, last, 0U) == 0;
}

/* Older kernels: one by one, from the list that the kernel keeps. */
static void close_range_by_list(int first, int last) {
  DIR *list = opendir("/proc/self/fd");
  if (list == NULL) fail(STEP_START, "/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd >= first && fd <= last && fd != dirfd(list)) close(fd);
  }
  closedir(list);
}

static void close_range_of(int first, int last) {
  if (close_range_at_once((unsigned)first, (unsigned)last)) return;
  if (errno != ENOSYS) fail(STEP_START, NULL);
  close_range_by_list(first, last);
}

void keep_standard_descriptors(void) {
  for (int fd = 0; fd <= REPORT_FD; fd++)
    if (fcntl(fd, F_GETFD) < 0) fail(STEP_START, NULL);
  if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) fail(STEP_START, NULL);
  close_range_of(REPORT_FD + 1, INT_MAX);
}

void close_all_but(int kept) {
  if (kept > 0) close_range_of(0, kept - 1);
  close_range_of(kept + 1, INT_MAX);
}
