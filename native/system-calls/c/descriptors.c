/* Descriptors that outlive the program: Node has those that it was started with closed at the next exec. */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>

static napi_value keep_across_exec(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "fcntl", env, info);
    int descriptor = take_integer(&call);
    if (call.failed)
        return NULL;
    int flags = fcntl(descriptor, F_GETFD);
    if (flags == -1 || fcntl(descriptor, F_SETFD, flags & ~FD_CLOEXEC) != 0)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function descriptor_functions[] = { { "keepAcrossExec", keep_across_exec }, { NULL, NULL } };
