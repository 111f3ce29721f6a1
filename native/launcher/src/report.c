/* The report: one frame on descriptor 3, written only when a step fails.
 *
 * A frame is a 32-bit big-endian length and one MessagePack map:
 *   {step: str, errno: int, error: str, path?: bin, field?: str, problem?: str}
 */
#include "report.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LAUNCHER_STEP_NAME(symbol, name, code) [symbol] = name,
static const char *const step_names[STEP_COUNT] = {LAUNCHER_STEPS(LAUNCHER_STEP_NAME)};

#define LAUNCHER_STEP_CODE(symbol, name, code) [symbol] = code,
static const int step_exit_codes[STEP_COUNT] = {LAUNCHER_STEPS(LAUNCHER_STEP_CODE)};

const char *step_name(enum step step) {
  return step_names[step];
}

int step_exit_code(enum step step) {
  return step_exit_codes[step];
}

/* The longest string the report carries: a path, with room for the rest in REPORT_SIZE_MAX. */
#define STRING_MAX 4096

struct writer {
  uint8_t *at;
};

static void put_byte(struct writer *out, unsigned byte) {
  *out->at++ = (uint8_t)byte;
}

static void put_length16(struct writer *out, unsigned head, size_t length) {
  put_byte(out, head);
  put_byte(out, (unsigned)(length >> 8));
  put_byte(out, (unsigned)(length & 0xff));
}

static void put_bytes(struct writer *out, unsigned head, const char *text, size_t limit) {
  size_t length = strnlen(text, limit);
  put_length16(out, head, length);
  memcpy(out->at, text, length);
  out->at += length;
}

static void put_string(struct writer *out, const char *text) {
  put_bytes(out, 0xda, text, 512);
}

static void put_error(struct writer *out, int error) {
  const char *name = strerrorname_np(error);
  put_string(out, "errno");
  put_length16(out, 0xcd, (size_t)error);
  put_string(out, "error");
  put_string(out, name != NULL ? name : "EUNKNOWN");
}

static void put_optional_string(struct writer *out, const char *key, const char *text) {
  if (text == NULL) return;
  put_string(out, key);
  put_string(out, text);
}

static unsigned count_entries(const struct failure *failure) {
  return 3U + (failure->path != NULL) + (failure->field != NULL) + (failure->problem != NULL);
}

size_t encode_report(const struct failure *failure, uint8_t frame[static REPORT_SIZE_MAX]) {
  struct writer out = {frame + 4};
  put_byte(&out, 0x80U | count_entries(failure));
  put_string(&out, "step");
  put_string(&out, step_name(failure->step));
  put_error(&out, failure->error);
  if (failure->path != NULL) {
    put_string(&out, "path");
    put_bytes(&out, 0xc5, failure->path, STRING_MAX);
  }
  put_optional_string(&out, "field", failure->field);
  put_optional_string(&out, "problem", failure->problem);
  size_t length = (size_t)(out.at - frame) - 4;
  struct writer head = {frame};
  for (int shift = 24; shift >= 0; shift -= 8) put_byte(&head, (unsigned)(length >> shift) & 0xffU);
  return length + 4;
}

/* Sends all of it, or gives up: nobody is left to tell when the caller has gone. */
static void send_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(REPORT_FD, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    bytes += sent;
    length -= (size_t)sent;
  }
}

/* The shell's convention: 127 is a program that is not there. */
static int exit_code_of(const struct failure *failure) {
  bool missing = failure->step == STEP_EXECUTE && failure->error == ENOENT;
  return missing ? 127 : step_exit_code(failure->step);
}

_Noreturn void fail_with(const struct failure *failure) {
  uint8_t frame[REPORT_SIZE_MAX];
  send_all(frame, encode_report(failure, frame));
  _exit(exit_code_of(failure));
}

_Noreturn void fail(enum step step, const char *path) {
  fail_with(&(struct failure){.step = step, .error = errno, .path = path});
}
