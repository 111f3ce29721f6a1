/* Who the builder is, and what it can never become. */
#ifndef LAUNCHER_IDENTITY_H
#define LAUNCHER_IDENTITY_H

#include "specification.h"

/* Empties the bounding set and locks the rules that give root its capabilities. Needs CAP_SETPCAP, so it comes before
 * the change of ids; a launcher without that capability has nothing to give away and skips it. */
void forbid_capabilities(void);

/* Exchanges the session keyring, with the keys of whoever started the launcher, for an empty one. Comes before the change
 * of ids, so that the keyring counts against the quota of the launcher's user. */
void leave_keyring(void);

/* Groups, gid and uid, where the specification names them. */
void set_identity(const struct specification *specification);

/* Empties every set of capabilities and sets no_new_privs. */
void drop_privileges(void);

#endif
