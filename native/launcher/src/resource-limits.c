/* Limits, signals and the traits of a process that it hands on to its children. */
#include "resource-limits.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "report.h"

void reset_signals(void) {
  sigset_t none;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  /* Refused for the two that cannot be caught and for those libc keeps to itself; neither can have been ignored. */
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) fail(STEP_RESET_SIGNALS, NULL);
}

void set_limits(const struct limit_list *limits) {
  for (size_t i = 0; i < limits->count; i++) {
    const struct limit *limit = &limits->items[i];
    const struct rlimit bounds = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
    if (setrlimit((__rlimit_resource_t)limit->resource, &bounds) != 0) fail(STEP_SET_LIMIT, limit->name);
  }
}

void set_oom_score(const struct oom_score *score) {
  static const char path[] = "/proc/self/oom_score_adj";
  char line[16];
  if (!score->present) return;
  int length = snprintf(line, sizeof line, "%d", score->value);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, line, (size_t)length) != length) fail(STEP_SET_OOM_SCORE, path);
  close(fd);
}
