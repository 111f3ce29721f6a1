/* The specification: everything one build may see and do, decided by the caller.
 *
 * README.md describes each field. Strings are bytes without NUL, terminated.
 */
#ifndef LAUNCHER_SPECIFICATION_H
#define LAUNCHER_SPECIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define SPECIFICATION_VERSION 1

/* Longest frame, and most elements of one list. */
#define SPECIFICATION_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define LIST_LENGTH_MAX ((uint32_t)131072)

/* A number that may be left out. */
struct optional_number {
  bool present;
  uint32_t value;
};

struct mount_request {
  const char *source;
  const char *target; /* absolute below the new root; no component is empty, "." or ".." */
  bool read_only;
  bool optional;       /* a source that does not exist is passed over */
  bool follow_symlink; /* else a source that is a symbolic link is made again as one */
  bool devices;        /* device nodes work below it */
  bool base;           /* a directory made for this build: mounted first, and mount points are made in it */
};

struct mount_list {
  size_t count;
  struct mount_request *items;
};

struct user_namespace {
  bool present;
  uint32_t inner_uid, inner_gid;
};

struct root_file {
  const char *path; /* absolute below the new root */
  const char *contents;
  uint32_t mode;
};

struct root_file_list {
  size_t count;
  struct root_file *items;
};

/* A root in memory, made for this build, instead of a directory of the caller's. */
struct fresh_root {
  bool present;
  uint32_t mode;
  struct optional_number gid;
  struct root_file_list files;
};

struct sandbox {
  bool present;
  const char *root;
  struct fresh_root fresh_root;
  struct mount_list mounts;
  bool devices, kvm, proc;
  bool private_network;
  bool await_network; /* the caller attaches the private network to the outside, and says when */
  const char *host_name, *domain_name;
  struct user_namespace user_namespace;
};

struct limit {
  int resource;
  const char *name;
  uint64_t soft, hard; /* RLIM_INFINITY for none */
};

struct limit_list {
  size_t count;
  struct limit *items;
};

struct string_list {
  size_t count;
  const char **items; /* followed by a NULL */
};

struct group_list {
  bool present;
  size_t count;
  uint32_t *items;
};

struct personality_flags {
  bool linux32, uname26, no_randomize;
};

struct oom_score {
  bool present;
  int value;
};

struct specification {
  const char *builder;
  struct string_list arguments, environment, cgroups;
  const char *working_directory;
  struct sandbox sandbox;
  struct optional_number uid, gid, umask;
  struct group_list groups;
  struct personality_flags personality;
  struct oom_score oom_score;
  struct limit_list limits;
  bool seccomp, set_id_bits, nested_namespaces;
  bool die_with_parent;
  struct arena arena; /* owns all of the above */
};

/* Which field was refused, and why: `missing`, `duplicate`, `wrong-type`, `out-of-range`, `too-long`, `contains-nul`,
 * `not-absolute`, `bad-path`, `unknown-word`, `not-message-pack`, `inconsistent`, `no-memory`. */
struct refusal {
  char field[160];
  const char *problem;
};

/* Reads a specification. When it returns false, `refusal` says why and there is nothing to release. */
bool decode_specification(const uint8_t *bytes, size_t length, struct specification *specification,
                          struct refusal *refusal);

void release_specification(struct specification *specification);

#endif
