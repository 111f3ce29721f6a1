/* Reading directories, a bounded number of entries at a time. */
#include "call.h"
#include "concerns.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel writes them (getdents64(2)). */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static bool is_itself_or_parent(const char *name)
{
    return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

static void append(struct call *call, napi_value list, uint32_t at, const struct entry *entry)
{
    napi_value type;
    napi_create_uint32(call->env, entry->type, &type);
    napi_set_element(call->env, list, at, from_text(call, entry->name, strlen(entry->name)));
    napi_set_element(call->env, list, at + 1, type);
}

/* The next entries: name, type, name, type … as a flat list; empty at the end. Types are those of dirent.h. */
static napi_value read_directory(napi_env env, napi_callback_info info)
{
    struct call call;
    _Alignas(struct entry) char buffer[32768];
    napi_value list;
    uint32_t count = 0;
    begin_call(&call, "getdents64", env, info);
    int descriptor = take_integer(&call);
    if (call.failed)
        return NULL;
    napi_create_array(env, &list);
    while (count == 0) {
        long length = syscall(SYS_getdents64, descriptor, buffer, sizeof buffer);
        if (length < 0)
            return fail(&call, errno, NULL);
        if (length == 0)
            break;
        for (long at = 0; at < length;) {
            const struct entry *entry = (const struct entry *) (buffer + at);
            if (!is_itself_or_parent(entry->name)) {
                append(&call, list, count, entry);
                count += 2;
            }
            at += entry->length;
        }
    }
    return list;
}

/* Starts the reading of a directory again. */
static napi_value rewind_directory(napi_env env, napi_callback_info info)
{
    struct call call;
    begin_call(&call, "lseek", env, info);
    int descriptor = take_integer(&call);
    if (!call.failed && lseek(descriptor, 0, SEEK_SET) < 0)
        return fail(&call, errno, NULL);
    return NULL;
}

const struct function directory_functions[] = {
    { "readDirectory", read_directory }, { "rewindDirectory", rewind_directory }, { NULL, NULL },
};
