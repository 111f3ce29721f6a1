/* Writes MessagePack into a buffer of its own, for the tests. */
#include "pack-writer.h"

#include <stdlib.h>
#include <string.h>

void write_raw(struct pack_writer *out, const void *bytes, size_t length) {
  if (out->room - out->length < length) {
    out->room = (out->room + length) * 2;
    out->bytes = realloc(out->bytes, out->room);
    if (out->bytes == NULL) abort();
  }
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
}

static void write_head(struct pack_writer *out, unsigned head, uint64_t number, unsigned width) {
  uint8_t bytes[9] = {(uint8_t)head};
  for (unsigned i = 0; i < width; i++) bytes[1 + i] = (uint8_t)(number >> 8 * (width - 1 - i));
  write_raw(out, bytes, 1 + width);
}

void write_map(struct pack_writer *out, uint32_t pairs) {
  if (pairs < 16) write_head(out, 0x80 | pairs, 0, 0);
  else write_head(out, 0xde, pairs, 2);
}

void write_array(struct pack_writer *out, uint32_t items) {
  if (items < 16) write_head(out, 0x90 | items, 0, 0);
  else write_head(out, 0xdc, items, 2);
}

void write_str(struct pack_writer *out, const char *text) {
  write_head(out, 0xd9, strlen(text), 1);
  write_raw(out, text, strlen(text));
}

void write_bin(struct pack_writer *out, const char *text) {
  write_head(out, 0xc5, strlen(text), 2);
  write_raw(out, text, strlen(text));
}

void write_uint(struct pack_writer *out, uint64_t number) {
  if (number < 128) write_head(out, (unsigned)number, 0, 0);
  else write_head(out, 0xcf, number, 8);
}

void write_bool(struct pack_writer *out, int truth) {
  write_head(out, truth ? 0xc3 : 0xc2, 0, 0);
}

void write_nil(struct pack_writer *out) {
  write_head(out, 0xc0, 0, 0);
}

void discard(struct pack_writer *out) {
  free(out->bytes);
  *out = (struct pack_writer){0};
}
