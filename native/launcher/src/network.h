/* The network and the names of the sandbox. */
#ifndef LAUNCHER_NETWORK_H
#define LAUNCHER_NETWORK_H

/* Turns on the loopback interface of a new network namespace; the kernel gives it its addresses. */
void raise_loopback(void);

/* Lets the caller attach the network namespace to the outside: an empty frame asks for it, one byte says that it is done. */
void await_network(void);

/* Sets what uname(2) answers as host and domain name. */
void set_names(const char *host_name, const char *domain_name);

#endif
