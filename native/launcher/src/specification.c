/* The specification: which fields there are and what each may hold. */
#include "specification.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include "field-decoder.h"

static bool read_version(struct decoder *decoder, void *target) {
  (void)target;
  uint32_t version;
  if (!read_number32(decoder, &version)) return false;
  return version == SPECIFICATION_VERSION ? true : refuse(decoder, "unknown-word");
}

static bool read_string_list(struct decoder *decoder, void *target) {
  struct string_list *list = target;
  void *items;
  if (!read_list_head(decoder, sizeof(char *), &list->count, &items)) return false;
  list->items = items;
  return read_items(decoder, read_bytes_field, items, list->count, sizeof(char *));
}

static bool read_arguments(struct decoder *decoder, void *target) {
  const struct string_list *list = target;
  return read_string_list(decoder, target) && (list->count > 0 || refuse(decoder, "missing"));
}

/* `.`, `..`, an empty component or a trailing slash: a target names exactly one place below the root. */
static bool is_plain_path(const char *path) {
  for (const char *component = path + 1;; component++) {
    size_t length = strcspn(component, "/");
    if (length == 0 || (length == 1 && component[0] == '.')) return false;
    if (length == 2 && component[0] == '.' && component[1] == '.') return false;
    if (length > NAME_MAX) return false;
    component += length;
    if (*component == '\0') return true;
  }
}

static bool read_target(struct decoder *decoder, void *target) {
  const char **path = target;
  if (!read_absolute_path(decoder, target)) return false;
  bool plain = is_plain_path(*path) && strlen(*path) < PATH_MAX;
  return plain ? true : refuse(decoder, "bad-path");
}

static bool read_mount(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"source", read_absolute_path, offsetof(struct mount_request, source), true},
      {"target", read_target, offsetof(struct mount_request, target), true},
      {"readOnly", read_truth, offsetof(struct mount_request, read_only), true},
      {"optional", read_truth, offsetof(struct mount_request, optional), false},
      {"followSymlink", read_truth, offsetof(struct mount_request, follow_symlink), false},
      {"devices", read_truth, offsetof(struct mount_request, devices), false},
      {"base", read_truth, offsetof(struct mount_request, base), false},
  };
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_mounts(struct decoder *decoder, void *target) {
  struct mount_list *list = target;
  void *items;
  if (!read_list_head(decoder, sizeof(struct mount_request), &list->count, &items)) return false;
  list->items = items;
  return read_items(decoder, read_mount, items, list->count, sizeof(struct mount_request));
}

static bool read_optional_number(struct decoder *decoder, void *target) {
  struct optional_number *number = target;
  if (take_nil(decoder)) return true;
  number->present = true;
  return read_number32(decoder, &number->value);
}

/* User and group ids: -1 means "leave it" to the system calls, so it is no id. */
static bool read_optional_id(struct decoder *decoder, void *target) {
  const struct optional_number *number = target;
  if (!read_optional_number(decoder, target)) return false;
  return number->value != UINT32_MAX ? true : refuse(decoder, "out-of-range");
}

static bool read_mode_mask(struct decoder *decoder, void *target) {
  const struct optional_number *number = target;
  if (!read_optional_number(decoder, target)) return false;
  return number->value <= 0777 ? true : refuse(decoder, "out-of-range");
}

static bool read_mode(struct decoder *decoder, void *target) {
  uint32_t *mode = target;
  if (!read_number32(decoder, mode)) return false;
  return *mode <= 07777 ? true : refuse(decoder, "out-of-range");
}

static bool read_root_file(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"path", read_target, offsetof(struct root_file, path), true},
      {"contents", read_bytes_field, offsetof(struct root_file, contents), true},
      {"mode", read_mode, offsetof(struct root_file, mode), true},
  };
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_root_files(struct decoder *decoder, void *target) {
  struct root_file_list *list = target;
  void *items;
  if (!read_list_head(decoder, sizeof(struct root_file), &list->count, &items)) return false;
  list->items = items;
  return read_items(decoder, read_root_file, items, list->count, sizeof(struct root_file));
}

