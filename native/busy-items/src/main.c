/* busy-items: tells which store items running programs use.
 *
 * README.md says what and why. It parses nothing but its command line, and takes no request: whoever connects is told.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "candidates.h"
#include "processes.h"

enum { EXIT_USAGE = 64, EXIT_FAILED = 71, PATIENCE = 30 };

struct options {
  const char *store;
  int lifeline;
  int listener;
};

static const char *value_of(const char *word, const char *option) {
  const size_t length = strlen(option);
  return strncmp(word, option, length) == 0 ? word + length : NULL;
}

/* Words that are not known are the settings of others. */
static struct options read_options(char **words) {
  struct options options = {NULL, -1, -1};
  for (; *words != NULL; words++) {
    const char *value = value_of(*words, "--store-dir=");
    if (value != NULL) options.store = value;
    if ((value = value_of(*words, "--lifeline=")) != NULL) options.lifeline = atoi(value);
    if ((value = value_of(*words, "--listen=busy-items=")) != NULL) options.listener = atoi(value);
  }
  if (options.store != NULL && options.store[0] == '/' && strlen(options.store) < 4096) return options;
  fputs("usage: cooper-busy-items --store-dir=DIR [--listen=busy-items=DESCRIPTOR --lifeline=DESCRIPTOR]\n", stderr);
  exit(EXIT_USAGE);
}

static void answer(const struct scanner *scanner, int listener) {
  const int client = accept(listener, NULL, NULL);
  if (client < 0) return;
  const struct timeval patience = {PATIENCE, 0};
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  set_output(client);
  scan_processes(scanner);
  finish_output();
  close(client);
}

/* Until the other end of the lifeline is gone. */
static int serve(const struct scanner *scanner, const struct options *options) {
  /* A client that goes away early is no reason to end. */
  signal(SIGPIPE, SIG_IGN);
  struct pollfd polled[] = {{options->listener, POLLIN, 0}, {options->lifeline, POLLIN, 0}};
  for (;;) {
    if (poll(polled, 2, -1) < 0 && errno != EINTR) return EXIT_FAILED;
    if (polled[1].revents != 0) return 0;
    if ((polled[0].revents & (POLLERR | POLLNVAL)) != 0) return EXIT_FAILED;
    if (polled[0].revents != 0) answer(scanner, options->listener);
  }
}

int main(int argc, char **argv) {
  (void)argc;
  const struct options options = read_options(argv + 1);
  static char prefix[4098];
  const int length = snprintf(prefix, sizeof prefix, "%s/", options.store);
  const struct scanner scanner = {prefix, (size_t)length};
  if (options.listener >= 0) return serve(&scanner, &options);
  scan_processes(&scanner);
  finish_output();
  return output_failed() ? EXIT_FAILED : 0;
}
