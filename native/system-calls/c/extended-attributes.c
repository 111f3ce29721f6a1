/*
 * Extended attributes of a name in a directory, or of a descriptor where the name is empty; of symlinks themselves too.
 * Linux has calls for this since 6.13; before, the way there is the descriptor's own entry in /proc.
 */
#include "call.h"
#include "concerns.h"
#include "descriptor-path.h"

#include <errno.h>
#include <fcntl.h>
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

enum { here = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH };

/* These calls refuse a descriptor that is only a handle (O_PATH) with EBADF; its entry in /proc will do. */
__attribute__((unused)) static bool needs_path(const char *name)
{
    return is_unknown_call() || (errno == EBADF && name[0] == 0);
}

static ssize_t list_at(int directory, const char *name, char *list, size_t size)
{
    struct descriptor_path path;
#ifdef SYS_listxattrat
    long length = syscall(SYS_listxattrat, directory, name, here, list, size);
    if (length >= 0 || !needs_path(name))
        return length;
#endif
    if (!find_path(&path, directory, name))
        return -1;
    /* The entry of a descriptor is a link that has to be followed, and leads to a symlink without following that. */
    return name[0] ? llistxattr(path.bytes, list, size) : listxattr(path.bytes, list, size);
}

static int remove_at(int directory, const char *name, const char *attribute)
{
    struct descriptor_path path;
#ifdef SYS_removexattrat
    long failed = syscall(SYS_removexattrat, directory, name, here, attribute);
    if (failed == 0 || !needs_path(name))
        return (int) failed;
#endif
    if (!find_path(&path, directory, name))
        return -1;
    return name[0] ? lremovexattr(path.bytes, attribute) : removexattr(path.bytes, attribute);
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

/* Sets an attribute, making or replacing it. */
static napi_value set_extended_attribute_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name, attribute;
    struct descriptor_path path;
    begin_call(&call, "lsetxattr", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    take_text(&call, &attribute);
    struct bytes value = take_bytes(&call);
    if (call.failed)
        return NULL;
    int failed = !find_path(&path, directory, name.bytes)
        || (name.bytes[0] ? lsetxattr : setxattr)(path.bytes, attribute.bytes, value.start, value.length, 0) != 0;
    return failed ? fail(&call, errno, name.bytes) : NULL;
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
    { "listxattrat", list_extended_attributes_at }, { "setxattrat", set_extended_attribute_at },
    { "removexattrat", remove_extended_attribute_at }, { NULL, NULL },
};
