/* The decoder: what it accepts, and how it refuses everything else by name. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"
#include "specification.h"
#include "specimen.h"

static void not_a_type(struct pack_writer *out) { write_map(out, 0); }
static void a_number(struct pack_writer *out) { write_uint(out, 7); }
static void text(struct pack_writer *out) { write_str(out, "/gnu/store"); }
static void nil(struct pack_writer *out) { write_nil(out); }
static void word(struct pack_writer *out) { write_str(out, "nonsense"); }
static void relative(struct pack_writer *out) { write_bin(out, "gnu/store"); }
static void empty(struct pack_writer *out) { write_bin(out, ""); }
static void zero_byte(struct pack_writer *out) { write_raw(out, "\xc4\x04/a\0b", 6); }
static void dots(struct pack_writer *out) { write_bin(out, "/gnu/../etc"); }
static void dot(struct pack_writer *out) { write_bin(out, "/gnu/./store"); }
static void only_dot(struct pack_writer *out) { write_bin(out, "/."); }
static void trailing_dots(struct pack_writer *out) { write_bin(out, "/gnu/.."); }
static void twice_slash(struct pack_writer *out) { write_bin(out, "/gnu//store"); }
static void trailing_slash(struct pack_writer *out) { write_bin(out, "/gnu/"); }
static void only_slash(struct pack_writer *out) { write_bin(out, "/"); }
static void dotted_name(struct pack_writer *out) { write_bin(out, "/gnu/..store/...x"); }
static void too_much(struct pack_writer *out) { write_uint(out, UINT64_C(1) << 32); }
static void no_id(struct pack_writer *out) { write_uint(out, UINT32_MAX); }
static void set_id_mask(struct pack_writer *out) { write_uint(out, 01777); }
static void over_a_thousand(struct pack_writer *out) { write_uint(out, 1001); }
static void minus_one(struct pack_writer *out) { write_raw(out, "\xff", 1); }
static void minus_1000(struct pack_writer *out) { write_raw(out, "\xd1\xfc\x18", 3); }
static void minus_1001(struct pack_writer *out) { write_raw(out, "\xd1\xfc\x17", 3); }
static void floating(struct pack_writer *out) { write_raw(out, "\xcb\x3f\xf0\0\0\0\0\0\0", 9); }
static void extension(struct pack_writer *out) { write_raw(out, "\xd4\x01\x00", 3); }
static void huge_array(struct pack_writer *out) { write_raw(out, "\xdd\xff\xff\xff\xff", 5); }
static void huge_bin(struct pack_writer *out) { write_raw(out, "\xc6\xff\xff\xff\xff", 5); }
static void huge_map(struct pack_writer *out) { write_raw(out, "\xdf\xff\xff\xff\xff", 5); }
static void never_used(struct pack_writer *out) { write_raw(out, "\xc1", 1); }
static void no_items(struct pack_writer *out) { write_array(out, 0); }
static void host(struct pack_writer *out) { write_str(out, "host"); }

static void deep(struct pack_writer *out) {
  for (int i = 0; i < 20; i++) write_array(out, 1);
  write_nil(out);
}

static void long_list(struct pack_writer *out) {
  write_raw(out, "\xdd\x00\x02\x00\x01", 5);
  for (int i = 0; i < 131073; i++) write_bin(out, "a");
}

static void long_name(struct pack_writer *out) {
  char path[400] = "/";
  memset(path + 1, 'a', 300);
  path[301] = '\0';
  write_bin(out, path);
}

static void ids_inside(struct pack_writer *out) {
  write_map(out, 2);
  write_str(out, "innerUid");
  write_uint(out, 1);
  write_str(out, "innerGid");
  write_uint(out, 1);
}

/* Decodes the specimen with one change and compares the refusal; a NULL problem means accepted. */
static void expect(const char *name, write_value *value, const char *field, const char *problem) {
  struct specification specification;
  struct refusal refusal;
  struct pack_writer message = make_specimen(&(struct change){name, value});
  bool accepted = decode_specification(message.bytes, message.length, &specification, &refusal);
  CHECK(accepted == (problem == NULL), "%s accepted", name);
  if (accepted) release_specification(&specification);
  if (!accepted && problem != NULL) {
    CHECK(strcmp(refusal.field, field) == 0, "%s: field %s, not %s", name, refusal.field, field);
    CHECK(strcmp(refusal.problem, problem) == 0, "%s: %s, not %s", name, refusal.problem, problem);
  }
  discard(&message);
}

