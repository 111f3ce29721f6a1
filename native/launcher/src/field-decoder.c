/* Decoding maps by tables of fields. */
#include "field-decoder.h"

#include <stdio.h>
#include <string.h>

/* The full name of the field being read: names joined by dots, indices in brackets. */
static void name_field(const struct decoder *decoder, char *name, size_t size) {
  size_t used = 0;
  name[0] = '\0';
  for (size_t i = 0; i < decoder->depth && used < size; i++) {
    const struct trail_step *step = &decoder->trail[i];
    int length = step->name != NULL ? snprintf(name + used, size - used, "%s%s", i == 0 ? "" : ".", step->name)
                                    : snprintf(name + used, size - used, "[%zu]", step->index);
    if (length < 0) return;
    used += (size_t)length;
  }
}

bool refuse(struct decoder *decoder, const char *problem) {
  name_field(decoder, decoder->refusal->field, sizeof decoder->refusal->field);
  decoder->refusal->problem = problem;
  return false;
}

static bool enter(struct decoder *decoder, const char *name, size_t index) {
  if (decoder->depth == TRAIL_MAX) return refuse(decoder, "not-message-pack");
  decoder->trail[decoder->depth++] = (struct trail_step){name, index};
  return true;
}

static bool read_value(struct decoder *decoder, enum pack_type type, struct pack_value *value) {
  if (!pack_read(&decoder->reader, value)) return refuse(decoder, "not-message-pack");
  return value->type == type ? true : refuse(decoder, "wrong-type");
}

bool take_nil(struct decoder *decoder) {
  if (decoder->reader.at == decoder->reader.end || *decoder->reader.at != 0xc0) return false;
  decoder->reader.at++;
  return true;
}

static const struct field *find_field(const struct field *fields, size_t count, const struct pack_value *key) {
  for (size_t i = 0; i < count; i++)
    if (strlen(fields[i].name) == key->size && memcmp(fields[i].name, key->data, key->size) == 0) return &fields[i];
  return NULL;
}

/* One pair of a map; `seen` holds a bit for each field met so far. */
static bool read_pair(struct decoder *decoder, const struct field *fields, size_t count, void *target,
                      uint32_t *seen) {
  struct pack_value key;
  if (!read_value(decoder, PACK_STR, &key)) return false;
  const struct field *field = find_field(fields, count, &key);
  if (field == NULL) return pack_skip(&decoder->reader) || refuse(decoder, "not-message-pack");
  if (!enter(decoder, field->name, 0)) return false;
  uint32_t bit = UINT32_C(1) << (field - fields);
  if ((*seen & bit) != 0) return refuse(decoder, "duplicate");
  *seen |= bit;
  if (!field->read(decoder, (char *)target + field->offset)) return false;
  decoder->depth--;
  return true;
}

bool read_map(struct decoder *decoder, const struct field *fields, size_t count, void *target) {
  struct pack_value map;
  uint32_t seen = 0;
  if (!read_value(decoder, PACK_MAP, &map)) return false;
  for (uint32_t i = 0; i < map.size; i++)
    if (!read_pair(decoder, fields, count, target, &seen)) return false;
  for (size_t i = 0; i < count; i++) {
    if (!fields[i].required || (seen >> i & 1) != 0) continue;
    return enter(decoder, fields[i].name, 0) && refuse(decoder, "missing");
  }
  return true;
}

bool read_list_head(struct decoder *decoder, size_t item_size, size_t *count, void **items) {
  struct pack_value list;
  if (!read_value(decoder, PACK_ARRAY, &list)) return false;
  if (list.size > LIST_LENGTH_MAX) return refuse(decoder, "too-long");
  *count = list.size;
  *items = arena_take(decoder->arena, (size_t)list.size + 1, item_size);
  return *items != NULL ? true : refuse(decoder, "no-memory");
}

bool read_items(struct decoder *decoder, read_field *read, void *items, size_t count, size_t item_size) {
  for (size_t i = 0; i < count; i++) {
    if (!enter(decoder, NULL, i) || !read(decoder, (char *)items + i * item_size)) return false;
    decoder->depth--;
  }
  return true;
}

bool read_truth(struct decoder *decoder, void *target) {
  struct pack_value value;
  if (!read_value(decoder, PACK_BOOL, &value)) return false;
  *(bool *)target = value.truth;
  return true;
}

bool read_number32(struct decoder *decoder, void *target) {
  struct pack_value value;
  if (!read_value(decoder, PACK_UNSIGNED, &value)) return false;
  if (value.number > UINT32_MAX) return refuse(decoder, "out-of-range");
  *(uint32_t *)target = (uint32_t)value.number;
  return true;
}

static bool read_terminated(struct decoder *decoder, enum pack_type type, const char **text) {
  struct pack_value value;
  if (!read_value(decoder, type, &value)) return false;
  if (memchr(value.data, '\0', value.size) != NULL) return refuse(decoder, "contains-nul");
  char *copy = arena_take(decoder->arena, (size_t)value.size + 1, 1);
  if (copy == NULL) return refuse(decoder, "no-memory");
  memcpy(copy, value.data, value.size);
  *text = copy;
  return true;
}

bool read_bytes_field(struct decoder *decoder, void *target) {
  return read_terminated(decoder, PACK_BIN, target);
}

bool read_text(struct decoder *decoder, void *target) {
  return read_terminated(decoder, PACK_STR, target);
}

bool read_absolute_path(struct decoder *decoder, void *target) {
  const char **path = target;
  if (!read_bytes_field(decoder, target)) return false;
  return (*path)[0] == '/' ? true : refuse(decoder, "not-absolute");
}
