/*
 * Extended attributes of a name in a directory, symlinks themselves included. Linux has calls for this since 6.13; before,
 * the way there is the directory's own entry in /proc.
 */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Headers may be older than the kernel. These architectures number new calls alike; elsewhere the way is /proc. */
#if !defined SYS_listxattrat \
    && ((defined __x86_64__ && defined __LP64__) || defined __i386__ || defined __aarch64__ || defined __arm__ \
        || defined __riscv || defined __powerpc__ || defined __loongarch__)
#define SYS_listxattrat 465
#define SYS_removexattrat 466
#endif

struct place {
    char path[PATH_MAX + 64];
};

static bool place_in_proc(struct place *place, int directory, const char *name)
{
    int length = snprintf(place->path, sizeof place->path, "/proc/self/fd/%d/%s", directory, name);
    return length > 0 && (size_t) length < sizeof place->path;
}

/* Kernels without the calls say ENOSYS, and some sandboxes EPERM for what they do not know. */
__attribute__((unused)) static bool is_unknown_call(void)
{
    return errno == ENOSYS || errno == EPERM;
}

static ssize_t list_at(int directory, const char *name, char *list, size_t size)
{
    struct place place;
#ifdef SYS_listxattrat
    long length = syscall(SYS_listxattrat, directory, name, AT_SYMLINK_NOFOLLOW, list, size);
    if (length >= 0 || !is_unknown_call())
        return length;
#endif
    if (!place_in_proc(&place, directory, name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return llistxattr(place.path, list, size);
}

static int remove_at(int directory, const char *name, const char *attribute)
{
    struct place place;
#ifdef SYS_removexattrat
    long failed = syscall(SYS_removexattrat, directory, name, AT_SYMLINK_NOFOLLOW, attribute);
    if (failed == 0 || !is_unknown_call())
        return (int) failed;
#endif
    if (!place_in_proc(&place, directory, name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return lremovexattr(place.path, attribute);
}

/* The names, each ended by a NUL, in one string; most files have none. A file system without them has none. */
static napi_value list_extended_attributes_at(napi_env env, napi_callback_info info)
{
    enum { longest_list = 65536 };
    struct call call;
    struct text name;
    char few[512];
    begin_call(&call, "listxattrat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    if (call.failed)
        return NULL;
    ssize_t length = list_at(directory, name.bytes, few, sizeof few);
    if (length >= 0)
        return from_text(&call, few, (size_t) length);
    if (errno == EOPNOTSUPP)
        return from_text(&call, "", 0);
    if (errno != ERANGE)
        return fail(&call, errno, name.bytes);
    char *many = malloc(longest_list);
    if (!many)
        return fail(&call, ENOMEM, name.bytes);
    length = list_at(directory, name.bytes, many, longest_list);
    napi_value result
        = length >= 0 ? from_text(&call, many, (size_t) length) : fail(&call, errno, name.bytes);
    free(many);
    return result;
}

static napi_value remove_extended_attribute_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name, attribute;
    begin_call(&call, "removexattrat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    take_text(&call, &attribute);
    if (!call.failed && remove_at(directory, name.bytes, attribute.bytes) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

const struct function extended_attribute_functions[] = {
    { "listxattrat", list_extended_attributes_at }, { "removexattrat", remove_extended_attribute_at },
    { NULL, NULL },
};
