/* The pieces of filter that the search for a number ends in: a verdict, or a look at the arguments and then a verdict. */
#include "seccomp-checks.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The bits of the kernel's own headers, which all architectures here agree on. */
#define SET_ID_BITS 06000U
#define CREATES_FILE (0100U | 020000000U) /* O_CREAT, and O_TMPFILE without O_DIRECTORY */
#define USER_NAMESPACE 0x10000000U        /* CLONE_NEWUSER */

static void put(struct check *check, struct sock_filter instruction) {
  if (check->length == CHECK_LENGTH_MAX) abort();
  check->instructions[check->length++] = instruction;
}

/* The low half of an argument: modes, flags and families are 32 bits wide, and the kernel ignores the rest. */
static void load_argument(struct check *check, unsigned index) {
  _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half comes first");
  size_t offset = offsetof(struct seccomp_data, args) + index * sizeof(uint64_t);
  put(check, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void allow(struct check *check) {
  put(check, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static void refuse(struct check *check, int error) {
  put(check, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA)));
}

static void jump(struct check *check, unsigned test, uint32_t value, uint8_t hit, uint8_t miss) {
  put(check, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | test | BPF_K), value, hit, miss));
}

/* To the mode service if the mode has a set-id bit, else allowed. */
static void hand_on_bits(struct check *check, unsigned argument) {
  load_argument(check, argument);
  jump(check, BPF_JSET, SET_ID_BITS, 0, 1);
  put(check, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  allow(check);
}

/* EPERM if the argument has one of `bits`, else allowed. */
static void refuse_bits(struct check *check, unsigned argument, uint32_t bits) {
  load_argument(check, argument);
  jump(check, BPF_JSET, bits, 0, 1);
  refuse(check, EPERM);
  allow(check);
}

/* The mode of an open counts only when it makes a file; else the register holds anything. */
static void check_open(struct check *check, unsigned flags) {
  load_argument(check, flags);
  jump(check, BPF_JSET, CREATES_FILE, 1, 0);
  allow(check);
  refuse_bits(check, flags + 1, SET_ID_BITS);
}

static void allow_values(struct check *check, const uint32_t *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    jump(check, BPF_JEQ, values[i], 0, 1);
    allow(check);
  }
}

/* Of netlink, what libraries use without privilege. */
static void check_socket(struct check *check) {
  static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6};
  static const uint32_t protocols[] = {NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC};
  load_argument(check, 0);
  allow_values(check, families, sizeof families / sizeof *families);
  jump(check, BPF_JEQ, AF_NETLINK, 1, 0);
  refuse(check, EAFNOSUPPORT);
  load_argument(check, 2);
  allow_values(check, protocols, sizeof protocols / sizeof *protocols);
  refuse(check, EPROTONOSUPPORT);
}

struct check write_check(enum treatment treatment) {
  struct check check = {.length = 0};
  switch (treatment) {
    case ALLOW: allow(&check); break;
    case NOT_PERMITTED: refuse(&check, EPERM); break;
    case NOT_SUPPORTED: refuse(&check, EOPNOTSUPP); break;
    case CHMOD_PATH: case CHMOD_FD: hand_on_bits(&check, 1); break;
    case CHMOD_AT: case CHMOD_AT_FLAGS: hand_on_bits(&check, 2); break;
    case MODE_SECOND: refuse_bits(&check, 1, SET_ID_BITS); break;
    case MODE_THIRD: refuse_bits(&check, 2, SET_ID_BITS); break;
    case OPEN_SECOND: check_open(&check, 1); break;
    case OPEN_THIRD: check_open(&check, 2); break;
    case SOCKET: check_socket(&check); break;
    case NAMESPACE_FIRST: refuse_bits(&check, 0, USER_NAMESPACE); break;
    case NO_SUCH_CALL: case CLONE3: case SOCKET_CALL: case TREATMENT_COUNT: refuse(&check, ENOSYS); break;
  }
  return check;
}
