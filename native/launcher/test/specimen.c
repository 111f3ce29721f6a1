/* A good specification with every field, built from parts that a test can replace. */
#include "specimen.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct part {
  const char *name;
  write_value *value;
};

#define COUNT(parts) (sizeof(parts) / sizeof *(parts))

static const struct change *current_change;

/* A map whose fields are called `prefix` and their name; the change replaces one or leaves it out. */
static void write_parts(struct pack_writer *out, const char *prefix, const struct part *parts, size_t count) {
  struct pack_writer body = {0};
  uint32_t pairs = 0;
  for (size_t i = 0; i < count; i++) {
    char name[128];
    snprintf(name, sizeof name, "%s%s", prefix, parts[i].name);
    bool changed = current_change->name != NULL && strcmp(current_change->name, name) == 0;
    write_value *value = changed ? current_change->value : parts[i].value;
    if (value == NULL) continue;
    pairs++;
    write_str(&body, parts[i].name);
    value(&body);
  }
  write_map(out, pairs);
  write_raw(out, body.bytes, body.length);
  discard(&body);
}

static void value_one(struct pack_writer *out) { write_uint(out, 1); }
static void value_true(struct pack_writer *out) { write_bool(out, 1); }
static void value_nil(struct pack_writer *out) { write_nil(out); }
static void value_path(struct pack_writer *out) { write_bin(out, "/gnu/store/x"); }
static void value_text(struct pack_writer *out) { write_str(out, "localhost"); }
static void value_private(struct pack_writer *out) { write_str(out, "private"); }
static void value_stack(struct pack_writer *out) { write_str(out, "stack"); }
static void value_large(struct pack_writer *out) { write_uint(out, UINT64_C(1) << 40); }

static void value_strings(struct pack_writer *out) {
  write_array(out, 2);
  write_bin(out, "sh");
  write_bin(out, "K=\xff\xfe");
}

static void value_groups(struct pack_writer *out) {
  write_array(out, 1);
  write_uint(out, 36);
}

static void value_personality(struct pack_writer *out) {
  static const struct part parts[] = {{"linux32", value_true}, {"uname26", value_true}, {"noRandomize", value_true}};
  write_parts(out, "personality.", parts, COUNT(parts));
}

static void value_limits(struct pack_writer *out) {
  static const struct part parts[] = {{"resource", value_stack}, {"soft", value_large}, {"hard", value_nil}};
  write_array(out, 1);
  write_parts(out, "limit.", parts, COUNT(parts));
}

static void value_mounts(struct pack_writer *out) {
  static const struct part parts[] = {{"source", value_path},   {"target", value_path},        {"readOnly", value_true},
                                      {"optional", value_true}, {"followSymlink", value_true}, {"devices", value_true},
                                      {"base", value_true}};
  write_array(out, 1);
  write_parts(out, "mount.", parts, COUNT(parts));
}

static void value_files(struct pack_writer *out) {
  static const struct part parts[] = {{"path", value_path}, {"contents", value_path}, {"mode", value_one}};
  write_array(out, 1);
  write_parts(out, "file.", parts, COUNT(parts));
}

static void value_fresh_root(struct pack_writer *out) {
  static const struct part parts[] = {{"mode", value_one}, {"gid", value_one}, {"files", value_files}};
  write_parts(out, "freshRoot.", parts, COUNT(parts));
}

static void value_sandbox(struct pack_writer *out) {
  static const struct part parts[] = {
      {"root", value_path},        {"freshRoot", value_fresh_root},
      {"mounts", value_mounts},    {"devices", value_true},
      {"kvm", value_true},         {"proc", value_true},       {"network", value_private},
      {"hostName", value_text},    {"domainName", value_text}, {"userNamespace", value_nil},
  };
  write_parts(out, "sandbox.", parts, COUNT(parts));
}

struct pack_writer make_specimen(const struct change *change) {
  static const struct part parts[] = {
      {"version", value_one},          {"builder", value_path},         {"args", value_strings},
      {"environment", value_strings},  {"workingDirectory", value_path}, {"sandbox", value_sandbox},
      {"uid", value_one},              {"gid", value_one},              {"groups", value_groups},
      {"personality", value_personality}, {"oomScoreAdj", value_one},   {"umask", value_one},
      {"limits", value_limits},        {"cgroups", value_strings},      {"seccomp", value_true},
      {"setIdBits", value_true},       {"nestedNamespaces", value_true}, {"dieWithParent", value_true},
  };
  static const struct change none = {NULL, NULL};
  struct pack_writer out = {0};
  current_change = change != NULL ? change : &none;
  write_parts(&out, "", parts, COUNT(parts));
  return out;
}
