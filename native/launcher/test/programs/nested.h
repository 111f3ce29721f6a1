/* Becoming root in a user namespace of one's own. */
#ifndef LAUNCHER_TEST_NESTED_H
#define LAUNCHER_TEST_NESTED_H

#include <stdbool.h>

/* Makes user and mount namespaces and maps the caller to root in them. */
bool enter_nested_namespace(void);

#endif
