/* Writes the filter: a program of the kernel's classic packet filter that decides each system call.
 *
 * For each architecture the numbers from 0 to 2^32-1 are cut into intervals of one treatment, and a binary search over
 * the intervals is written out as jumps. Numbers that are allowed without a look at the arguments depend on nothing but
 * the architecture and the number; the kernel (5.11) recognises those and does not run the filter for them at all.
 */
#include "seccomp-program.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/socket.h>

/* The bits of the kernel's own headers, which all architectures here agree on. */
#define SET_ID_BITS 06000U
#define CREATES_FILE (0100U | 020000000U) /* O_CREAT, and O_TMPFILE without O_DIRECTORY */
#define USER_NAMESPACE 0x10000000U        /* CLONE_NEWUSER */

#define INTERVALS_MAX 256

/* Numbers from `first` up to the next interval's are treated alike. */
struct interval {
  uint32_t first;
  enum treatment treatment;
};

struct interval_list {
  size_t count;
  struct interval items[INTERVALS_MAX];
};

/* Past the end nothing is written; the length goes on counting, so that write_filter can tell. */
static size_t emit(struct filter_program *program, struct sock_filter instruction) {
  if (program->length < FILTER_LENGTH_MAX) program->instructions[program->length] = instruction;
  return program->length++;
}

static void load(struct filter_program *program, size_t offset) {
  emit(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The low half of an argument: modes, flags and families are 32 bits wide, and the kernel ignores the rest. */
static void load_argument(struct filter_program *program, unsigned index) {
  _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half comes first");
  load(program, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t));
}

static void answer(struct filter_program *program, uint32_t verdict) {
  emit(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

static void answer_error(struct filter_program *program, int error) {
  answer(program, SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA));
}

static void jump(struct filter_program *program, unsigned test, uint32_t value, unsigned hit, unsigned miss) {
  emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, (uint8_t)hit, (uint8_t)miss));
}

/* `error` if the loaded value has one of `bits`, else allowed. */
static void refuse_bits(struct filter_program *program, uint32_t bits, int error) {
  jump(program, BPF_JSET, bits, 0, 1);
  answer_error(program, error);
  answer(program, SECCOMP_RET_ALLOW);
}

static void check_mode(struct filter_program *program, unsigned mode) {
  load_argument(program, mode);
  refuse_bits(program, SET_ID_BITS, EPERM);
}

/* The mode of an open counts only when it makes a file; else the register holds anything. */
static void check_open(struct filter_program *program, unsigned flags) {
  load_argument(program, flags);
  jump(program, BPF_JSET, CREATES_FILE, 1, 0);
  answer(program, SECCOMP_RET_ALLOW);
  check_mode(program, flags + 1);
}

/* Of netlink, what libraries use without privilege. */
static void check_netlink(struct filter_program *program) {
  static const uint32_t protocols[] = {NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC};
  load_argument(program, 2);
  for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
    jump(program, BPF_JEQ, protocols[i], 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
  }
  answer_error(program, EPROTONOSUPPORT);
}

static void check_socket(struct filter_program *program) {
  static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6};
  load_argument(program, 0);
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    jump(program, BPF_JEQ, families[i], 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
  }
  jump(program, BPF_JEQ, AF_NETLINK, 1, 0);
  answer_error(program, EAFNOSUPPORT);
  check_netlink(program);
}

static void check_namespace(struct filter_program *program) {
  load_argument(program, 0);
  refuse_bits(program, USER_NAMESPACE, EPERM);
}

static void emit_treatment(struct filter_program *program, enum treatment treatment) {
  switch (treatment) {
    case NOT_PERMITTED: return answer_error(program, EPERM);
    case NOT_SUPPORTED: return answer_error(program, EOPNOTSUPP);
    case MODE_SECOND: return check_mode(program, 1);
    case MODE_THIRD: return check_mode(program, 2);
    case OPEN_SECOND: return check_open(program, 1);
    case OPEN_THIRD: return check_open(program, 2);
    case SOCKET: return check_socket(program);
    case NAMESPACE_FIRST: return check_namespace(program);
    case ALLOW: return answer(program, SECCOMP_RET_ALLOW);
    case NO_SUCH_CALL: case CLONE3: case SOCKET_CALL: default: return answer_error(program, ENOSYS);
  }
}

