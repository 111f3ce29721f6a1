/* What the attackers share: one line of output for each attempt, `name: OK` or `name: EPERM`. */
#ifndef LAUNCHER_TEST_ATTEMPT_H
#define LAUNCHER_TEST_ATTEMPT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A result of -1 is a failure with errno; anything else went through. */
static inline void attempted(const char *name, long result) {
  const char *error = result == -1 ? strerrorname_np(errno) : "OK";
  printf("%s: %s\n", name, error != NULL ? error : "EUNKNOWN");
  fflush(stdout);
}

#endif
