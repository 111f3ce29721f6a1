/* The addon as a whole: hands its functions, and the registers shared with them, to JavaScript. */
#include "call.h"
#include "concerns.h"

static const struct function *const concerns[] = {
    opening_functions, entry_functions, status_functions, attribute_functions, extended_attribute_functions,
    directory_functions, contents_functions, lock_functions, peer_functions, pipe_functions,
    process_functions, descriptor_functions,
};

static napi_status add_functions(napi_env env, napi_value exports, const struct function *function)
{
    for (; function->name; function++) {
        napi_value value;
        napi_status status
            = napi_create_function(env, function->name, NAPI_AUTO_LENGTH, function->callback, NULL, &value);
        if (status == napi_ok)
            status = napi_set_named_property(env, exports, function->name, value);
        if (status != napi_ok)
            return status;
    }
    return napi_ok;
}

/* The registers live as long as `exports`, which holds them; whoever can call a function holds that. */
static napi_status add_registers(napi_env env, napi_value exports)
{
    void *start;
    napi_value buffer, array;
    napi_status status = napi_create_arraybuffer(env, register_count * sizeof(double), &start, &buffer);
    if (status == napi_ok)
        status = napi_set_instance_data(env, start, NULL, NULL);
    if (status == napi_ok)
        status = napi_create_typedarray(env, napi_float64_array, register_count, buffer, 0, &array);
    if (status == napi_ok)
        status = napi_set_named_property(env, exports, "registers", array);
    return status;
}

NAPI_MODULE_INIT()
{
    napi_status status = add_registers(env, exports);
    for (size_t i = 0; i < sizeof concerns / sizeof *concerns && status == napi_ok; i++)
        status = add_functions(env, exports, concerns[i]);
    if (status != napi_ok)
        napi_throw_error(env, NULL, "system-calls could not be set up");
    return exports;
}
