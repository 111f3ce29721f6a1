/* The report: one frame on descriptor 3, written only when a step fails. */
#ifndef LAUNCHER_REPORT_H
#define LAUNCHER_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "steps.h"

/* Where the specification comes in and the report goes out. */
#define REPORT_FD 3

/* What went wrong. `path` is a file name, `field` a field of the specification, `problem` a word about that
 * field; each may be NULL. */
struct failure {
  enum step step;
  int error;
  const char *path;
  const char *field;
  const char *problem;
};

/* The most bytes encode_report can need. */
#define REPORT_SIZE_MAX 8192

/* Writes the frame of `failure` into `frame` and returns its length. Strings too long for it are cut. */
size_t encode_report(const struct failure *failure, uint8_t frame[static REPORT_SIZE_MAX]);

/* Reports and ends the process with the step's exit code. */
_Noreturn void fail_with(const struct failure *failure);

/* The same for the most common case: `errno` is the error, `path` the file it is about, or NULL. */
_Noreturn void fail(enum step step, const char *path);

#endif
