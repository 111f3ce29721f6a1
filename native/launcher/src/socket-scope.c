/* What a builder that shares the host's network namespace can still reach there.
 *
 * Abstract socket names belong to the network namespace and have no permissions: through one, a builder can hand an open
 * descriptor of its output to somebody who waits outside (CVE-2024-27297).
 */
#include "socket-scope.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

/* Of <linux/landlock.h>, which older headers have without the last field. */
struct ruleset_attributes {
  uint64_t handled_access_fs, handled_access_net, scoped;
};
#define GET_VERSION 1U
#define FIRST_VERSION_WITH_SCOPES 6
#define SCOPE_ABSTRACT_SOCKETS 1U
#define SCOPE_SIGNALS 2U

void scope_sockets(void) {
  const struct ruleset_attributes attributes = {.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
  if (syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION) < FIRST_VERSION_WITH_SCOPES) return;
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) fail(STEP_SCOPE_SOCKETS, NULL);
  close(ruleset);
}
