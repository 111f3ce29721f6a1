/* Capabilities: their names, and cutting this process down to some of them. */
#ifndef CONFINE_CAPABILITIES_H
#define CONFINE_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

/* The number of a name such as CAP_CHOWN, or -1. */
int find_capability(const char *name);

/* Whether this process holds a capability now. */
bool holds_capability(int capability);

/* Takes every capability but `kept` out of the bounding set. Needs CAP_SETPCAP; without it there is nothing that could be
 * gained back, once no_new_privs is set, and it does nothing. */
void cut_bounding_set(uint64_t kept);

/* Makes `kept` what this process has and what a command it executes will have, whatever its uid; locks the rules. Those
 * that it does not hold are a complaint. */
void keep_capabilities(uint64_t kept);

#endif
