/*
 * One call from JavaScript: its arguments, taken in order, and how it fails.
 *
 * Taking an argument that is not there or not of the right kind leaves an exception pending and sets `failed`; the
 * takers after it then do nothing, so a function takes all its arguments and looks at `failed` once.
 */
#ifndef COOPER_CALL_H
#define COOPER_CALL_H

#include <limits.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { max_arguments = 8 };

struct call {
    napi_env env;
    const char *name;               /* of the system call, for errors */
    size_t count;                   /* arguments given */
    size_t next;                    /* the next one to take */
    napi_value arguments[max_arguments];
    bool failed;
};

/* A name or path as the kernel takes it: any bytes but NUL, NUL-terminated. */
struct text {
    char bytes[PATH_MAX];
};

/* Bytes lent by JavaScript for the length of a call. */
struct bytes {
    uint8_t *start;
    size_t length;
};

void begin_call(struct call *call, const char *name, napi_env env, napi_callback_info info);

int32_t take_integer(struct call *call);
int64_t take_long(struct call *call);
double take_number(struct call *call);
bool take_boolean(struct call *call);
/* A string of characters below 256, one a byte, or a Uint8Array. Longer than PATH_MAX - 1 fails with ENAMETOOLONG. */
void take_text(struct call *call, struct text *text);
struct bytes take_bytes(struct call *call);

/* Throws an error with code, errno and syscall, as Node's own do. `text` names the file, or is NULL. Returns NULL. */
napi_value fail(struct call *call, int number, const char *text);

napi_value from_long(struct call *call, int64_t value);
napi_value from_text(struct call *call, const char *bytes, size_t length);

/* Numbers that a call gives besides its result lie in an array shared with JavaScript: see status.h for their order. */
enum { register_count = 16 };
double *registers(struct call *call);

#endif
