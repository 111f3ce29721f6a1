/* The builder's process: everything between its creation and the builder. */
#ifndef LAUNCHER_BUILDER_PROCESS_H
#define LAUNCHER_BUILDER_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "lifetime.h"
#include "mode-service.h"
#include "specification.h"

/* Where the builder's process comes from. */
struct origin {
  uid_t uid;                       /* of the launcher, on the host */
  size_t joined_cgroups;           /* how many of the control groups it is in already */
  struct mode_channel modes;       /* to the parent, who makes changes of modes */
  const struct lifeline *lifeline; /* to the launcher, where no guard stands between; else NULL */
};

/* Sets up the sandbox and becomes the builder. Ends the process with a report if any step fails. */
_Noreturn void become_builder(const struct specification *specification, const struct origin *origin);

#endif
