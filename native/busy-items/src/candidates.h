/* Store paths in arbitrary bytes. */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

/* The longest path that is looked for: whatever the store directory is, with a name of 255 bytes in it. */
enum { CANDIDATE_MAX = 4096 + 256 };

struct scanner {
  /* The store directory with a slash behind it. */
  const char *prefix;
  size_t prefix_length;
};

/* Gives everything in `bytes` that looks like a store path to `emit`, with `name`. Gives how many bytes at the end belong to
 * something that may go on: they come first in the next call, unless `last`. */
size_t scan(const struct scanner *scanner, const char *bytes, size_t length, bool last, const char *name);

/* Writes a name and a path, each with a NUL behind it, unless that path was among the last ones. */
void emit(const char *name, const char *path, size_t length);

/* Writes an empty name and an empty path, by which the reader knows that it has all, and sends what is not sent yet. */
void finish_output(void);

/* Where it goes from now on. */
void set_output(int descriptor);

/* True when something could not be written: nobody listens any more. */
bool output_failed(void);

#endif
