/* Making, removing and renaming entries of directories. */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static napi_value make_directory_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "mkdirat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    int mode = take_integer(&call);
    if (!call.failed && mkdirat(directory, name.bytes, (mode_t) mode) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

/* Also FIFOs, sockets and, for root, devices: the last argument is the device number. */
static napi_value make_node_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "mknodat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    int mode = take_integer(&call);
    int64_t device = take_long(&call);
    if (!call.failed && mknodat(directory, name.bytes, (mode_t) mode, (dev_t) device) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

static napi_value unlink_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "unlinkat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    int flags = take_integer(&call);
    if (!call.failed && unlinkat(directory, name.bytes, flags) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

static napi_value rename_at2(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text from, to;
    begin_call(&call, "renameat2", env, info);
    int from_directory = take_integer(&call);
    take_text(&call, &from);
    int to_directory = take_integer(&call);
    take_text(&call, &to);
    int flags = take_integer(&call);
    if (call.failed)
        return NULL;
    /* Not every file system knows renameat2; without flags the older call does the same everywhere. */
    int failed = flags == 0
        ? renameat(from_directory, from.bytes, to_directory, to.bytes)
        : (int) syscall(SYS_renameat2, from_directory, from.bytes, to_directory, to.bytes, flags);
    return failed ? fail(&call, errno, from.bytes) : NULL;
}

static napi_value link_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text from, to;
    begin_call(&call, "linkat", env, info);
    int from_directory = take_integer(&call);
    take_text(&call, &from);
    int to_directory = take_integer(&call);
    take_text(&call, &to);
    if (!call.failed && linkat(from_directory, from.bytes, to_directory, to.bytes, 0) != 0)
        return fail(&call, errno, to.bytes);
    return NULL;
}

static napi_value make_symlink_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text target, name;
    begin_call(&call, "symlinkat", env, info);
    take_text(&call, &target);
    int directory = take_integer(&call);
    take_text(&call, &name);
    if (!call.failed && symlinkat(target.bytes, directory, name.bytes) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

static napi_value read_link_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name, target;
    begin_call(&call, "readlinkat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    if (call.failed)
        return NULL;
    ssize_t length = readlinkat(directory, name.bytes, target.bytes, sizeof target.bytes);
    if (length < 0)
        return fail(&call, errno, name.bytes);
    /* A full buffer may be a cut target. The kernel allows no target as long as that. */
    if ((size_t) length == sizeof target.bytes)
        return fail(&call, ENAMETOOLONG, name.bytes);
    return from_text(&call, target.bytes, (size_t) length);
}

const struct function entry_functions[] = {
    { "mkdirat", make_directory_at }, { "mknodat", make_node_at }, { "unlinkat", unlink_at },
    { "renameat2", rename_at2 }, { "linkat", link_at }, { "symlinkat", make_symlink_at },
    { "readlinkat", read_link_at }, { NULL, NULL },
};
