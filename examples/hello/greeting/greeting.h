/* Greetings, as a library. */
#ifndef GREETING_H
#define GREETING_H

#include <stddef.h>

/* Writes the greeting of `name` to `buffer`, which has `size` bytes; of the world when `name` is NULL. Returns the length
   that the greeting has, as snprintf does: it was cut when that is not less than `size`. */
int greet(char *buffer, size_t size, const char *name);

#endif
