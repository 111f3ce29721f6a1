/* Which system calls a builder may not make, or only with some arguments; for every architecture Cooper knows.
 *
 * The rule is an allow-list by number: what lies outside the reviewed ranges answers ENOSYS, so that a system call which
 * is added to the kernel later can do nothing here until somebody has read what it does. Inside the ranges everything
 * is allowed but what the table names.
 */
#ifndef LAUNCHER_SECCOMP_RULES_H
#define LAUNCHER_SECCOMP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happens to a system call. */
enum treatment {
  ALLOW,
  NO_SUCH_CALL,     /* ENOSYS */
  NOT_PERMITTED,    /* EPERM */
  NOT_SUPPORTED,    /* EOPNOTSUPP */
  CHMOD_PATH,       /* chmod: a mode with a set-id bit goes to the mode service; EPERM where there is none */
  CHMOD_FD,         /* the same for fchmod */
  CHMOD_AT,         /* the same for fchmodat */
  CHMOD_AT_FLAGS,   /* the same for fchmodat2 */
  MODE_SECOND,      /* EPERM if the second argument, a file mode, has a set-id bit */
  MODE_THIRD,       /* the same for the third */
  OPEN_SECOND,      /* EPERM if the second argument, open flags, creates a file and the third has a set-id bit */
  OPEN_THIRD,       /* the same for the third and the fourth */
  SOCKET,           /* EAFNOSUPPORT unless the first argument is an address family of the list */
  NAMESPACE_FIRST,  /* EPERM if the first argument, clone flags, asks for a user namespace; see filter_choices */
  CLONE3,           /* ENOSYS where NAMESPACE_FIRST is in force, for its flags lie behind a pointer */
  SOCKET_CALL,      /* ENOSYS unless socketcall is let through; see filter_choices */
  TREATMENT_COUNT
};

/* A family of system call numbers. GENERIC serves arm64 and riscv64. */
enum numbering { NUMBERS_X86_64, NUMBERS_I386, NUMBERS_GENERIC, NUMBERS_ARM, NUMBERS_POWERPC, NUMBERING_COUNT };

/* A number that an architecture does not have. */
#define NO_NUMBER (-1)

struct rule {
  const char *name;
  int16_t numbers[NUMBERING_COUNT];
  enum treatment treatment;
};

/* Both ends included. */
struct number_range {
  uint32_t first, last;
};

/* The most numbers that one range can hold. */
#define REVIEWED_RANGE_MAX 512

extern const struct rule seccomp_rules[];
extern const size_t seccomp_rule_count;

/* The reviewed ranges of one numbering, ascending; the list ends with {0, 0}. */
const struct number_range *reviewed_ranges(enum numbering numbering);

#endif
