/* The capabilities that a process of Cooper may be left with, by the names that the process table uses. */
#ifndef CONFINE_CAPABILITY_NAMES_H
#define CONFINE_CAPABILITY_NAMES_H

#include <stdint.h>

/* Reads a comma-separated list, such as `chown,fowner`, into a set. Returns 0, or -1 with `unknown` at the name that is none. */
int read_capabilities(const char *list, uint64_t *set, const char **unknown);

#endif
