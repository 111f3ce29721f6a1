/*
 * A path for what a descriptor refers to, through /proc: the way for calls that older kernels do not offer on
 * descriptors. It leads to the open file itself, whatever happened to its name.
 */
#ifndef COOPER_DESCRIPTOR_PATH_H
#define COOPER_DESCRIPTOR_PATH_H

#include <limits.h>
#include <stdbool.h>

struct descriptor_path {
    char bytes[PATH_MAX + 64];
};

/* `name` in the directory, or the descriptor itself where it is empty. Sets errno and gives false where too long. */
bool find_path(struct descriptor_path *path, int descriptor, const char *name);

/* True when errno says that the kernel lacks a call (ENOSYS), or that a sandbox does not know it (EPERM). */
bool is_unknown_call(void);

#endif