static void check_whole(void) {
  struct specification s;
  struct refusal refusal;
  struct pack_writer message = make_specimen(NULL);
  CHECK(decode_specification(message.bytes, message.length, &s, &refusal), "refused %s", refusal.field);
  discard(&message);
  CHECK(strcmp(s.builder, "/gnu/store/x") == 0 && strcmp(s.working_directory, "/gnu/store/x") == 0, "paths");
  CHECK(s.arguments.count == 2 && strcmp(s.arguments.items[0], "sh") == 0 && s.arguments.items[2] == NULL, "args");
  CHECK(strcmp(s.environment.items[1], "K=\xff\xfe") == 0, "environment keeps every byte");
  CHECK(s.uid.present && s.uid.value == 1 && s.groups.count == 1 && s.groups.items[0] == 36, "ids");
  CHECK(s.sandbox.present && s.sandbox.private_network && s.sandbox.kvm && !s.sandbox.user_namespace.present, "sandbox");
  CHECK(s.sandbox.mounts.count == 1 && s.sandbox.mounts.items[0].read_only, "mounts");
  CHECK(s.limits.count == 1 && s.limits.items[0].resource == RLIMIT_STACK, "limit");
  CHECK(s.limits.items[0].soft == UINT64_C(1) << 40 && s.limits.items[0].hard == RLIM_INFINITY, "bounds");
  CHECK(s.personality.linux32 && s.personality.uname26 && s.personality.no_randomize, "personality");
  CHECK(s.seccomp && s.set_id_bits && s.nested_namespaces && s.die_with_parent && s.umask.value == 1, "switches");
  release_specification(&s);
}

static void check_missing(void) {
  static const char *const required[] = {"version", "builder", "args",    "environment", "workingDirectory",
                                         "sandbox", "uid",     "gid",     "groups",      "sandbox.root",
                                         "sandbox.mounts", "sandbox.devices", "sandbox.proc", "sandbox.network"};
  static const char *const optional[] = {"personality", "oomScoreAdj", "umask", "limits", "cgroups", "seccomp",
                                         "setIdBits", "nestedNamespaces", "dieWithParent", "sandbox.kvm",
                                         "sandbox.hostName", "sandbox.domainName", "sandbox.userNamespace",
                                         "mount.optional", "mount.followSymlink", "mount.devices"};
  for (size_t i = 0; i < sizeof required / sizeof *required; i++) expect(required[i], NULL, required[i], "missing");
  for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) expect(optional[i], NULL, NULL, NULL);
  expect("mount.source", NULL, "sandbox.mounts[0].source", "missing");
  expect("mount.readOnly", NULL, "sandbox.mounts[0].readOnly", "missing");
  expect("limit.hard", NULL, "limits[0].hard", "missing");
  expect("args", no_items, "args", "missing");
}

static void check_types(void) {
  static const char *const all[] = {"version", "builder", "args", "environment", "workingDirectory", "uid", "gid",
                                    "groups", "oomScoreAdj", "umask", "limits", "cgroups", "seccomp", "setIdBits",
                                    "nestedNamespaces", "dieWithParent", "sandbox.root", "sandbox.mounts",
                                    "sandbox.devices", "sandbox.kvm", "sandbox.proc", "sandbox.network",
                                    "sandbox.hostName", "sandbox.domainName"};
  static const char *const values[] = {"builder", "workingDirectory", "sandbox.root", "uid", "gid", "umask",
                                       "oomScoreAdj", "seccomp", "limits", "args"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) expect(all[i], not_a_type, all[i], "wrong-type");
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) expect(values[i], text, values[i], "wrong-type");
  expect("sandbox", a_number, "sandbox", "wrong-type");
  expect("personality", a_number, "personality", "wrong-type");
  expect("mount.source", text, "sandbox.mounts[0].source", "wrong-type");
  expect("limit.soft", minus_one, "limits[0].soft", "wrong-type");
  expect("uid", minus_one, "uid", "wrong-type");
  expect("builder", nil, "builder", "wrong-type");
}

