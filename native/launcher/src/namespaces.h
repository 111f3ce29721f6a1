/* The processes below the launcher and their namespaces. */
#ifndef LAUNCHER_NAMESPACES_H
#define LAUNCHER_NAMESPACES_H

#include <sys/types.h>

#include "specification.h"

/* Like fork(2): the guard, in a pid namespace and, if the sandbox has one, in its user namespace. */
pid_t create_guard(const struct sandbox *sandbox);

/* Like fork(2): the builder, with the sandbox's other namespaces, and straight into the first control group where the
 * kernel can do that. `*joined` is how many of the specification's control groups it is in already. */
pid_t create_builder(const struct specification *specification, size_t *joined);

/* In the builder: writes itself into the remaining control groups, those from `joined` on. */
void join_cgroups(const struct string_list *cgroups, size_t joined);

/* In the builder: makes its control group the root of what it sees, where the kernel has such namespaces. */
void hide_cgroup(void);

/* In the guard: maps its ids in the new user namespace, and gives up setgroups(2). */
void map_identity(const struct user_namespace *user_namespace, uid_t outer_uid, gid_t outer_gid);

#endif
