/*
 * Processes that are started without copying this one: posix_spawn(3) shares its memory until execve(2), where the fork
 * that Node does copies the page tables of a large process, for milliseconds each time.
 */
#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptors of the new process: /dev/null, the output twice, its end of the channel. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int output, int channel)
{
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, output, 2);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, channel, 3);
    return failed ? failed : posix_spawn_file_actions_addchdir_np(actions, "/");
}

/* Node's threads block signals; the new process starts with none blocked. */
static int start(pid_t *pid, const char *program, const posix_spawn_file_actions_t *actions)
{
    char *arguments[] = { (char *)program, NULL }, *environment[] = { NULL };
    posix_spawnattr_t attributes;
    sigset_t none;
    int failed = posix_spawnattr_init(&attributes);
    if (failed)
        return failed;
    sigemptyset(&none);
    failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failed)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (!failed)
        failed = posix_spawn(pid, program, actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static int start_with(pid_t *pid, const char *program, int output, int channel)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = set_descriptors(&actions, output, channel);
    if (!failed)
        failed = start(pid, program, &actions);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static napi_value start_process(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text program;
    int channel[2];
    pid_t pid = 0;
    begin_call(&call, "posix_spawn", env, info);
    take_text(&call, &program);
    int output = take_integer(&call);
    if (call.failed)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return fail(&call, errno, NULL);
    int failed = start_with(&pid, program.bytes, output, channel[1]);
    close(channel[1]);
    if (failed) {
        close(channel[0]);
        return fail(&call, failed, program.bytes);
    }
    double *result = registers(&call);
    result[0] = pid;
    result[1] = channel[0];
    return NULL;
}

/* True when it has ended; the registers then have its exit code (-1: none) and its signal (0: none). */
static napi_value take_process_end(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value result;
    int status;
    begin_call(&call, "waitpid", env, info);
    pid_t pid = take_integer(&call);
    if (call.failed)
        return NULL;
    pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended < 0)
        return fail(&call, errno, NULL);
    if (ended > 0) {
        double *end = registers(&call);
        end[0] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        end[1] = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    napi_get_boolean(env, ended > 0, &result);
    return result;
}

const struct function process_functions[] = {
    { "startProcess", start_process }, { "takeProcessEnd", take_process_end }, { NULL, NULL },
};
