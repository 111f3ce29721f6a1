/* Giving up: one line on standard error, and an exit code. */
#include "complaint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void complain(enum exit_code code, const char *what) {
  fprintf(stderr, "confine: cannot %s: %s\n", what, strerror(errno));
  exit(code);
}

_Noreturn void complain_about(enum exit_code code, const char *what, const char *which) {
  fprintf(stderr, "confine: cannot %s %s: %s\n", what, which, strerror(errno));
  exit(code);
}
