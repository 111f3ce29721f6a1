/* The builder's process and its namespaces. */
#ifndef LAUNCHER_NAMESPACES_H
#define LAUNCHER_NAMESPACES_H

#include <sys/types.h>

#include "specification.h"

/* Like fork(2), with new namespaces as the sandbox asks, and straight into the first control group where the kernel
 * can do that. `*joined` is how many of the specification's control groups the child is in already. */
pid_t create_process(const struct specification *specification, size_t *joined);

/* In the child: writes itself into the remaining control groups, those from `joined` on. */
void join_cgroups(const struct string_list *cgroups, size_t joined);

/* In the child: makes its control group the root of what it sees, where the kernel has such namespaces. */
void hide_cgroup(void);

/* In the child: maps its ids in the new user namespace, and gives up setgroups(2). */
void map_identity(const struct user_namespace *user_namespace, uid_t outer_uid, gid_t outer_gid);

#endif
