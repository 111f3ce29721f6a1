/* Changes of modes without their set-id bits: the channel, the parent's preparation, and its loop. */
#include "mode-service.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "identity.h"
#include "mode-change.h"
#include "report.h"
#include "specification-channel.h"

/* Numbers and constants of Linux 5.2 and 5.3 that headers may lack. */
#define CALL_PIDFD_OPEN 434
#define CALL_FSOPEN 430
#define CALL_FSCONFIG 431
#define CALL_FSMOUNT 432
#define OPEN_CLOEXEC 1U
#define CONFIG_CREATE 6U

/* More than any kernel needs for one notification, or for its answer. */
#define NOTIFICATION_SIZE_MAX 512

const struct mode_service no_mode_service = {.channel = -1, .proc = -1, .builder = -1};

struct mode_channel make_mode_channel(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail(STEP_CREATE_PROCESS, NULL);
  return (struct mode_channel){.service_end = ends[0], .builder_end = ends[1]};
}

bool ask_for_mode_service(const struct mode_channel *channel) {
  char answer = 0;
  close(channel->service_end);
  if (send(channel->builder_end, "?", 1, MSG_NOSIGNAL) != 1) return false;
  return recv(channel->builder_end, &answer, 1, 0) == 1 && answer == 'y';
}

void hand_over_listener(const struct mode_channel *channel, int listener) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
  struct iovec byte = {.iov_base = "l", .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &byte, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
  if (sendmsg(channel->builder_end, &message, MSG_NOSIGNAL) != 1) fail(STEP_INSTALL_FILTER, NULL);
}

static int receive_listener(int channel) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  char byte;
  struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -1;
  int listener;
  memcpy(&listener, CMSG_DATA(header), sizeof listener);
  return listener;
}

/* The namespaces that the builder has of its own, but for that of its processes: the service is not to be seen there. */
static bool enter_namespaces(int builder, const struct sandbox *sandbox) {
  int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (sandbox->private_network ? CLONE_NEWNET : 0);
  return setns(builder, flags) == 0;
}

/* The /proc of this process's own namespace, which nobody else sees: it is mounted nowhere. */
static int open_own_proc(void) {
  int context = (int)syscall(CALL_FSOPEN, "proc", OPEN_CLOEXEC);
  if (context < 0) return -1;
  bool made = syscall(CALL_FSCONFIG, context, CONFIG_CREATE, NULL, NULL, 0) == 0;
  int proc = made ? (int)syscall(CALL_FSMOUNT, context, OPEN_CLOEXEC, 0) : -1;
  close(context);
  return proc;
}

static int find_proc(int builder, const struct sandbox *sandbox) {
  if (!sandbox->present) return open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return enter_namespaces(builder, sandbox) ? open_own_proc() : -1;
}

/* The builder's user, for good, and out of that user's reach. A change of ids takes back the request to die with the
 * parent; it is made again, with a look whether the parent is there still. */
static void become_service(const struct specification *specification, const struct lifeline *lifeline) {
  set_identity(specification);
  drop_privileges();
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(STEP_DROP_CAPABILITIES, NULL);
  if (specification->sandbox.present) {
    hold_lifeline(lifeline);
  } else if (specification->die_with_parent) {
    die_with_parent(true);
    if (!is_caller_there()) _exit(step_exit_code(STEP_WATCH_PARENT));
  }
}

struct mode_service prepare_mode_service(const struct mode_channel *channel, pid_t builder,
                                         const struct specification *specification, const struct lifeline *lifeline) {
  char question;
  close(channel->builder_end);
  struct mode_service service = {.channel = channel->service_end, .proc = -1, .builder = -1};
  if (recv(service.channel, &question, 1, 0) != 1) return no_mode_service;
  service.builder = (int)syscall(CALL_PIDFD_OPEN, builder, 0);
  if (service.builder >= 0 && can_close_anywhere()) service.proc = find_proc(service.builder, &specification->sandbox);
  if (service.proc < 0) {
    /* A kernel without one of these calls: such changes are refused then. */
    send(service.channel, "n", 1, MSG_NOSIGNAL);
    return no_mode_service;
  }
  become_service(specification, lifeline);
  send(service.channel, "y", 1, MSG_NOSIGNAL);
  return service;
}

/* One call, if it has not been given up meanwhile. The caller waits for the answer. */
static void serve_call(const struct mode_service *service, int listener) {
  union {
    struct seccomp_notif call;
    char space[NOTIFICATION_SIZE_MAX];
  } in;
  union {
    struct seccomp_notif_resp answer;
    char space[NOTIFICATION_SIZE_MAX];
  } out;
  memset(&in, 0, sizeof in);
  memset(&out, 0, sizeof out);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in) != 0) return;
  out.answer.id = in.call.id;
  out.answer.error = -change_mode(service->proc, listener, &in.call);
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
}

void serve_modes(const struct mode_service *service) {
  if (service->channel < 0) return;
  int listener = receive_listener(service->channel);
  close(service->channel);
  if (listener < 0) return;
  struct pollfd sources[] = {{.fd = service->builder, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
  while (sources[0].revents == 0) {
    if (poll(sources, 2, -1) < 0 && errno != EINTR) return;
    if ((sources[1].revents & POLLIN) != 0) serve_call(service, listener);
    else if (sources[1].revents != 0) return;
  }
}
