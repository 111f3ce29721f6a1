/* A check that says where it failed and lets the others go on; check_result is what main returns. */
#ifndef LAUNCHER_TEST_CHECK_H
#define LAUNCHER_TEST_CHECK_H

#include <stdarg.h>
#include <stdio.h>

static unsigned long checks_made, checks_failed;

#define CHECK(condition, ...) check_one((condition) != 0, __FILE__, __LINE__, #condition, __VA_ARGS__)

__attribute__((format(printf, 5, 6))) static void check_one(int passed, const char *file, int line,
                                                            const char *condition, const char *format, ...) {
  checks_made++;
  if (passed) return;
  checks_failed++;
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: %s: ", file, line, condition);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

static int check_result(const char *name) {
  printf("%s: %lu checks, %lu failed\n", name, checks_made, checks_failed);
  return checks_failed == 0 && checks_made > 0 ? 0 : 1;
}

#endif
