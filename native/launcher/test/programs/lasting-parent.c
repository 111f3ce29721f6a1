/* A caller that can be killed: starts a launcher, passes on the specification from its standard input, and stays.
 *
 *   lasting-parent LAUNCHER
 *
 * What the builder writes comes out on standard output.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static int start_launcher(const char *launcher, int channel) {
  pid_t child = fork();
  if (child != 0) return child;
  dup2(open("/dev/null", O_RDWR), 0);
  dup2(channel, 3);
  execl(launcher, launcher, (char *)NULL);
  _exit(127);
}

int main(int argc, char **argv) {
  int ends[2];
  char buffer[65536];
  if (argc < 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 64;
  if (start_launcher(argv[1], ends[1]) < 0) return 71;
  close(ends[1]);
  for (ssize_t got; (got = read(0, buffer, sizeof buffer)) > 0;)
    if (write(ends[0], buffer, (size_t)got) != got) return 74;
  for (;;) pause();
}
