/* Memory that is taken piece by piece and given back all at once. */
#ifndef LAUNCHER_ARENA_H
#define LAUNCHER_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* An empty arena is all zeroes. */
struct arena {
  struct arena_chunk *newest;
};

/* Zeroed, aligned memory for `count` things of `size` bytes, or NULL when there is none (or the product overflows). */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* Gives everything back; the arena is empty again. */
void arena_release(struct arena *arena);

#endif
