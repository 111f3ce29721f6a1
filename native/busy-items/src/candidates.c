/* Finds store paths in bytes: the store directory, 32 digits of base-32, a hyphen, and a name. */
#include "candidates.h"

#include <string.h>

enum { DIGITS = 32, NAME_MAX_LENGTH = 211 };

static bool is_digit(char character) {
  return character != '\0' && strchr("0123456789abcdfghijklmnpqrsvwxyz", character) != NULL;
}

static bool is_name_character(char character) {
  return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
         (character >= 'A' && character <= 'Z') || (character != '\0' && strchr("+-._?=", character) != NULL);
}

/* How many bytes of `bytes` fit what stands behind the store directory in a path. */
static size_t match(const char *bytes, size_t length) {
  size_t at = 0;
  while (at < length && at < DIGITS && is_digit(bytes[at])) at++;
  if (at < DIGITS || at == length || bytes[at] != '-') return at;
  at++;
  while (at < length && at < DIGITS + 1 + NAME_MAX_LENGTH && is_name_character(bytes[at])) at++;
  return at;
}

size_t scan(const struct scanner *scanner, const char *bytes, size_t length, bool last, const char *name) {
  const size_t prefix = scanner->prefix_length;
  size_t at = 0;
  while (at < length) {
    const char *found = memmem(bytes + at, length - at, scanner->prefix, prefix);
    if (found == NULL) break;
    const size_t start = (size_t)(found - bytes);
    const size_t behind = match(found + prefix, length - start - prefix);
    if (start + prefix + behind == length && !last) return length - start;
    if (behind > DIGITS + 1) emit(name, found, prefix + behind);
    at = start + prefix;
  }
  /* The prefix itself may have been cut. */
  const size_t tail = prefix - 1 < length - at ? prefix - 1 : length - at;
  return last ? 0 : tail;
}