static bool read_fresh_root(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"mode", read_mode, offsetof(struct fresh_root, mode), true},
      {"gid", read_optional_id, offsetof(struct fresh_root, gid), false},
      {"files", read_root_files, offsetof(struct fresh_root, files), true},
  };
  struct fresh_root *fresh_root = target;
  if (take_nil(decoder)) return true;
  fresh_root->present = true;
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

/* `private` is true; `host` is false. */
static bool read_network(struct decoder *decoder, void *target) {
  const char *word;
  if (!read_text(decoder, &word)) return false;
  *(bool *)target = strcmp(word, "private") == 0;
  return *(bool *)target || strcmp(word, "host") == 0 ? true : refuse(decoder, "unknown-word");
}

static bool read_user_namespace(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"innerUid", read_number32, offsetof(struct user_namespace, inner_uid), true},
      {"innerGid", read_number32, offsetof(struct user_namespace, inner_gid), true},
  };
  struct user_namespace *user_namespace = target;
  if (take_nil(decoder)) return true;
  user_namespace->present = true;
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_sandbox(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"root", read_absolute_path, offsetof(struct sandbox, root), true},
      {"freshRoot", read_fresh_root, offsetof(struct sandbox, fresh_root), false},
      {"mounts", read_mounts, offsetof(struct sandbox, mounts), true},
      {"devices", read_truth, offsetof(struct sandbox, devices), true},
      {"kvm", read_truth, offsetof(struct sandbox, kvm), false},
      {"proc", read_truth, offsetof(struct sandbox, proc), true},
      {"network", read_network, offsetof(struct sandbox, private_network), true},
      {"awaitNetwork", read_truth, offsetof(struct sandbox, await_network), false},
      {"hostName", read_text, offsetof(struct sandbox, host_name), false},
      {"domainName", read_text, offsetof(struct sandbox, domain_name), false},
      {"userNamespace", read_user_namespace, offsetof(struct sandbox, user_namespace), false},
  };
  struct sandbox *sandbox = target;
  if (take_nil(decoder)) return true;
  *sandbox = (struct sandbox){.present = true, .host_name = "localhost", .domain_name = "(none)"};
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_groups(struct decoder *decoder, void *target) {
  struct group_list *list = target;
  void *items;
  if (take_nil(decoder)) return true;
  list->present = true;
  if (!read_list_head(decoder, sizeof(uint32_t), &list->count, &items)) return false;
  list->items = items;
  return read_items(decoder, read_number32, items, list->count, sizeof(uint32_t));
}

static bool read_personality(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"linux32", read_truth, offsetof(struct personality_flags, linux32), false},
      {"uname26", read_truth, offsetof(struct personality_flags, uname26), false},
      {"noRandomize", read_truth, offsetof(struct personality_flags, no_randomize), false},
  };
  return take_nil(decoder) || read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_oom_score(struct decoder *decoder, void *target) {
  struct oom_score *score = target;
  struct pack_value value;
  if (take_nil(decoder)) return true;
  if (!pack_read(&decoder->reader, &value)) return refuse(decoder, "not-message-pack");
  if (value.type != PACK_UNSIGNED && value.type != PACK_NEGATIVE) return refuse(decoder, "wrong-type");
  bool fits = value.type == PACK_UNSIGNED ? value.number <= 1000 : value.number >= (uint64_t)-1000;
  if (!fits) return refuse(decoder, "out-of-range");
  *score = (struct oom_score){.present = true, .value = (int)(int64_t)value.number};
  return true;
}

