/* The network and the names of the sandbox. */
#include "network.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"

void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo"};
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail(STEP_RAISE_LOOPBACK, NULL);
  close(fd);
}

void await_network(void) {
  static const char question[4];
  char answer;
  if (send(REPORT_FD, question, sizeof question, MSG_NOSIGNAL) != sizeof question) fail(STEP_AWAIT_NETWORK, NULL);
  errno = EPIPE;
  if (recv(REPORT_FD, &answer, 1, 0) != 1) fail(STEP_AWAIT_NETWORK, NULL);
}

void set_names(const char *host_name, const char *domain_name) {
  if (sethostname(host_name, strlen(host_name)) != 0) fail(STEP_SET_HOST_NAME, NULL);
  if (setdomainname(domain_name, strlen(domain_name)) != 0) fail(STEP_SET_HOST_NAME, NULL);
}
