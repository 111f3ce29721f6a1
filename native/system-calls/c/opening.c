/* Opening and closing. Every descriptor is close-on-exec, and a FIFO or device never blocks the opener. */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static napi_value open_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "openat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    int flags = take_integer(&call);
    int mode = take_integer(&call);
    if (call.failed)
        return NULL;
    int descriptor;
    do
        descriptor = openat(directory, name.bytes, flags | O_CLOEXEC, (mode_t) mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor < 0 ? fail(&call, errno, name.bytes) : from_long(&call, descriptor);
}

static napi_value open_at2(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "openat2", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    struct open_how how = { .flags = (uint64_t) take_integer(&call) | O_CLOEXEC };
    how.mode = (uint64_t) take_integer(&call);
    how.resolve = (uint64_t) take_integer(&call);
    if (call.failed)
        return NULL;
    long descriptor;
    /* EAGAIN: a rename happened somewhere while the kernel looked whether ".." stays inside. */
    do
        descriptor = syscall(SYS_openat2, directory, name.bytes, &how, sizeof how);
    while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
    return descriptor < 0 ? fail(&call, errno, name.bytes) : from_long(&call, descriptor);
}

static napi_value close_descriptor(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "close", env, info);
    int descriptor = take_integer(&call);
    /* Linux has freed the descriptor even when close() is interrupted; trying again could close another's. */
    if (!call.failed && close(descriptor) != 0 && errno != EINTR)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function opening_functions[] = {
    { "openat", open_at }, { "openat2", open_at2 }, { "close", close_descriptor }, { NULL, NULL },
};
