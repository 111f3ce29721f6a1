/*
 * Reading and making whole small files in one call, and reading, writing and copying contents. A file that is not
 * regular is never opened for reading in a way that could block or that could change it.
 */
#include "call.h"
#include "concerns.h"
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Reads until there is `enough` or the file ends; a read may bring more, up to `room`. */
static ssize_t read_enough(int descriptor, uint8_t *to, size_t enough, size_t room)
{
    size_t done = 0;
    while (done < enough) {
        ssize_t count = read(descriptor, to + done, room - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (size_t) count;
    }
    return (ssize_t) done;
}

static int write_all(int descriptor, const uint8_t *from, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t count = write(descriptor, from + done, length - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        done += (size_t) count;
    }
    return 0;
}

/* Closes, keeping the error that is being reported. */
static void close_quietly(int descriptor)
{
    int number = errno;
    close(descriptor);
    errno = number;
}

/*
 * Opens a name for reading and gives its status; where it is a regular file with room for it and one byte more, so that
 * growth shows, reads it and closes it. The result is the number of bytes read (register 15 then holds -1), or -1 and
 * the open descriptor in register 15 for the caller to read, or to refuse, and to close.
 */
static napi_value read_file_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    struct stat status;
    begin_call(&call, "openat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    struct bytes room = take_bytes(&call);
    if (call.failed)
        return NULL;
    int descriptor = openat(directory, name.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(&call, errno, name.bytes);
    if (fstat(descriptor, &status) != 0) {
        close_quietly(descriptor);
        return fail(&call, errno, name.bytes);
    }
    put_status(registers(&call), &status);
    if (!S_ISREG(status.st_mode) || (uint64_t) status.st_size >= room.length) {
        registers(&call)[register_count - 1] = descriptor;
        return from_long(&call, -1);
    }
    ssize_t length = read_enough(descriptor, room.start, (size_t) status.st_size, (size_t) status.st_size + 1);
    close_quietly(descriptor);
    registers(&call)[register_count - 1] = -1;
    return length < 0 ? fail(&call, errno, name.bytes) : from_long(&call, length);
}

static int fill_file(int descriptor, mode_t mode, struct bytes contents, int64_t seconds)
{
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t) seconds } };
    if (write_all(descriptor, contents.start, contents.length) != 0 || fchmod(descriptor, mode) != 0)
        return -1;
    return seconds < 0 ? 0 : futimens(descriptor, times);
}

/*
 * Makes a file that was not there, with contents, exactly this mode whatever the umask, and (unless negative) time of
 * modification in seconds.
 */
static napi_value make_file_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    begin_call(&call, "openat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    int mode = take_integer(&call);
    struct bytes contents = take_bytes(&call);
    int64_t seconds = take_long(&call);
    if (call.failed)
        return NULL;
    int descriptor = openat(directory, name.bytes, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(&call, errno, name.bytes);
    int failed = fill_file(descriptor, (mode_t) mode, contents, seconds);
    if (failed)
        close_quietly(descriptor);
    else
        failed = close(descriptor) != 0 && errno != EINTR;
    return failed ? fail(&call, errno, name.bytes) : NULL;
}

/* Reads until the room is full or the file ends; gives the number of bytes. */
static napi_value read_contents(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "read", env, info);
    int descriptor = take_integer(&call);
    struct bytes room = take_bytes(&call);
    if (call.failed)
        return NULL;
    ssize_t length = read_enough(descriptor, room.start, room.length, room.length);
    return length < 0 ? fail(&call, errno, NULL) : from_long(&call, length);
}

static napi_value write_contents(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "write", env, info);
    int descriptor = take_integer(&call);
    struct bytes contents = take_bytes(&call);
    if (!call.failed && write_all(descriptor, contents.start, contents.length) != 0)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function contents_functions[] = {
    { "readFileAt", read_file_at }, { "makeFileAt", make_file_at }, { "read", read_contents },
    { "write", write_contents }, { NULL, NULL },
};
