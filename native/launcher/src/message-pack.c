/* A reader of MessagePack, strict and without memory of its own. */
#include "message-pack.h"

static size_t remaining(const struct pack_reader *reader) {
  return (size_t)(reader->end - reader->at);
}

/* A big-endian number of `width` bytes. */
static bool read_number(struct pack_reader *reader, unsigned width, uint64_t *number) {
  if (remaining(reader) < width) return false;
  *number = 0;
  for (unsigned i = 0; i < width; i++) *number = *number << 8 | *reader->at++;
  return true;
}

static bool read_unsigned(struct pack_reader *reader, unsigned width, struct pack_value *value) {
  value->type = PACK_UNSIGNED;
  return read_number(reader, width, &value->number);
}

static bool read_signed(struct pack_reader *reader, unsigned width, struct pack_value *value) {
  if (!read_number(reader, width, &value->number)) return false;
  bool negative = (value->number >> (width * 8 - 1) & 1) != 0;
  if (negative && width < 8) value->number |= UINT64_MAX << (width * 8);
  value->type = negative ? PACK_NEGATIVE : PACK_UNSIGNED;
  return true;
}

static bool take_bytes(struct pack_reader *reader, struct pack_value *value, enum pack_type type, uint64_t size) {
  if (remaining(reader) < size) return false;
  *value = (struct pack_value){.type = type, .data = reader->at, .size = (uint32_t)size};
  reader->at += size;
  return true;
}

static bool read_bytes(struct pack_reader *reader, struct pack_value *value, enum pack_type type, unsigned width) {
  uint64_t size;
  return read_number(reader, width, &size) && take_bytes(reader, value, type, size);
}

/* Every element is at least one byte, so a count past the remaining bytes is a lie. */
static bool take_count(struct pack_reader *reader, struct pack_value *value, enum pack_type type, uint64_t count) {
  if (count * (type == PACK_MAP ? 2 : 1) > remaining(reader)) return false;
  *value = (struct pack_value){.type = type, .size = (uint32_t)count};
  return true;
}

static bool read_count(struct pack_reader *reader, struct pack_value *value, enum pack_type type, unsigned width) {
  uint64_t count;
  return read_number(reader, width, &count) && take_count(reader, value, type, count);
}

/* The heads from 0xc0 to 0xdf, which name their type in full. */
static bool read_named(struct pack_reader *reader, unsigned head, struct pack_value *value) {
  switch (head) {
    case 0xc0: value->type = PACK_NIL; return true;
    case 0xc2: case 0xc3: value->type = PACK_BOOL; value->truth = head == 0xc3; return true;
    case 0xc4: return read_bytes(reader, value, PACK_BIN, 1);
    case 0xc5: return read_bytes(reader, value, PACK_BIN, 2);
    case 0xc6: return read_bytes(reader, value, PACK_BIN, 4);
    case 0xcc: case 0xcd: case 0xce: case 0xcf: return read_unsigned(reader, 1U << (head - 0xcc), value);
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: return read_signed(reader, 1U << (head - 0xd0), value);
    case 0xd9: return read_bytes(reader, value, PACK_STR, 1);
    case 0xda: return read_bytes(reader, value, PACK_STR, 2);
    case 0xdb: return read_bytes(reader, value, PACK_STR, 4);
    case 0xdc: return read_count(reader, value, PACK_ARRAY, 2);
    case 0xdd: return read_count(reader, value, PACK_ARRAY, 4);
    case 0xde: return read_count(reader, value, PACK_MAP, 2);
    case 0xdf: return read_count(reader, value, PACK_MAP, 4);
    default: return false;
  }
}

bool pack_read(struct pack_reader *reader, struct pack_value *value) {
  uint64_t head;
  *value = (struct pack_value){.type = PACK_NIL};
  if (!read_number(reader, 1, &head)) return false;
  if (head < 0x80) {
    value->type = PACK_UNSIGNED;
    value->number = head;
    return true;
  }
  if (head < 0x90) return take_count(reader, value, PACK_MAP, head & 0x0f);
  if (head < 0xa0) return take_count(reader, value, PACK_ARRAY, head & 0x0f);
  if (head < 0xc0) return take_bytes(reader, value, PACK_STR, head & 0x1f);
  if (head < 0xe0) return read_named(reader, (unsigned)head, value);
  value->type = PACK_NEGATIVE;
  value->number = head | UINT64_MAX << 8;
  return true;
}

/* Walks over one value without recursion; `values` counts what it met. */
static bool walk(struct pack_reader *reader, size_t *values) {
  uint64_t left[PACK_DEPTH_MAX + 1] = {1};
  unsigned depth = 0;
  for (;;) {
    while (left[depth] == 0) {
      if (depth == 0) return true;
      depth--;
    }
    left[depth]--;
    struct pack_value value;
    if (!pack_read(reader, &value) || ++*values > PACK_VALUES_MAX) return false;
    if (value.type != PACK_ARRAY && value.type != PACK_MAP) continue;
    if (depth == PACK_DEPTH_MAX) return false;
    left[++depth] = (uint64_t)value.size * (value.type == PACK_MAP ? 2 : 1);
  }
}

bool pack_skip(struct pack_reader *reader) {
  size_t values = 0;
  return walk(reader, &values);
}

bool pack_check(const uint8_t *bytes, size_t length) {
  struct pack_reader reader = {bytes, bytes + length};
  return pack_skip(&reader) && reader.at == reader.end;
}
