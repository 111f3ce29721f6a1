/* The report: its bytes, the names of the steps, and that README.md lists all of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "message-pack.h"
#include "report.h"

static bool is_text(const struct pack_value *value, const char *text) {
  return value->size == strlen(text) && memcmp(value->data, text, value->size) == 0;
}

/* Reads a value of a map that follows a given key. */
static struct pack_value read_pair(struct pack_reader *reader, const char *key) {
  struct pack_value name, value;
  CHECK(pack_read(reader, &name) && name.type == PACK_STR && is_text(&name, key), "key %s", key);
  CHECK(pack_read(reader, &value), "value of %s", key);
  return value;
}

static struct pack_reader open_frame(const uint8_t *frame, size_t length) {
  size_t announced = (size_t)frame[0] << 24 | (size_t)frame[1] << 16 | (size_t)frame[2] << 8 | frame[3];
  CHECK(announced == length - 4, "announced %zu of %zu", announced, length - 4);
  CHECK(pack_check(frame + 4, length - 4), "a frame that is not MessagePack");
  return (struct pack_reader){frame + 4, frame + length};
}

static void check_full_report(void) {
  uint8_t frame[REPORT_SIZE_MAX];
  struct failure failure = {STEP_MOUNT_INPUT, ENOENT, "/gnu/store/\xff", "sandbox.root", "missing"};
  struct pack_reader reader = open_frame(frame, encode_report(&failure, frame));
  struct pack_value map;
  CHECK(pack_read(&reader, &map) && map.type == PACK_MAP && map.size == 6, "%u pairs", map.size);
  struct pack_value step = read_pair(&reader, "step"), number = read_pair(&reader, "errno");
  struct pack_value name = read_pair(&reader, "error"), path = read_pair(&reader, "path");
  CHECK(is_text(&step, "mount-input") && number.number == ENOENT && is_text(&name, "ENOENT"), "step and error");
  CHECK(path.type == PACK_BIN && is_text(&path, "/gnu/store/\xff"), "path");
  struct pack_value field = read_pair(&reader, "field"), problem = read_pair(&reader, "problem");
  CHECK(is_text(&field, "sandbox.root") && is_text(&problem, "missing"), "field");
}

static void check_long_path(void) {
  uint8_t frame[REPORT_SIZE_MAX];
  char path[3 * REPORT_SIZE_MAX];
  memset(path, 'a', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  size_t length = encode_report(&(struct failure){STEP_EXECUTE, ENAMETOOLONG, path, path, path}, frame);
  CHECK(length <= REPORT_SIZE_MAX, "%zu bytes", length);
  open_frame(frame, length);
}

static char *read_whole(const char *path) {
  static char text[1 << 18];
  FILE *file = fopen(path, "r");
  if (file == NULL) return NULL;
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void check_step_table(const char *readme) {
  const char *text = read_whole(readme);
  CHECK(text != NULL, "no %s", readme);
  for (int step = 0; text != NULL && step < STEP_COUNT; step++) {
    char row[128];
    const char *name = step_name((enum step)step);
    snprintf(row, sizeof row, "| `%s` | %d |", name, step_exit_code((enum step)step));
    CHECK(strstr(text, row) != NULL, "README.md lacks the row %s", row);
    CHECK(strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name), "%s is not kebab-case", name);
  }
}

int main(int argc, char **argv) {
  check_full_report();
  check_long_path();
  check_step_table(argc > 1 ? argv[1] : "README.md");
  return check_result("report");
}
