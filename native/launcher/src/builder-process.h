/* The child: everything between its creation and the builder. */
#ifndef LAUNCHER_BUILDER_PROCESS_H
#define LAUNCHER_BUILDER_PROCESS_H

#include <sys/types.h>

#include "lifetime.h"
#include "specification.h"

/* What the child cannot ask the kernel any more once it is in its namespaces. */
struct origin {
  uid_t uid;
  gid_t gid;
  size_t joined_cgroups;
  struct lifeline lifeline;
};

/* Sets up the sandbox and becomes the builder. Ends the process with a report if any step fails. */
_Noreturn void become_builder(const struct specification *specification, const struct origin *origin);

#endif
