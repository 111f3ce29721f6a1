/* Paths for descriptors, through /proc. */
#include "descriptor-path.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>

bool find_path(struct descriptor_path *path, int descriptor, const char *name)
{
    const char *slash = name[0] ? "/" : "";
    int length;
    if (descriptor == AT_FDCWD)
        length = snprintf(path->bytes, sizeof path->bytes, "%s", name[0] ? name : ".");
    else
        length = snprintf(path->bytes, sizeof path->bytes, "/proc/self/fd/%d%s%s", descriptor, slash, name);
    if (length >= 0 && (size_t) length < sizeof path->bytes)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

bool is_unknown_call(void)
{
    return errno == ENOSYS || errno == EPERM;
}
