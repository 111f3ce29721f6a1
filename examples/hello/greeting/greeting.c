#include "greeting.h"

#include <stdio.h>

int greet(char *buffer, size_t size, const char *name)
{
    return snprintf(buffer, size, "Hello, %s!", name == NULL ? "world" : name);
}
