/* A pipe whose ends are given to others: Node makes socket pairs where a builder expects a pipe. */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static napi_value make_pipe(napi_env env, napi_callback_info info)
{
    struct call call;
    int ends[2];
    begin_call(&call, "pipe2", env, info);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(&call, errno, NULL);
    double *result = registers(&call);
    result[0] = ends[0];
    result[1] = ends[1];
    return NULL;
}

const struct function pipe_functions[] = { { "makePipe", make_pipe }, { NULL, NULL } };
