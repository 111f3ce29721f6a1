/* Writes MessagePack into a buffer of its own, for the tests. */
#ifndef LAUNCHER_TEST_PACK_WRITER_H
#define LAUNCHER_TEST_PACK_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct pack_writer {
  uint8_t *bytes;
  size_t length, room;
};

void write_map(struct pack_writer *out, uint32_t pairs);
void write_array(struct pack_writer *out, uint32_t items);
void write_str(struct pack_writer *out, const char *text);
void write_bin(struct pack_writer *out, const char *text);
void write_uint(struct pack_writer *out, uint64_t number);
void write_bool(struct pack_writer *out, int truth);
void write_nil(struct pack_writer *out);
void write_raw(struct pack_writer *out, const void *bytes, size_t length);
void discard(struct pack_writer *out);

#endif
