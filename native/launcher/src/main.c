/* The launcher: one specification in, one builder out.
 *
 * README.md is the contract. This process reads the specification and waits. Below it is the builder's process, whose way
 * is in builder-process.c; in a sandbox with a guard between them.
 */
#include <errno.h>
#include <unistd.h>

#include "builder-process.h"
#include "descriptors.h"
#include "lifetime.h"
#include "mode-service.h"
#include "namespaces.h"
#include "report.h"
#include "resource-limits.h"
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

/* In the guard, which never comes back from here. */
static _Noreturn void watch_over_builder(const struct specification *specification, struct origin *origin,
                                         const struct lifeline *lifeline, gid_t gid) {
  close(lifeline->launcher_end);
  hold_lifeline(lifeline);
  if (specification->sandbox.user_namespace.present)
    map_identity(&specification->sandbox.user_namespace, origin->uid, gid);
  origin->modes = make_mode_channel();
  pid_t builder = create_builder(specification, &origin->joined_cgroups);
  if (builder == 0) become_builder(specification, origin);
  struct mode_service service = prepare_mode_service(&origin->modes, builder, specification, lifeline);
  guard(builder, lifeline, &service);
}

int main(int argc, char **argv) {
  (void)argv;
  struct specification specification;
  struct origin origin = {.uid = geteuid()};
  gid_t gid = getegid();
  keep_standard_descriptors();
  refuse_arguments(argc);
  reset_signals();
  receive(&specification);
  struct lifeline lifeline = make_lifeline();
  struct mode_service service = no_mode_service;
  bool guarded = specification.sandbox.present;
  if (!guarded) origin.modes = make_mode_channel();
  pid_t child = guarded ? create_guard(&specification.sandbox) : create_builder(&specification, &origin.joined_cgroups);
  if (child == 0 && guarded) watch_over_builder(&specification, &origin, &lifeline, gid);
  if (child == 0) {
    origin.lifeline = &lifeline;
    close(lifeline.launcher_end);
    become_builder(&specification, &origin);
  }
  if (!guarded) service = prepare_mode_service(&origin.modes, child, &specification, &lifeline);
  end_like(child, &lifeline, &service);
}
