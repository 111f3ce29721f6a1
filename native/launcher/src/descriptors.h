/* Descriptors: what the launcher was given, and what it must not pass on. */
#ifndef LAUNCHER_DESCRIPTORS_H
#define LAUNCHER_DESCRIPTORS_H

#include <stddef.h>

#include <stdbool.h>

/* Checks that 0 to 3 are open, closes every other descriptor, and lets none but 0, 1 and 2 pass an execve. From here on
 * every descriptor the launcher opens is close-on-exec. */
void keep_standard_descriptors(void);

/* Whether descriptors can be closed without a look at /proc, which another root may not have. */
bool can_close_anywhere(void);

/* Closes every descriptor but these; -1 stands for none. */
void close_all_but(const int *kept, size_t count);

#endif