/* What a rule comes to under these choices. */
static enum treatment choose(enum treatment treatment, const struct filter_choices *choices) {
  switch (treatment) {
    case MODE_SECOND: case MODE_THIRD: case OPEN_SECOND: case OPEN_THIRD:
      return choices->set_id_bits ? ALLOW : treatment;
    case NAMESPACE_FIRST: case CLONE3: return choices->nested_namespaces ? ALLOW : treatment;
    case SOCKET_CALL: return choices->socketcall ? ALLOW : treatment;
    default: return treatment;
  }
}

static bool is_reviewed(enum numbering numbering, uint32_t number) {
  const struct number_range *range = reviewed_ranges(numbering);
  for (; range->last != 0; range++)
    if (number >= range->first && number <= range->last) return true;
  return false;
}

static enum treatment treatment_of(enum numbering numbering, uint32_t number, const struct filter_choices *choices) {
  if (!is_reviewed(numbering, number)) return NO_SUCH_CALL;
  for (size_t i = 0; i < seccomp_rule_count; i++) {
    const struct rule *rule = &seccomp_rules[i];
    if (rule->numbers[numbering] >= 0 && (uint32_t)rule->numbers[numbering] == number)
      return choose(rule->treatment, choices);
  }
  return ALLOW;
}

static bool add_interval(struct interval_list *list, uint32_t first, enum treatment treatment) {
  if (list->count > 0 && list->items[list->count - 1].treatment == treatment) return true;
  if (list->count == INTERVALS_MAX) return false;
  list->items[list->count++] = (struct interval){first, treatment};
  return true;
}

/* Walks the reviewed ranges number by number; what follows each of them is unknown until the next begins. */
static bool cut_intervals(enum numbering numbering, const struct filter_choices *choices, struct interval_list *list) {
  list->count = 0;
  bool fits = true;
  for (const struct number_range *range = reviewed_ranges(numbering); range->last != 0; range++) {
    for (uint32_t number = range->first; number <= range->last; number++)
      fits = fits && add_interval(list, number, treatment_of(numbering, number, choices));
    fits = fits && add_interval(list, range->last + 1, NO_SUCH_CALL);
  }
  return fits;
}

/* The binary search over intervals [low, high). A jump's own distance has 8 bits, too few for half a program, so the
 * right half is reached by an unconditional one. */
static void emit_search(struct filter_program *program, const struct interval_list *list, size_t low, size_t high) {
  if (high - low == 1) return emit_treatment(program, list->items[low].treatment);
  size_t middle = low + (high - low) / 2;
  jump(program, BPF_JGE, list->items[middle].first, 0, 1);
  size_t far = emit(program, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
  emit_search(program, list, low, middle);
  if (far < FILTER_LENGTH_MAX) program->instructions[far].k = (uint32_t)(program->length - far - 1);
  emit_search(program, list, middle, high);
}

/* One architecture's part; falls through to what comes next when the call is of another one. */
static bool emit_architecture(struct filter_program *program, const struct architecture *architecture,
                              const struct filter_choices *choices) {
  struct interval_list list;
  if (!cut_intervals(architecture->numbering, choices, &list)) return false;
  load(program, offsetof(struct seccomp_data, arch));
  jump(program, BPF_JEQ, architecture->audit, 1, 0);
  size_t other = emit(program, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
  load(program, offsetof(struct seccomp_data, nr));
  emit_search(program, &list, 0, list.count);
  if (other < FILTER_LENGTH_MAX) program->instructions[other].k = (uint32_t)(program->length - other - 1);
  return true;
}

bool write_filter(const struct architecture *architectures, size_t count, const struct filter_choices *choices,
                  struct filter_program *program) {
  program->length = 0;
  for (size_t i = 0; i < count; i++)
    if (!emit_architecture(program, &architectures[i], choices)) return false;
  answer_error(program, ENOSYS);
  return program->length <= FILTER_LENGTH_MAX;
}
