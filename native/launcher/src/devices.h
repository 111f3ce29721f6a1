/* The few devices of the sandbox, and the file systems that the kernel makes up. */
#ifndef LAUNCHER_DEVICES_H
#define LAUNCHER_DEVICES_H

#include "specification.h"

/* Fills /dev: device nodes of the host by bind mounts, links to the standard streams, a private shared-memory file
 * system. */
void make_devices(const struct sandbox *sandbox, int root);

/* A private instance of the pseudo terminals. */
void mount_pseudo_terminals(int root);

/* A proc file system that shows this pid namespace. */
void mount_proc(int root);

#endif
