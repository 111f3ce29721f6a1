/* Arguments and results of calls from JavaScript. */
#include "call.h"

#include <errno.h>
#include <string.h>

static void refuse(struct call *call, const char *message)
{
    if (!call->failed)
        napi_throw_type_error(call->env, "ERR_INVALID_ARG_TYPE", message);
    call->failed = true;
}

void begin_call(struct call *call, const char *name, napi_env env, napi_callback_info info)
{
    call->env = env;
    call->name = name;
    call->next = 0;
    call->count = max_arguments;
    call->failed = false;
    if (napi_get_cb_info(env, info, &call->count, call->arguments, NULL, NULL) != napi_ok)
        refuse(call, "no arguments");
}

static napi_value take(struct call *call)
{
    if (!call->failed && call->next >= call->count)
        refuse(call, "too few arguments");
    return call->failed ? NULL : call->arguments[call->next++];
}

int32_t take_integer(struct call *call)
{
    int32_t value = 0;
    napi_value argument = take(call);
    if (argument && napi_get_value_int32(call->env, argument, &value) != napi_ok)
        refuse(call, "expected an integer");
    return value;
}

int64_t take_long(struct call *call)
{
    int64_t value = 0;
    napi_value argument = take(call);
    if (argument && napi_get_value_int64(call->env, argument, &value) != napi_ok)
        refuse(call, "expected an integer");
    return value;
}

double take_number(struct call *call)
{
    double value = 0;
    napi_value argument = take(call);
    if (argument && napi_get_value_double(call->env, argument, &value) != napi_ok)
        refuse(call, "expected a number");
    return value;
}

bool take_boolean(struct call *call)
{
    bool value = false;
    napi_value argument = take(call);
    if (argument && napi_get_value_bool(call->env, argument, &value) != napi_ok)
        refuse(call, "expected a boolean");
    return value;
}

struct bytes take_bytes(struct call *call)
{
    struct bytes bytes = { NULL, 0 };
    napi_value argument = take(call);
    napi_typedarray_type type;
    void *start = NULL;
    if (argument) {
        if (napi_get_typedarray_info(call->env, argument, &type, &bytes.length, &start, NULL, NULL) != napi_ok
            || type != napi_uint8_array)
            refuse(call, "expected a Uint8Array");
        bytes.start = start;
    }
    return bytes;
}

static void copy_bytes(struct call *call, struct text *text)
{
    struct bytes bytes = take_bytes(call);
    if (call->failed)
        return;
    if (bytes.length >= sizeof text->bytes)
        fail(call, ENAMETOOLONG, NULL);
    else if (bytes.length > 0 && memchr(bytes.start, 0, bytes.length))
        fail(call, EINVAL, "a name with a NUL");
    else if (bytes.length > 0)
        memcpy(text->bytes, bytes.start, bytes.length);
    if (!call->failed)
        text->bytes[bytes.length] = 0;
}

static void copy_characters(struct call *call, napi_value string, struct text *text)
{
    /* One character more than fits is asked for, to tell "exactly full" from "too long". */
    char16_t characters[PATH_MAX + 1];
    size_t length = 0;
    napi_get_value_string_utf16(call->env, string, characters, PATH_MAX + 1, &length);
    if (length >= sizeof text->bytes) {
        fail(call, ENAMETOOLONG, NULL);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (characters[i] == 0 || characters[i] > 255) {
            fail(call, EINVAL, "a name with a NUL or a character past 255");
            return;
        }
        text->bytes[i] = (char) characters[i];
    }
    text->bytes[length] = 0;
}

void take_text(struct call *call, struct text *text)
{
    napi_valuetype type = napi_undefined;
    napi_value argument = take(call);
    text->bytes[0] = 0;
    if (!argument)
        return;
    napi_typeof(call->env, argument, &type);
    if (type == napi_string) {
        copy_characters(call, argument, text);
    } else {
        call->next--;
        copy_bytes(call, text);
    }
}

napi_value from_long(struct call *call, int64_t value)
{
    napi_value result = NULL;
    napi_create_int64(call->env, value, &result);
    return result;
}

napi_value from_text(struct call *call, const char *bytes, size_t length)
{
    napi_value result = NULL;
    napi_create_string_latin1(call->env, bytes, length, &result);
    return result;
}

double *registers(struct call *call)
{
    void *start = NULL;
    napi_get_instance_data(call->env, &start);
    return start;
}
