/* The builder's process: everything between its creation and the builder, in an order of which each place has its reason.
 *
 * README.md, "The order of the steps", gives the reasons.
 */
#include "builder-process.h"

#include <sys/stat.h>
#include <unistd.h>

#include "identity.h"
#include "mounts.h"
#include "namespaces.h"
#include "network.h"
#include "personality.h"
#include "report.h"
#include "resource-limits.h"
#include "seccomp.h"
#include "socket-scope.h"

/* The mode of what the launcher makes does not depend on who started it. */
#define SETUP_UMASK 022

/* Whether the builder's uid is root's on the host. */
static bool is_root(const struct specification *specification, const struct origin *origin) {
  return (specification->uid.present ? specification->uid.value : origin->uid) == 0;
}

static bool shares_network(const struct sandbox *sandbox) {
  return !sandbox->present || !sandbox->private_network;
}

static void set_up_process(const struct specification *specification, const struct origin *origin) {
  mode_t inherited = umask(SETUP_UMASK);
  if (setsid() < 0) fail(STEP_START_SESSION, NULL);
  join_cgroups(&specification->cgroups, origin->joined_cgroups);
  set_limits(&specification->limits);
  set_oom_score(&specification->oom_score);
  if (specification->sandbox.present) {
    const struct sandbox *sandbox = &specification->sandbox;
    hide_cgroup();
    if (sandbox->private_network) raise_loopback();
    if (sandbox->private_network && sandbox->await_network) await_network();
    set_names(sandbox->host_name, sandbox->domain_name);
    enter_root(sandbox, is_root(specification, origin));
  }
  umask(specification->umask.present ? specification->umask.value : inherited);
}

static void give_up_rights(const struct specification *specification, const struct origin *origin) {
  leave_keyring();
  forbid_capabilities();
  set_identity(specification);
  drop_privileges();
  if (shares_network(&specification->sandbox)) scope_sockets();
  if (origin->lifeline != NULL) hold_lifeline(origin->lifeline);
}

static void filter_calls(const struct specification *specification, const struct origin *origin) {
  if (!specification->seccomp) return;
  bool served = !specification->set_id_bits && ask_for_mode_service(&origin->modes);
  int listener = install_filter(specification, served);
  if (listener < 0) return;
  hand_over_listener(&origin->modes, listener);
  close(listener);
}

_Noreturn void become_builder(const struct specification *specification, const struct origin *origin) {
  set_up_process(specification, origin);
  set_personality(&specification->personality);
  give_up_rights(specification, origin);
  if (chdir(specification->working_directory) != 0)
    fail(STEP_ENTER_WORKING_DIRECTORY, specification->working_directory);
  filter_calls(specification, origin);
  execve(specification->builder, (char *const *)specification->arguments.items,
         (char *const *)specification->environment.items);
  fail(STEP_EXECUTE, specification->builder);
}
