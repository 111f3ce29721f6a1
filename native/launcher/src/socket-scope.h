/* What a builder that shares the host's network namespace can still reach there. */
#ifndef LAUNCHER_SOCKET_SCOPE_H
#define LAUNCHER_SOCKET_SCOPE_H

/* Cuts this process and all that come from it off from the abstract sockets of others, and from sending signals to
 * others, where the kernel has Landlock scopes (6.12); elsewhere it does nothing. Comes after no_new_privs. */
void scope_sockets(void);

#endif
