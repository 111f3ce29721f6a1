/* Reading the specification from descriptor 3: a 32-bit big-endian length, then that many bytes. */
#include "specification-channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"

/* Reads exactly `length` bytes; the end of the stream before that is an error. */
static void read_all(uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = read(REPORT_FD, bytes, length);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = ENODATA;
    if (got <= 0) fail(STEP_READ_SPECIFICATION, NULL);
    bytes += got;
    length -= (size_t)got;
  }
}

static size_t read_length(void) {
  uint8_t head[4];
  read_all(head, sizeof head);
  size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
  if (length <= SPECIFICATION_SIZE_MAX) return length;
  errno = EMSGSIZE;
  fail(STEP_READ_SPECIFICATION, NULL);
}

void receive_specification(struct specification *specification) {
  struct refusal refusal;
  size_t length = read_length();
  uint8_t *bytes = malloc(length + 1);
  if (bytes == NULL) fail(STEP_READ_SPECIFICATION, NULL);
  read_all(bytes, length);
  if (!decode_specification(bytes, length, specification, &refusal))
    fail_with(&(struct failure){STEP_DECODE_SPECIFICATION, EINVAL, NULL, refusal.field, refusal.problem});
  free(bytes);
}

bool is_caller_there(void) {
  struct pollfd channel = {.fd = REPORT_FD};
  return poll(&channel, 1, 0) == 0 || (channel.revents & (POLLHUP | POLLERR)) == 0;
}
