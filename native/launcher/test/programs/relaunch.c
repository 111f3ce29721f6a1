/* A builder that is a builder agent: runs a launcher inside a launcher.
 *
 *   relaunch LAUNCHER SPECIFICATION
 *
 * SPECIFICATION is a file with one frame. What the inner launcher reports goes to standard error, byte by byte; how it ended
 * becomes the exit code.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void start_launcher(const char *launcher, int channel) {
  dup2(open("/dev/null", O_RDWR), 0);
  dup2(channel, 3);
  execl(launcher, launcher, (char *)NULL);
  _exit(127);
}

static void copy(int from, int to) {
  char buffer[65536];
  for (ssize_t got; (got = read(from, buffer, sizeof buffer)) > 0;)
    if (write(to, buffer, (size_t)got) != got) _exit(74);
}

int main(int argc, char **argv) {
  int ends[2], status;
  if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 64;
  pid_t child = fork();
  if (child == 0) start_launcher(argv[1], ends[1]);
  close(ends[1]);
  copy(open(argv[2], O_RDONLY), ends[0]);
  copy(ends[0], 2);
  if (waitpid(child, &status, 0) != child) return 71;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
