/* What is found goes out in one stream: names and paths, each with a NUL behind it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "candidates.h"

/* Paths that were written lately, by a hash: programs share most of what they use. It only saves work. */
enum { RECENT = 4096, RECENT_LENGTH = 256 };
static char recent[RECENT][RECENT_LENGTH];

static int output = STDOUT_FILENO;
static bool failed;
static char buffer[65536];
static size_t used;

static void flush(void) {
  for (size_t at = 0; at < used && !failed;) {
    const ssize_t count = write(output, buffer + at, used - at);
    if (count > 0) at += (size_t)count;
    else if (count < 0 && errno != EINTR) failed = true;
  }
  used = 0;
}

static void put(const char *bytes, size_t length) {
  if (used + length + 1 > sizeof buffer) flush();
  memcpy(buffer + used, bytes, length);
  used += length;
  buffer[used++] = '\0';
}

static bool is_recent(const char *path, size_t length) {
  if (length >= RECENT_LENGTH) return false;
  unsigned hash = 2166136261u;
  for (size_t at = 0; at < length; at++) hash = (hash ^ (unsigned char)path[at]) * 16777619u;
  char *slot = recent[hash % RECENT];
  if (strncmp(slot, path, length) == 0 && slot[length] == '\0') return true;
  memcpy(slot, path, length);
  slot[length] = '\0';
  return false;
}

void emit(const char *name, const char *path, size_t length) {
  if (length > CANDIDATE_MAX || is_recent(path, length)) return;
  put(name, strlen(name));
  put(path, length);
}

void set_output(int descriptor) {
  output = descriptor;
  failed = false;
  used = 0;
  memset(recent, 0, sizeof recent);
}

void finish_output(void) {
  put("", 0);
  put("", 0);
  flush();
}

bool output_failed(void) {
  return failed;
}
