/* Who dies with whom: the launcher with its caller, the builder with the launcher. */
#include "lifetime.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "report.h"

void die_with_parent(bool wanted) {
  if (prctl(PR_SET_PDEATHSIG, wanted ? SIGKILL : 0, 0, 0, 0) != 0) fail(STEP_WATCH_PARENT, NULL);
}

struct lifeline make_lifeline(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail(STEP_CREATE_PROCESS, NULL);
  return (struct lifeline){.child_end = ends[0], .parent_end = ends[1]};
}

void hold_lifeline(const struct lifeline *lifeline) {
  die_with_parent(true);
  struct pollfd end = {.fd = lifeline->child_end};
  if (poll(&end, 1, 0) != 0) _exit(step_exit_code(STEP_WATCH_PARENT));
  close(lifeline->child_end);
}

/* Ends by the same signal. Neither the launcher's memory nor its name is worth a core file. */
static _Noreturn void die_by(int signal_number) {
  sigset_t set;
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  signal(signal_number, SIG_DFL);
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(signal_number);
  /* Only reached where this process is an init, which its own signals do not kill. */
  _exit(128 + signal_number);
}

_Noreturn void end_like(pid_t child, const struct lifeline *lifeline) {
  int status;
  close_all_but(lifeline->parent_end);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) _exit(step_exit_code(STEP_CREATE_PROCESS));
  if (WIFSIGNALED(status)) die_by(WTERMSIG(status));
  _exit(WEXITSTATUS(status));
}
