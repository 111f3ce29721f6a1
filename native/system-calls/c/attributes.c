/* Changing modes, owners and times. Symlinks are never followed. */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static napi_value change_mode(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "fchmod", env, info);
    int descriptor = take_integer(&call);
    int mode = take_integer(&call);
    if (!call.failed && fchmod(descriptor, (mode_t) mode) != 0)
        return fail(&call, errno, NULL);
    return NULL;
}

static napi_value change_owner_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "fchownat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    /* As unsigned numbers, where -1 keeps what is. */
    uid_t user = (uid_t) take_long(&call);
    gid_t group = (gid_t) take_long(&call);
    if (!call.failed && fchownat(directory, name.bytes, user, group, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
}

/* Sets the time of modification and keeps that of access. */
static napi_value change_time_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "utimensat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t) take_long(&call) } };
    times[1].tv_nsec = (long) take_long(&call);
    if (call.failed)
        return NULL;
    /* AT_EMPTY_PATH is not known to older kernels here; a descriptor alone has its own call. */
    int failed = name.bytes[0] == 0 ? futimens(directory, times)
                                    : utimensat(directory, name.bytes, times, AT_SYMLINK_NOFOLLOW);
    return failed ? fail(&call, errno, name.bytes) : NULL;
}

/* Makes everything written to the file system of a descriptor durable. */
static napi_value sync_file_system(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "syncfs", env, info);
    int descriptor = take_integer(&call);
    if (!call.failed && syncfs(descriptor) != 0)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function attribute_functions[] = {
    { "fchmod", change_mode }, { "fchownat", change_owner_at }, { "utimensat", change_time_at },
    { "syncfs", sync_file_system }, { NULL, NULL },
};
