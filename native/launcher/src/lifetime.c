/* Who dies with whom: the launcher with its caller, everything below it with the launcher. */
#include "lifetime.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "mode-service.h"
#include "report.h"

void die_with_parent(bool wanted) {
  if (prctl(PR_SET_PDEATHSIG, wanted ? SIGKILL : 0, 0, 0, 0) != 0) fail(STEP_WATCH_PARENT, NULL);
}

struct lifeline make_lifeline(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail(STEP_CREATE_PROCESS, NULL);
  return (struct lifeline){.launcher_end = ends[0], .child_end = ends[1]};
}

void hold_lifeline(const struct lifeline *lifeline) {
  die_with_parent(true);
  struct pollfd end = {.fd = lifeline->child_end};
  if (poll(&end, 1, 0) != 0) _exit(step_exit_code(STEP_WATCH_PARENT));
}

static int wait_for(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) _exit(step_exit_code(STEP_CREATE_PROCESS));
  return status;
}

/* Whoever waits must not hold the pipe of the log, or the channel, open. */
static void keep_only(int lifeline_end, const struct mode_service *service) {
  const int kept[] = {lifeline_end, service->channel, service->proc, service->builder};
  close_all_but(kept, sizeof kept / sizeof *kept);
}

_Noreturn void guard(pid_t builder, const struct lifeline *lifeline, const struct mode_service *service) {
  keep_only(lifeline->child_end, service);
  serve_modes(service);
  int status = wait_for(builder);
  send(lifeline->child_end, &status, sizeof status, MSG_NOSIGNAL);
  _exit(0);
}

/* Ends by the same signal. The launcher's memory is not worth a core file. */
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

_Noreturn void end_like(pid_t child, const struct lifeline *lifeline, const struct mode_service *service) {
  int told;
  keep_only(lifeline->launcher_end, service);
  serve_modes(service);
  int status = wait_for(child);
  /* A guard's word is about the builder. One that was killed leaves none, nor does a builder without a guard. */
  if (recv(lifeline->launcher_end, &told, sizeof told, MSG_DONTWAIT) == sizeof told) status = told;
  if (WIFSIGNALED(status)) die_by(WTERMSIG(status));
  _exit(WEXITSTATUS(status));
}
