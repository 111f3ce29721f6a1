/* A good specification with every field, built from parts that a test can replace. */
#ifndef LAUNCHER_TEST_SPECIMEN_H
#define LAUNCHER_TEST_SPECIMEN_H

#include "pack-writer.h"

/* Writes the value of one field in place of the ordinary one. */
typedef void write_value(struct pack_writer *out);

/* What differs from the good one: the field `name` ("args", or "sandbox.root", or "mount.target") gets another value, or is
 * left out when `value` is NULL. A NULL name changes nothing. */
struct change {
  const char *name;
  write_value *value;
};

/* The specification with one change, to be discarded. */
struct pack_writer make_specimen(const struct change *change);

#endif
