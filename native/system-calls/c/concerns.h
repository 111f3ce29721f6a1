/* What each file of this addon offers to JavaScript. */
#ifndef COOPER_CONCERNS_H
#define COOPER_CONCERNS_H

#include <node_api.h>

struct function {
    const char *name;
    napi_callback callback;
};

/* Each table ends with a NULL name. */
extern const struct function opening_functions[];
extern const struct function entry_functions[];
extern const struct function status_functions[];
extern const struct function attribute_functions[];
extern const struct function extended_attribute_functions[];
extern const struct function directory_functions[];
extern const struct function contents_functions[];
extern const struct function lock_functions[];
extern const struct function peer_functions[];
extern const struct function pipe_functions[];
extern const struct function process_functions[];
extern const struct function descriptor_functions[];

#endif
