/* Limits, signals and the traits of a process that it hands on to its children. */
#ifndef LAUNCHER_RESOURCE_LIMITS_H
#define LAUNCHER_RESOURCE_LIMITS_H

#include "specification.h"

/* Every signal to its default, none blocked; processes inherit that. An ignored SIGCHLD would hide how a child ended, and
 * any ignored signal would pass an execve. */
void reset_signals(void);

void set_limits(const struct limit_list *limits);

/* How readily the kernel kills this process when memory runs out: -1000 never, 1000 first. */
void set_oom_score(const struct oom_score *score);

#endif
