/*
 * Changing modes, owners and times: of descriptors, or of names in directories without following symlinks. An empty
 * name means the descriptor itself.
 */
#include "call.h"
#include "concerns.h"
#include "descriptor-path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if !defined SYS_fchmodat2 \
    && ((defined __x86_64__ && defined __LP64__) || defined __i386__ || defined __aarch64__ || defined __arm__ \
        || defined __riscv || defined __powerpc__ || defined __loongarch__)
#define SYS_fchmodat2 452
#endif

/* Works on descriptors that are only handles (O_PATH), too. */
static int set_mode(int descriptor, mode_t mode)
{
    struct descriptor_path path;
    if (fchmod(descriptor, mode) == 0)
        return 0;
    if (errno != EBADF)
        return -1;
#ifdef SYS_fchmodat2
    if (syscall(SYS_fchmodat2, descriptor, "", mode, AT_EMPTY_PATH) == 0)
        return 0;
    if (!is_unknown_call())
        return -1;
#endif
    return find_path(&path, descriptor, "") ? chmod(path.bytes, mode) : -1;
}

static napi_value change_mode(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "fchmod", env, info);
    int descriptor = take_integer(&call);
    int mode = take_integer(&call);
    if (!call.failed && set_mode(descriptor, (mode_t) mode) != 0)
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

static int set_times(int directory, const char *name, const struct timespec times[2])
{
    struct descriptor_path path;
    if (name[0])
        return utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW);
    if (utimensat(directory, "", times, AT_EMPTY_PATH) == 0)
        return 0;
    /* Linux before 5.8 does not know the flag here. */
    if (errno != EINVAL)
        return -1;
    return find_path(&path, directory, "") ? utimensat(AT_FDCWD, path.bytes, times, 0) : -1;
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
    if (!call.failed && set_times(directory, name.bytes, times) != 0)
        return fail(&call, errno, name.bytes);
    return NULL;
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
