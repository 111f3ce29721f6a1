/* Who the builder is, and what it can never become. */
#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

/* Root is an id like any other, no ambient capability can be raised, and neither can be undone. */
#define LOCKED_RULES                                                                                       \
  (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |         \
   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* Every kernel that has what the sandbox needs knows the capabilities up to this one. */
#define CAP_LAST_ASSURED CAP_AUDIT_READ

static bool may_forbid(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) != 0) fail(STEP_DROP_BOUNDING_SET, NULL);
  return (sets[CAP_TO_INDEX(CAP_SETPCAP)].effective & CAP_TO_MASK(CAP_SETPCAP)) != 0;
}

void forbid_capabilities(void) {
  if (!may_forbid()) return;
  /* Until the kernel knows no further capability: one that is newer than these headers is dropped too. */
  unsigned long capability = 0;
  while (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) capability++;
  if (errno != EINVAL || capability <= CAP_LAST_ASSURED) fail(STEP_DROP_BOUNDING_SET, NULL);
  if (prctl(PR_SET_SECUREBITS, LOCKED_RULES, 0, 0, 0) != 0) fail(STEP_LOCK_SECUREBITS, NULL);
}

void leave_keyring(void) {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0) return;
  /* A kernel without keyrings, or a filter around the launcher that keeps the builder from them too. */
  if (errno != ENOSYS && errno != EPERM) fail(STEP_LEAVE_KEYRING, NULL);
}

void set_identity(const struct specification *specification) {
  const struct group_list *groups = &specification->groups;
  gid_t gid = specification->gid.value;
  uid_t uid = specification->uid.value;
  if (!specification->uid.present) return;
  if (setgroups(groups->count, groups->items) != 0) fail(STEP_SET_GROUPS, NULL);
  if (setresgid(gid, gid, gid) != 0) fail(STEP_SET_GID, NULL);
  if (setresuid(uid, uid, uid) != 0) fail(STEP_SET_UID, NULL);
}

void drop_privileges(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) fail(STEP_DROP_CAPABILITIES, NULL);
  if (syscall(SYS_capset, &header, none) != 0) fail(STEP_DROP_CAPABILITIES, NULL);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(STEP_SET_NO_NEW_PRIVILEGES, NULL);
}
