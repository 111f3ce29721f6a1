/* Decoding maps by tables of fields.
 *
 * A table names each known field, the function that reads its value and where the result goes. Unknown fields are
 * ignored, so that the contract can grow; a duplicate, a missing or a badly typed one is refused by its full name
 * ("sandbox.mounts[3].target").
 */
#ifndef LAUNCHER_FIELD_DECODER_H
#define LAUNCHER_FIELD_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "message-pack.h"
#include "specification.h"

#define TRAIL_MAX 12

/* One step of the way to the field being read: a name, or an index when the name is NULL. */
struct trail_step {
  const char *name;
  size_t index;
};

struct decoder {
  struct pack_reader reader;
  struct arena *arena;
  struct refusal *refusal;
  struct trail_step trail[TRAIL_MAX];
  size_t depth;
};

/* Reads one value into `target`; false after refuse(). */
typedef bool read_field(struct decoder *decoder, void *target);

struct field {
  const char *name;
  read_field *read;
  size_t offset;
  bool required;
};

#define FIELDS_MAX 32
#define FIELD_COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* Notes the field being read as refused, and returns false. */
bool refuse(struct decoder *decoder, const char *problem);

/* Reads a map into `target`. */
bool read_map(struct decoder *decoder, const struct field *fields, size_t count, void *target);

/* Reads the head of a list; `*items` becomes zeroed room for its elements and one more. */
bool read_list_head(struct decoder *decoder, size_t item_size, size_t *count, void **items);

/* Reads `count` elements of `item_size` bytes each with `read`. */
bool read_items(struct decoder *decoder, read_field *read, void *items, size_t count, size_t item_size);

/* Takes a nil if one is next. */
bool take_nil(struct decoder *decoder);

/* Values: bool; uint32_t; const char * from a bin without NUL; the same, absolute; const char * from a str. */
read_field read_truth, read_number32, read_bytes_field, read_absolute_path, read_text;

#endif