static bool read_resource(struct decoder *decoder, void *target) {
  static const struct { const char *name; int resource; } resources[] = {
      {"as", RLIMIT_AS},           {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},
      {"data", RLIMIT_DATA},       {"fsize", RLIMIT_FSIZE},   {"locks", RLIMIT_LOCKS},
      {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
      {"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC},   {"rss", RLIMIT_RSS},
      {"rtprio", RLIMIT_RTPRIO},   {"rttime", RLIMIT_RTTIME}, {"sigpending", RLIMIT_SIGPENDING},
      {"stack", RLIMIT_STACK},
  };
  const char *name;
  if (!read_text(decoder, &name)) return false;
  for (size_t i = 0; i < FIELD_COUNT(resources); i++) {
    if (strcmp(name, resources[i].name) != 0) continue;
    struct limit *limit = target;
    limit->resource = resources[i].resource;
    limit->name = resources[i].name;
    return true;
  }
  return refuse(decoder, "unknown-word");
}

static bool read_bound(struct decoder *decoder, void *target) {
  struct pack_value value;
  *(uint64_t *)target = RLIM_INFINITY;
  if (take_nil(decoder)) return true;
  if (!pack_read(&decoder->reader, &value)) return refuse(decoder, "not-message-pack");
  if (value.type != PACK_UNSIGNED) return refuse(decoder, "wrong-type");
  *(uint64_t *)target = value.number;
  return true;
}

static bool read_limit(struct decoder *decoder, void *target) {
  static const struct field fields[] = {
      {"resource", read_resource, 0, true},
      {"soft", read_bound, offsetof(struct limit, soft), true},
      {"hard", read_bound, offsetof(struct limit, hard), true},
  };
  return read_map(decoder, fields, FIELD_COUNT(fields), target);
}

static bool read_limits(struct decoder *decoder, void *target) {
  struct limit_list *list = target;
  void *items;
  if (!read_list_head(decoder, sizeof(struct limit), &list->count, &items)) return false;
  list->items = items;
  return read_items(decoder, read_limit, items, list->count, sizeof(struct limit));
}

/* What no single field shows: a new uid without new groups would keep those of root, and ids inside a user namespace
 * are those that it maps. */
static bool is_consistent(struct decoder *decoder, const struct specification *specification) {
  bool ids = specification->uid.present || specification->gid.present || specification->groups.present;
  bool all = specification->uid.present && specification->gid.present && specification->groups.present;
  if (ids == all && !(ids && specification->sandbox.user_namespace.present)) return true;
  decoder->trail[decoder->depth++] = (struct trail_step){.name = "uid"};
  return refuse(decoder, "inconsistent");
}

static bool read_specification(struct decoder *decoder, struct specification *specification) {
  static const struct field fields[] = {
      {"version", read_version, 0, true},
      {"builder", read_absolute_path, offsetof(struct specification, builder), true},
      {"args", read_arguments, offsetof(struct specification, arguments), true},
      {"environment", read_string_list, offsetof(struct specification, environment), true},
      {"workingDirectory", read_absolute_path, offsetof(struct specification, working_directory), true},
      {"sandbox", read_sandbox, offsetof(struct specification, sandbox), true},
      {"uid", read_optional_id, offsetof(struct specification, uid), true},
      {"gid", read_optional_id, offsetof(struct specification, gid), true},
      {"groups", read_groups, offsetof(struct specification, groups), true},
      {"personality", read_personality, offsetof(struct specification, personality), false},
      {"oomScoreAdj", read_oom_score, offsetof(struct specification, oom_score), false},
      {"umask", read_mode_mask, offsetof(struct specification, umask), false},
      {"limits", read_limits, offsetof(struct specification, limits), false},
      {"cgroups", read_string_list, offsetof(struct specification, cgroups), false},
      {"seccomp", read_truth, offsetof(struct specification, seccomp), false},
      {"setIdBits", read_truth, offsetof(struct specification, set_id_bits), false},
      {"nestedNamespaces", read_truth, offsetof(struct specification, nested_namespaces), false},
      {"dieWithParent", read_truth, offsetof(struct specification, die_with_parent), false},
  };
  _Static_assert(FIELD_COUNT(fields) <= FIELDS_MAX, "a bit for each field");
  return read_map(decoder, fields, FIELD_COUNT(fields), specification);
}

bool decode_specification(const uint8_t *bytes, size_t length, struct specification *specification,
                          struct refusal *refusal) {
  *specification = (struct specification){.seccomp = true, .nested_namespaces = true, .die_with_parent = true};
  *refusal = (struct refusal){.problem = NULL};
  struct decoder decoder = {{bytes, bytes + length}, &specification->arena, refusal, {{0}}, 0};
  bool accepted = pack_check(bytes, length) || refuse(&decoder, "not-message-pack");
  accepted = accepted && read_specification(&decoder, specification) && is_consistent(&decoder, specification);
  if (!accepted) release_specification(specification);
  return accepted;
}

void release_specification(struct specification *specification) {
  arena_release(&specification->arena);
}
