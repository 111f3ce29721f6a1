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

bool can_close_anywhere(void) {
  return close_range_at_once(INT_MAX, INT_MAX);
}

/* The lowest of these that is not below `from`, or INT_MAX. */
static int next_kept(const int *kept, size_t count, int from) {
  int lowest = INT_MAX;
  for (size_t i = 0; i < count; i++)
    if (kept[i] >= from && kept[i] < lowest) lowest = kept[i];
  return lowest;
}

void close_all_but(const int *kept, size_t count) {
  int from = 0;
  for (int next; (next = next_kept(kept, count, from)) != INT_MAX; from = next + 1)
    if (next > from) close_range_of(from, next - 1);
  close_range_of(from, INT_MAX);
}
