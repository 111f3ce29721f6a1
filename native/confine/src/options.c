/* What the command line asks for. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capabilities.h"
#include "complaint.h"

#define OPTIONS_USAGE "usage: confine [--keep-capabilities NAME,…] [--uid NUMBER --gid NUMBER] -- COMMAND [ARGUMENT…]"

static _Noreturn void refuse(const char *what, const char *which) {
  fprintf(stderr, "confine: %s%s%s\n" OPTIONS_USAGE "\n", what, which != NULL ? ": " : "", which != NULL ? which : "");
  exit(EXIT_CODE_USAGE);
}

/* -1 means "leave it" to the system calls, so it is no id. */
static uint32_t read_id(const char *text) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  bool plain = text[0] >= '0' && text[0] <= '9' && *end == '\0';
  if (!plain || errno != 0 || number >= UINT32_MAX) refuse("not an id", text);
  return (uint32_t)number;
}

static uint64_t read_capabilities(const char *text) {
  uint64_t set = 0;
  char *names = strdup(text), *rest = names;
  if (names == NULL) refuse("no memory", NULL);
  for (char *name; (name = strsep(&rest, ",")) != NULL;) {
    int capability = find_capability(name);
    if (capability < 0) refuse("not a capability", name);
    set |= UINT64_C(1) << capability;
  }
  free(names);
  return set;
}

struct options read_options(char **argv) {
  struct options options = {.kept = 0};
  bool uid = false, gid = false;
  for (argv++; *argv != NULL && strcmp(*argv, "--") != 0; argv += 2) {
    const char *name = argv[0], *value = argv[1];
    if (value == NULL) refuse("an option without a value", name);
    if (strcmp(name, "--keep-capabilities") == 0) options.kept |= read_capabilities(value);
    else if (strcmp(name, "--uid") == 0) options.uid = read_id(value), uid = true;
    else if (strcmp(name, "--gid") == 0) options.gid = read_id(value), gid = true;
    else refuse("not an option", name);
  }
  if (uid != gid) refuse("--uid and --gid go together", NULL);
  if (*argv == NULL || argv[1] == NULL) refuse("no command", NULL);
  options.change_ids = uid;
  options.command = argv + 1;
  return options;
}
