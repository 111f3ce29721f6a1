/* The execution domain: which machine and kernel the build believes in, and how its memory is laid out. */
#ifndef LAUNCHER_PERSONALITY_H
#define LAUNCHER_PERSONALITY_H

#include "specification.h"

void set_personality(const struct personality_flags *flags);

#endif