static void check_values(void) {
  expect("version", a_number, "version", "unknown-word");
  expect("builder", relative, "builder", "not-absolute");
  expect("builder", empty, "builder", "not-absolute");
  expect("builder", zero_byte, "builder", "contains-nul");
  expect("workingDirectory", zero_byte, "workingDirectory", "contains-nul");
  expect("uid", too_much, "uid", "out-of-range");
  expect("uid", no_id, "uid", "out-of-range");
  expect("gid", no_id, "gid", "out-of-range");
  expect("umask", set_id_mask, "umask", "out-of-range");
  expect("oomScoreAdj", over_a_thousand, "oomScoreAdj", "out-of-range");
  expect("oomScoreAdj", minus_1001, "oomScoreAdj", "out-of-range");
  expect("oomScoreAdj", minus_1000, NULL, NULL);
  expect("sandbox.network", word, "sandbox.network", "unknown-word");
  expect("sandbox.network", host, NULL, NULL);
  expect("limit.resource", word, "limits[0].resource", "unknown-word");
  expect("cgroups", long_list, "cgroups", "too-long");
  expect("uid", nil, "uid", "inconsistent");
  expect("groups", nil, "uid", "inconsistent");
  expect("sandbox.userNamespace", ids_inside, "uid", "inconsistent");
  expect("sandbox", nil, NULL, NULL);
}

/* S30: a target is one place below the root, by its name alone. */
static void check_targets(void) {
  write_value *const bad[] = {dots, dot, only_dot, trailing_dots, twice_slash, trailing_slash, only_slash, long_name};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    expect("mount.target", bad[i], "sandbox.mounts[0].target", "bad-path");
  expect("mount.target", zero_byte, "sandbox.mounts[0].target", "contains-nul");
  expect("mount.target", relative, "sandbox.mounts[0].target", "not-absolute");
  expect("mount.target", dotted_name, NULL, NULL);
}

/* S88: what a hostile or broken sender may write. */
static void check_messages(void) {
  write_value *const bad[] = {floating, extension, huge_array, huge_bin, huge_map, never_used, deep};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) expect("personality", bad[i], "", "not-message-pack");
}

static void check_edges(void) {
  struct specification specification;
  struct refusal refusal;
  struct pack_writer message = make_specimen(NULL);
  for (size_t length = 0; length < message.length; length++) {
    uint8_t *exact = malloc(length + 1);
    if (exact == NULL) abort();
    memcpy(exact, message.bytes, length);
    CHECK(!decode_specification(exact, length, &specification, &refusal), "accepted %zu bytes", length);
    free(exact);
  }
  write_nil(&message);
  CHECK(!decode_specification(message.bytes, message.length, &specification, &refusal), "accepted a byte too many");
  discard(&message);
}

/* An unknown field is ignored, a known one twice is not. */
static void check_fields(const char *name, bool accepted) {
  struct specification specification;
  struct refusal refusal;
  struct pack_writer message = make_specimen(NULL);
  CHECK(message.bytes[0] == 0xde && message.bytes[2] == 18, "the specimen has 18 fields");
  message.bytes[2]++;
  write_str(&message, name);
  write_bool(&message, 1);
  bool decoded = decode_specification(message.bytes, message.length, &specification, &refusal);
  CHECK(decoded == accepted, "%s", name);
  if (decoded) release_specification(&specification);
  else CHECK(strcmp(refusal.problem, "duplicate") == 0 && strcmp(refusal.field, name) == 0, "%s", refusal.problem);
  discard(&message);
}

int main(void) {
  check_whole();
  check_missing();
  check_types();
  check_values();
  check_targets();
  check_messages();
  check_edges();
  check_fields("inTheFuture", true);
  check_fields("seccomp", false);
  return check_result("decoder");
}
