/* Who is at the other end of a Unix socket: what the kernel noted when the connection was made (unix(7)). */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <sys/socket.h>

static napi_value peer_credentials(napi_env env, napi_callback_info info)
{
    struct call call;
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    begin_call(&call, "getsockopt", env, info);
    int descriptor = take_integer(&call);
    if (call.failed)
        return NULL;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return fail(&call, errno, NULL);
    double *result = registers(&call);
    result[0] = credentials.pid;
    result[1] = credentials.uid;
    result[2] = credentials.gid;
    return NULL;
}

const struct function peer_functions[] = { { "peerCredentials", peer_credentials }, { NULL, NULL } };
