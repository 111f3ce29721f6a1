/* What the command line asks for. */
#ifndef CONFINE_OPTIONS_H
#define CONFINE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
  uint64_t kept;    /* bit n: capability n stays */
  bool change_ids;  /* both ids or neither */
  uid_t uid;
  gid_t gid;
  char **command;   /* argv of what to run, never empty */
};

/* Reads the command line; anything it does not understand ends the process with the usage. */
struct options read_options(char **argv);

#endif
