/* Reading the specification from descriptor 3. */
#ifndef LAUNCHER_SPECIFICATION_CHANNEL_H
#define LAUNCHER_SPECIFICATION_CHANNEL_H

#include "specification.h"

/* Reads one frame and decodes it. Anything but a good specification ends the process with a report. */
void receive_specification(struct specification *specification);

/* Whether the caller still holds its end of descriptor 3. */
bool is_caller_there(void);

#endif
