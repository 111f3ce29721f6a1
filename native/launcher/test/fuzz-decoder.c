/* Changes a good specification at random, over and over, and lets the sanitizers watch the decoder read it.
 *
 *   fuzz-decoder [ROUNDS [SEED]]
 *
 * The same seed gives the same messages. What is accepted must satisfy the promises that the rest relies on.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "specification.h"
#include "specimen.h"

static uint64_t state;

/* splitmix64 */
static uint64_t draw(void) {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static size_t below(size_t limit) {
  return (size_t)(draw() % limit);
}

/* Heads and bytes on the edge of something. */
static uint8_t interesting(void) {
  static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4,
                                  0xc5, 0xc6, 0xc7, 0xca, 0xcb, 0xcc, 0xcf, 0xd0, 0xd3, 0xd4, 0xd9, 0xda, 0xdb,
                                  0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff, '/',  '.'};
  return bytes[below(sizeof bytes)];
}

/* One change, in place; returns the new length. */
static size_t mutate(uint8_t *bytes, size_t length) {
  size_t at = below(length);
  size_t size = below(length - at) % 16;
  switch (below(6)) {
    case 0: bytes[at] ^= (uint8_t)(1U << below(8)); return length;
    case 1: bytes[at] = interesting(); return length;
    case 2: bytes[at] = (uint8_t)draw(); return length;
    case 3: return at + 1;
    case 4: memmove(bytes + at, bytes + at + size, length - at - size); return length - size > 0 ? length - size : 1;
    default: memmove(bytes + at, bytes + below(length - size), size); return length;
  }
}

static void check_path(const char *path) {
  CHECK(path != NULL && path[0] == '/', "a path that is not absolute");
}

static void check_accepted(const struct specification *s) {
  check_path(s->builder);
  check_path(s->working_directory);
  CHECK(s->arguments.count > 0 && s->arguments.items[s->arguments.count] == NULL, "arguments without an end");
  CHECK(s->environment.items[s->environment.count] == NULL, "an environment without an end");
  CHECK(s->uid.present == s->gid.present && s->uid.present == s->groups.present, "half an identity");
  if (!s->sandbox.present) return;
  check_path(s->sandbox.root);
  for (size_t i = 0; i < s->sandbox.mounts.count; i++) {
    const struct mount_request *mount = &s->sandbox.mounts.items[i];
    check_path(mount->source);
    check_path(mount->target);
    CHECK(strstr(mount->target, "/../") == NULL && strstr(mount->target, "//") == NULL, "target %s", mount->target);
  }
}

static bool try_one(const struct pack_writer *good, uint8_t *scratch) {
  struct specification specification;
  struct refusal refusal;
  size_t length = good->length;
  memcpy(scratch, good->bytes, length);
  for (size_t changes = 1 + below(4); changes > 0; changes--) length = mutate(scratch, length);
  /* An allocation of exactly this size lets the sanitizer see one byte too far. */
  uint8_t *exact = malloc(length);
  if (exact == NULL) abort();
  memcpy(exact, scratch, length);
  bool accepted = decode_specification(exact, length, &specification, &refusal);
  free(exact);
  if (accepted) check_accepted(&specification);
  if (accepted) release_specification(&specification);
  else CHECK(refusal.problem != NULL, "a refusal without a reason");
  return accepted;
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 1000000;
  state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
  struct pack_writer good = make_specimen(NULL);
  uint8_t *scratch = malloc(good.length);
  long accepted = 0;
  if (scratch == NULL) abort();
  for (long i = 0; i < rounds; i++) accepted += try_one(&good, scratch);
  /* Both ends must be reached, or the changes are too wild or too tame. */
  CHECK(accepted > 0 && accepted < rounds, "%ld of %ld accepted", accepted, rounds);
  printf("fuzz: %ld of %ld changed messages were still good\n", accepted, rounds);
  free(scratch);
  discard(&good);
  return check_result("fuzz");
}
