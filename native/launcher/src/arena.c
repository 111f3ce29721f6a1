/* Memory that is taken piece by piece and given back all at once: a chain of chunks, filled from the front. */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define CHUNK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT alignof(max_align_t)

struct arena_chunk {
  struct arena_chunk *older;
  size_t used, size;
  alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t size) {
  size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
  struct arena_chunk *chunk = calloc(1, sizeof *chunk + room);
  if (chunk == NULL) return NULL;
  chunk->older = arena->newest;
  chunk->size = room;
  arena->newest = chunk;
  return chunk;
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > (size_t)1 << 40) return NULL;
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct arena_chunk *chunk = arena->newest;
  if (chunk == NULL || chunk->size - chunk->used < bytes) chunk = add_chunk(arena, bytes);
  if (chunk == NULL) return NULL;
  void *taken = chunk->bytes + chunk->used;
  chunk->used += bytes;
  return taken;
}

void arena_release(struct arena *arena) {
  for (struct arena_chunk *chunk = arena->newest; chunk != NULL;) {
    struct arena_chunk *older = chunk->older;
    free(chunk);
    chunk = older;
  }
  arena->newest = NULL;
}
