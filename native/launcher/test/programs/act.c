/* A builder that does one thing, for tests of how a launch ends.
 *
 *   act exit CODE | signal NUMBER | sleep | detach | orphan | arguments
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

/* Leaves a process behind that would go on for ever. */
static int leave_orphan(void) {
  if (fork() == 0) {
    setsid();
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    for (;;) pause();
  }
  return 0;
}

/* Does what it can not to die with whoever started it. */
static void detach(void) {
  prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
  unshare(CLONE_NEWUSER);
  setsid();
  for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
}

/* Everything that execve was given, each string in hexadecimal on a line. */
static int show_arguments(char **argv) {
  for (char **list = argv; list != NULL; list = list == argv ? environ : NULL)
    for (char **item = list; *item != NULL; item++) {
      for (const char *byte = *item; *byte != '\0'; byte++) printf("%02x", (unsigned char)*byte);
      printf("\n");
    }
  return 0;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  int number = argc > 2 ? atoi(argv[2]) : 0;
  if (strcmp(verb, "exit") == 0) return number;
  if (strcmp(verb, "signal") == 0) return raise(number);
  if (strcmp(verb, "orphan") == 0) return leave_orphan();
  if (strcmp(verb, "arguments") == 0) return show_arguments(argv);
  if (strcmp(verb, "detach") == 0) detach();
  else if (strcmp(verb, "sleep") != 0) return 64;
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
