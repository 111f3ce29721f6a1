/* The steps of a launch: one name and one exit code each.
 *
 * A step is what the launcher was doing when it had to give up. Its name goes into the report, its exit code
 * says the class of the step to callers that only see a wait status. README.md carries the same table; the
 * test `report` compares the two.
 */
#ifndef LAUNCHER_STEPS_H
#define LAUNCHER_STEPS_H

enum exit_code {
  EXIT_CODE_USAGE = 64,         /* started wrongly: arguments, descriptors */
  EXIT_CODE_SPECIFICATION = 65, /* the specification was refused */
  EXIT_CODE_PROCESS = 71,       /* processes, namespaces, control groups */
  EXIT_CODE_FILES = 72,         /* mounts, devices, directories */
  EXIT_CODE_NETWORK = 73,       /* loopback, host name */
  EXIT_CODE_CHANNEL = 74,       /* descriptor 3 failed */
  EXIT_CODE_LIMITS = 75,        /* limits, out-of-memory score, personality */
  EXIT_CODE_IDENTITY = 77,      /* ids, capabilities, system call filter */
  EXIT_CODE_EXECUTE = 126       /* execve refused the builder */
};

#define LAUNCHER_STEPS(STEP)                                             \
  STEP(STEP_START, "start", EXIT_CODE_USAGE)                             \
  STEP(STEP_WATCH_PARENT, "watch-parent", EXIT_CODE_PROCESS)             \
  STEP(STEP_READ_SPECIFICATION, "read-specification", EXIT_CODE_CHANNEL) \
  STEP(STEP_DECODE_SPECIFICATION, "decode-specification", EXIT_CODE_SPECIFICATION) \
  STEP(STEP_CREATE_PROCESS, "create-process", EXIT_CODE_PROCESS)         \
  STEP(STEP_JOIN_CGROUP, "join-cgroup", EXIT_CODE_PROCESS)               \
  STEP(STEP_MAP_IDENTITY, "map-identity", EXIT_CODE_IDENTITY)            \
  STEP(STEP_START_SESSION, "start-session", EXIT_CODE_PROCESS)           \
  STEP(STEP_RESET_SIGNALS, "reset-signals", EXIT_CODE_PROCESS)           \
  STEP(STEP_SET_LIMIT, "set-limit", EXIT_CODE_LIMITS)                    \
  STEP(STEP_SET_OOM_SCORE, "set-oom-score", EXIT_CODE_LIMITS)            \
  STEP(STEP_HIDE_CGROUP, "hide-cgroup", EXIT_CODE_PROCESS)               \
  STEP(STEP_RAISE_LOOPBACK, "raise-loopback", EXIT_CODE_NETWORK)         \
  STEP(STEP_AWAIT_NETWORK, "await-network", EXIT_CODE_NETWORK)           \
  STEP(STEP_SET_HOST_NAME, "set-host-name", EXIT_CODE_NETWORK)           \
  STEP(STEP_MAKE_MOUNTS_PRIVATE, "make-mounts-private", EXIT_CODE_FILES) \
  STEP(STEP_MOUNT_ROOT, "mount-root", EXIT_CODE_FILES)                   \
  STEP(STEP_CREATE_MOUNT_POINT, "create-mount-point", EXIT_CODE_FILES)   \
  STEP(STEP_MOUNT_INPUT, "mount-input", EXIT_CODE_FILES)                 \
  STEP(STEP_MOUNT_DEVICES, "mount-devices", EXIT_CODE_FILES)             \
  STEP(STEP_MOUNT_PROC, "mount-proc", EXIT_CODE_FILES)                   \
  STEP(STEP_CHANGE_ROOT, "change-root", EXIT_CODE_FILES)                 \
  STEP(STEP_SET_PERSONALITY, "set-personality", EXIT_CODE_LIMITS)        \
  STEP(STEP_LEAVE_KEYRING, "leave-keyring", EXIT_CODE_IDENTITY)          \
  STEP(STEP_DROP_BOUNDING_SET, "drop-bounding-set", EXIT_CODE_IDENTITY)  \
  STEP(STEP_LOCK_SECUREBITS, "lock-securebits", EXIT_CODE_IDENTITY)      \
  STEP(STEP_SET_GROUPS, "set-groups", EXIT_CODE_IDENTITY)                \
  STEP(STEP_SET_GID, "set-gid", EXIT_CODE_IDENTITY)                      \
  STEP(STEP_SET_UID, "set-uid", EXIT_CODE_IDENTITY)                      \
  STEP(STEP_DROP_CAPABILITIES, "drop-capabilities", EXIT_CODE_IDENTITY)  \
  STEP(STEP_SET_NO_NEW_PRIVILEGES, "set-no-new-privileges", EXIT_CODE_IDENTITY) \
  STEP(STEP_SCOPE_SOCKETS, "scope-sockets", EXIT_CODE_IDENTITY)          \
  STEP(STEP_INSTALL_FILTER, "install-filter", EXIT_CODE_IDENTITY)        \
  STEP(STEP_ENTER_WORKING_DIRECTORY, "enter-working-directory", EXIT_CODE_FILES) \
  STEP(STEP_EXECUTE, "execute", EXIT_CODE_EXECUTE)

#define LAUNCHER_STEP_ENUM(symbol, name, code) symbol,
enum step { LAUNCHER_STEPS(LAUNCHER_STEP_ENUM) STEP_COUNT };
#undef LAUNCHER_STEP_ENUM

/* The name of a step, as the report carries it. */
const char *step_name(enum step step);

/* The exit code of a step's class. */
int step_exit_code(enum step step);

#endif
