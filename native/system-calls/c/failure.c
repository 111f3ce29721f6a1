/* Failed system calls as JavaScript errors, in the shape of Node's own: code, errno (negative) and syscall. */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct error_name {
    int number;
    const char *name;
};

#define NAME(number) { number, #number }
static const struct error_name error_names[] = {
    NAME(EPERM), NAME(ENOENT), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG), NAME(EBADF), NAME(EAGAIN), NAME(ECHILD),
    NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR),
    NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC),
    NAME(ESPIPE), NAME(EROFS), NAME(EMLINK), NAME(EPIPE), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG),
    NAME(ENOLCK), NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENODATA), NAME(EOVERFLOW), NAME(EILSEQ),
    NAME(ENOTSOCK), NAME(ENOPROTOOPT), NAME(EOPNOTSUPP), NAME(ENOTCONN), NAME(ETIMEDOUT), NAME(ESTALE),
    NAME(EUCLEAN), NAME(EREMOTEIO), NAME(EDQUOT), NAME(ENOMEDIUM), NAME(ECANCELED), NAME(EKEYREVOKED), NAME(ENOKEY),
};
#undef NAME

static const char *error_name(int number)
{
    for (size_t i = 0; i < sizeof error_names / sizeof *error_names; i++)
        if (error_names[i].number == number)
            return error_names[i].name;
    return "EUNKNOWN";
}

static void set_text(napi_env env, napi_value object, const char *key, const char *text)
{
    napi_value value;
    if (napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok)
        napi_set_named_property(env, object, key, value);
}

static void set_number(napi_env env, napi_value object, const char *key, int number)
{
    napi_value value;
    if (napi_create_int32(env, number, &value) == napi_ok)
        napi_set_named_property(env, object, key, value);
}

/* File names are bytes; in a message they are shown as UTF-8, which most are. */
static void describe(char *message, size_t size, struct call *call, int number, const char *text)
{
    const char *code = error_name(number), *what = strerror(number);
    if (text)
        snprintf(message, size, "%s: %s, %s '%s'", code, what, call->name, text);
    else
        snprintf(message, size, "%s: %s, %s", code, what, call->name);
}

napi_value fail(struct call *call, int number, const char *text)
{
    char description[PATH_MAX + 256];
    napi_value message, error;
    call->failed = true;
    describe(description, sizeof description, call, number, text);
    napi_create_string_utf8(call->env, description, NAPI_AUTO_LENGTH, &message);
    if (napi_create_error(call->env, NULL, message, &error) != napi_ok)
        return NULL;
    set_text(call->env, error, "code", error_name(number));
    set_number(call->env, error, "errno", -number);
    set_text(call->env, error, "syscall", call->name);
    napi_throw(call->env, error);
    return NULL;
}
