/* The launcher: one specification in, one builder out.
 *
 * README.md is the contract. This process reads the specification, creates the builder's process and waits for it;
 * builder-process.c is what that process does.
 */
#include <errno.h>
#include <unistd.h>

#include "builder-process.h"
#include "descriptors.h"
#include "lifetime.h"
#include "namespaces.h"
#include "report.h"
#include "specification-channel.h"

static void refuse_arguments(int count) {
  errno = EINVAL;
  if (count > 1) fail(STEP_START, NULL);
}

/* The request to die with the parent comes before the specification is read: a parent that ended earlier still has left
 * its end of the channel, which shows after the reading. */
static void receive(struct specification *specification) {
  die_with_parent(true);
  receive_specification(specification);
  if (!specification->die_with_parent) {
    die_with_parent(false);
    return;
  }
  if (is_caller_there()) return;
  errno = EPIPE;
  fail(STEP_WATCH_PARENT, NULL);
}

int main(int argc, char **argv) {
  (void)argv;
  struct specification specification;
  struct origin origin = {.uid = geteuid(), .gid = getegid()};
  keep_standard_descriptors();
  refuse_arguments(argc);
  receive(&specification);
  origin.lifeline = make_lifeline();
  pid_t child = create_process(&specification, &origin.joined_cgroups);
  if (child == 0) become_builder(&specification, &origin);
  end_like(child, &origin.lifeline);
}
