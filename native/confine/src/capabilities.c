/* Capabilities: their names, and cutting this process down to some of them.
 *
 * What is kept goes into the ambient set, which survives an execve, also under no_new_privs and for any uid. Root gets
 * nothing more than others (SECBIT_NOROOT), so that "root, with three capabilities" means what it says.
 */
#include "capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "complaint.h"

/* In the order of their numbers, up to Linux 6.18. */
static const char *const names[] = {
    "CAP_CHOWN",           "CAP_DAC_OVERRIDE",     "CAP_DAC_READ_SEARCH", "CAP_FOWNER",         "CAP_FSETID",
    "CAP_KILL",            "CAP_SETGID",           "CAP_SETUID",          "CAP_SETPCAP",        "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",   "CAP_NET_ADMIN",       "CAP_NET_RAW",        "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",       "CAP_SYS_MODULE",       "CAP_SYS_RAWIO",       "CAP_SYS_CHROOT",     "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",       "CAP_SYS_ADMIN",        "CAP_SYS_BOOT",        "CAP_SYS_NICE",       "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",        "CAP_SYS_TTY_CONFIG",   "CAP_MKNOD",           "CAP_LEASE",          "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",   "CAP_SETFCAP",          "CAP_MAC_OVERRIDE",    "CAP_MAC_ADMIN",      "CAP_SYSLOG",
    "CAP_WAKE_ALARM",      "CAP_BLOCK_SUSPEND",    "CAP_AUDIT_READ",      "CAP_PERFMON",        "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE"};
#define NAMES ((int)(sizeof names / sizeof *names))

#define LOCKED_RULES                                                                               \
  (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | \
   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

struct sets {
  uint64_t effective, permitted, inheritable;
};

static uint64_t bit(int capability) {
  return UINT64_C(1) << capability;
}

int find_capability(const char *name) {
  for (int i = 0; i < NAMES; i++)
    if (strcmp(names[i], name) == 0 || strcasecmp(names[i] + strlen("CAP_"), name) == 0) return i;
  return -1;
}

static struct sets get_sets(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, halves) != 0) complain(EXIT_CODE_RIGHTS, "read the capabilities");
  return (struct sets){
      .effective = halves[0].effective | (uint64_t)halves[1].effective << 32,
      .permitted = halves[0].permitted | (uint64_t)halves[1].permitted << 32,
      .inheritable = halves[0].inheritable | (uint64_t)halves[1].inheritable << 32,
  };
}

static void put_sets(struct sets sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  const struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3] = {
      {(uint32_t)sets.effective, (uint32_t)sets.permitted, (uint32_t)sets.inheritable},
      {(uint32_t)(sets.effective >> 32), (uint32_t)(sets.permitted >> 32), (uint32_t)(sets.inheritable >> 32)},
  };
  if (syscall(SYS_capset, &header, halves) != 0) complain(EXIT_CODE_RIGHTS, "change the capabilities");
}

bool holds_capability(int capability) {
  return (get_sets().effective & bit(capability)) != 0;
}

void cut_bounding_set(uint64_t kept) {
  if (!holds_capability(CAP_SETPCAP)) return;
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
    if (capability < 64 && (kept & bit(capability)) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) complain(EXIT_CODE_RIGHTS, "cut the bounding set");
  }
}

static void raise_ambient(uint64_t kept) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) complain(EXIT_CODE_RIGHTS, "clear the ambient set");
  for (int capability = 0; capability < NAMES; capability++) {
    if ((kept & bit(capability)) == 0) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
      complain_about(EXIT_CODE_RIGHTS, "keep", names[capability]);
  }
}

static void check_held(uint64_t kept, uint64_t held) {
  for (int capability = 0; capability < NAMES; capability++) {
    if ((kept & ~held & bit(capability)) == 0) continue;
    errno = EPERM;
    complain_about(EXIT_CODE_RIGHTS, "keep", names[capability]);
  }
}

void keep_capabilities(uint64_t kept) {
  uint64_t held = get_sets().permitted;
  check_held(kept, held);
  /* The right to lock the rules is held until they are locked. */
  uint64_t needed = kept | (held & bit(CAP_SETPCAP));
  put_sets((struct sets){.effective = needed, .permitted = needed, .inheritable = kept});
  raise_ambient(kept);
  if (needed & bit(CAP_SETPCAP) && prctl(PR_SET_SECUREBITS, LOCKED_RULES, 0, 0, 0) != 0)
    complain(EXIT_CODE_RIGHTS, "lock the rules of capabilities");
  put_sets((struct sets){.effective = kept, .permitted = kept, .inheritable = kept});
}
