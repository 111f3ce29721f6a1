/* The few devices of the sandbox, and the file systems that the kernel makes up. */
#ifndef LAUNCHER_DEVICES_H
#define LAUNCHER_DEVICES_H

#include "specification.h"

/* Makes /dev, on a file system of its own: device nodes of the host by bind mounts, links to the standard streams, private
 * shared memory and pseudo terminals. */
void make_devices(const struct sandbox *sandbox, int root);

/* Makes the place that mount_proc mounts on. */
void make_proc_directory(int root);

/* Mounts a proc file system that shows this pid namespace. For a builder that is root, the parts that root can change the
 * machine with are read-only. */
void mount_proc(const struct sandbox *sandbox, int root, bool is_root);

#endif
