/* A reader of MessagePack, strict and without memory of its own.
 *
 * Promises: never reads past the end it was given; a count or length that the rest of the message cannot hold
 * is refused before anybody acts on it; nesting and the number of values are capped; floating point numbers
 * and extension types, which no specification needs, are refused.
 */
#ifndef LAUNCHER_MESSAGE_PACK_H
#define LAUNCHER_MESSAGE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_DEPTH_MAX 8
#define PACK_VALUES_MAX ((size_t)1 << 20)

enum pack_type { PACK_NIL, PACK_BOOL, PACK_UNSIGNED, PACK_NEGATIVE, PACK_BIN, PACK_STR, PACK_ARRAY, PACK_MAP };

/* One value; of an array or map only its head. */
struct pack_value {
  enum pack_type type;
  bool truth;
  uint64_t number;     /* PACK_UNSIGNED: the value; PACK_NEGATIVE: its two's complement */
  const uint8_t *data; /* PACK_BIN, PACK_STR: not terminated */
  uint32_t size;       /* bytes of a bin or str, elements of an array, pairs of a map */
};

struct pack_reader {
  const uint8_t *at, *end;
};

/* Reads one value, or the head of an array or map. False when the bytes are not an acceptable value. */
bool pack_read(struct pack_reader *reader, struct pack_value *value);

/* Passes over one value with all that is in it. */
bool pack_skip(struct pack_reader *reader);

/* Whether the bytes are exactly one acceptable value: no more, no less, within the caps. */
bool pack_check(const uint8_t *bytes, size_t length);

#endif
