/*
 * Locks on whole files that belong to the open file description (fcntl(2), F_OFD_SETLK): closing another descriptor of
 * the same file does not lose them, and they conflict with the record locks that other programs take.
 */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static int set_lock(int descriptor, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
    int failed;
    do
        failed = fcntl(descriptor, F_OFD_SETLK, &lock);
    while (failed && errno == EINTR);
    return failed;
}

static napi_value try_lock(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value result;
    begin_call(&call, "fcntl", env, info);
    int descriptor = take_integer(&call);
    bool exclusive = take_boolean(&call);
    if (call.failed)
        return NULL;
    int failed = set_lock(descriptor, exclusive ? F_WRLCK : F_RDLCK);
    if (failed && errno != EAGAIN && errno != EACCES)
        return fail(&call, errno, NULL);
    napi_get_boolean(env, !failed, &result);
    return result;
}

static napi_value unlock(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "fcntl", env, info);
    int descriptor = take_integer(&call);
    if (!call.failed && set_lock(descriptor, F_UNLCK) != 0)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function lock_functions[] = {
    { "tryLock", try_lock }, { "unlock", unlock }, { NULL, NULL },
};
