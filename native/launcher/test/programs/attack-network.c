/* Tries to reach somebody.
 *
 *   attack-network [ABSTRACT-NAME]
 *
 * ABSTRACT-NAME is a socket in the host's network namespace.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attempt.h"

#define FAMILY_VSOCK 40

static long connect4(const char *address, unsigned short port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &peer.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? fd : connect(fd, (struct sockaddr *)&peer, sizeof peer);
}

static long connect6(const char *address) {
  struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
  inet_pton(AF_INET6, address, &peer.sin6_addr);
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  return fd < 0 ? fd : connect(fd, (struct sockaddr *)&peer, sizeof peer);
}

static long connect_abstract(const char *name) {
  struct sockaddr_un peer = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  memcpy(peer.sun_path + 1, name, length);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return connect(fd, (struct sockaddr *)&peer, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
}

/* A server and a client of its own on the loopback interface. */
static long talk_to_oneself(void) {
  struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof self;
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&self, size) != 0 || listen(server, 1) != 0) return -1;
  getsockname(server, (struct sockaddr *)&self, &size);
  return connect(client, (struct sockaddr *)&self, size);
}

#ifdef __x86_64__
static int pair_arguments[3] = {FAMILY_VSOCK, SOCK_STREAM, 0};

/* socket(2) by the multiplexer of 32-bit x86, whose arguments lie in memory. */
static long socket_by_multiplexer(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(102L), "b"(1L), "c"(pair_arguments) : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0) return result;
  errno = (int)-result;
  return -1;
}
#else
static long socket_by_multiplexer(void) {
  errno = ENOSYS;
  return -1;
}
#endif

int main(int argc, char **argv) {
  int pair[2];
  attempted("loopback", talk_to_oneself());
  attempted("ipv4", connect4("192.0.2.1", 80));
  attempted("ipv4-metadata", connect4("169.254.169.254", 80));
  attempted("ipv6", connect6("2001:db8::1"));
  attempted("unix-pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  attempted("netlink-route", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  attempted("netlink-netfilter", socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
  attempted("netlink-audit", socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT));
  attempted("packet", socket(AF_PACKET, SOCK_RAW, 0));
  attempted("vsock", socket(FAMILY_VSOCK, SOCK_STREAM, 0));
  attempted("vsock-by-multiplexer", socket_by_multiplexer());
  attempted("alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
  attempted("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  if (argc > 1) attempted("abstract", connect_abstract(argv[1]));
  return 0;
}
