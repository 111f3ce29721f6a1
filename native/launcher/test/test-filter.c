/* The system call filter: the program is run here, by an interpreter of the few instructions it uses, for every
 * architecture and number; and the numbers of the table are compared with the kernel's headers, where they are installed.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "seccomp-program.h"

#define SET_ID_MODE 04755U
#define CREATE 0100U

static const struct {
  const char *name;
  struct architecture architecture;
} all[] = {
    {"x86_64", {AUDIT_ARCH_X86_64, NUMBERS_X86_64}},   {"i386", {AUDIT_ARCH_I386, NUMBERS_I386}},
    {"aarch64", {AUDIT_ARCH_AARCH64, NUMBERS_GENERIC}}, {"arm", {AUDIT_ARCH_ARM, NUMBERS_ARM}},
    {"riscv64", {AUDIT_ARCH_RISCV64, NUMBERS_GENERIC}}, {"powerpc64le", {AUDIT_ARCH_PPC64LE, NUMBERS_POWERPC}},
};
#define ARCHITECTURES (sizeof all / sizeof *all)

static bool holds(const struct sock_filter *jump, uint32_t value) {
  switch (BPF_OP(jump->code)) {
    case BPF_JEQ: return value == jump->k;
    case BPF_JGE: return value >= jump->k;
    case BPF_JSET: return (value & jump->k) != 0;
    default: abort();
  }
}

/* The verdict on a system call. Leaves the program only by an answer. */
static uint32_t run(const struct filter_program *program, const struct seccomp_data *data) {
  uint32_t value = 0;
  for (size_t at = program->first; at < FILTER_LENGTH_MAX; at++) {
    const struct sock_filter *step = &program->instructions[at];
    if (step->code == (BPF_RET | BPF_K)) return step->k;
    if (step->code == (BPF_LD | BPF_W | BPF_ABS)) memcpy(&value, (const char *)data + step->k, sizeof value);
    else if (step->code == (BPF_JMP | BPF_JA)) at += step->k;
    else at += holds(step, value) ? step->jt : step->jf;
  }
  abort();
}

static uint32_t ask(const struct filter_program *program, uint32_t audit, uint32_t number, const uint64_t arguments[4]) {
  struct seccomp_data data = {.nr = (int)number, .arch = audit};
  memcpy(data.args, arguments, 4 * sizeof *arguments);
  return run(program, &data);
}

static uint32_t error(int number) {
  return SECCOMP_RET_ERRNO | (uint32_t)number;
}

static struct filter_program *make_program(const struct filter_choices *choices) {
  struct architecture architectures[ARCHITECTURES];
  struct filter_program *program = malloc(sizeof *program);
  if (program == NULL) abort();
  for (size_t i = 0; i < ARCHITECTURES; i++) architectures[i] = all[i].architecture;
  CHECK(write_filter(architectures, ARCHITECTURES, choices, program), "the program does not fit");
  return program;
}

/* What the table says about a call whose arguments are all harmless, or all as bad as can be. */
static uint32_t expected(enum treatment treatment, bool bad) {
  switch (treatment) {
    case ALLOW: return SECCOMP_RET_ALLOW;
    case NOT_PERMITTED: return error(EPERM);
    case NOT_SUPPORTED: return error(EOPNOTSUPP);
    case CHMOD_PATH: case CHMOD_FD: case CHMOD_AT: case CHMOD_AT_FLAGS:
    case MODE_SECOND: case MODE_THIRD: case OPEN_SECOND: case OPEN_THIRD: case NAMESPACE_FIRST:
      return bad ? error(EPERM) : SECCOMP_RET_ALLOW;
    case SOCKET: return bad ? error(EAFNOSUPPORT) : SECCOMP_RET_ALLOW;
    default: return error(ENOSYS);
  }
}

/* Arguments that the treatment must let through, or stop. High halves are set where the kernel ignores them. */
static void fill(enum treatment treatment, bool bad, uint64_t arguments[4]) {
  uint64_t mode = (bad ? SET_ID_MODE : 01755U) | UINT64_C(0xffffffff) << 32;
  memset(arguments, 0, 4 * sizeof *arguments);
  if (treatment == MODE_SECOND || treatment == CHMOD_PATH || treatment == CHMOD_FD) arguments[1] = mode;
  if (treatment == MODE_THIRD || treatment == CHMOD_AT || treatment == CHMOD_AT_FLAGS) arguments[2] = mode;
  if (treatment == OPEN_SECOND || treatment == OPEN_THIRD) {
    arguments[treatment == OPEN_SECOND ? 1 : 2] = CREATE | 1;
    arguments[treatment == OPEN_SECOND ? 2 : 3] = mode;
  }
  if (treatment == SOCKET) arguments[0] = bad ? AF_PACKET : AF_UNIX;
  if (treatment == NAMESPACE_FIRST) arguments[0] = bad ? 0x10000000U | 17 : 17;
}

static const struct rule *find_rule(enum numbering numbering, uint32_t number) {
  for (size_t i = 0; i < seccomp_rule_count; i++)
    if (seccomp_rules[i].numbers[numbering] == (int)number) return &seccomp_rules[i];
  return NULL;
}

static bool in_ranges(enum numbering numbering, uint32_t number) {
  for (const struct number_range *range = reviewed_ranges(numbering); range->last != 0; range++)
    if (number >= range->first && number <= range->last) return true;
  return false;
}

static void check_number(const struct filter_program *program, size_t which, uint32_t number) {
  enum numbering numbering = all[which].architecture.numbering;
  const struct rule *rule = find_rule(numbering, number);
  enum treatment treatment = !in_ranges(numbering, number) ? NO_SUCH_CALL : rule != NULL ? rule->treatment : ALLOW;
  for (int bad = 0; bad < 2; bad++) {
    uint64_t arguments[4];
    fill(treatment, bad, arguments);
    uint32_t verdict = ask(program, all[which].architecture.audit, number, arguments);
    CHECK(verdict == expected(treatment, bad), "%s %u bad=%d: %x", all[which].name, number, bad, verdict);
  }
}

static void check_every_number(void) {
  static const uint32_t far[] = {0xf0000, 0xf0001, 0xf0002, 0xf0006, 0xf0007, 0x40000000, 0x4000005a, 0x40000101,
                                 0x7fffffff, 0x80000000, 0xffffffff};
  struct filter_program *program = make_program(&(struct filter_choices){0});
  for (size_t which = 0; which < ARCHITECTURES; which++) {
    for (uint32_t number = 0; number < 1024; number++) check_number(program, which, number);
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) check_number(program, which, far[i]);
  }
  uint64_t none[4] = {0};
  CHECK(ask(program, AUDIT_ARCH_S390X, 3, none) == error(ENOSYS), "another architecture");
  printf("filter: %zu instructions for %zu architectures\n", FILTER_LENGTH_MAX - program->first, ARCHITECTURES);
  free(program);
}

static void check_ranges(void) {
  for (int numbering = 0; numbering < NUMBERING_COUNT; numbering++) {
    const struct number_range *range = reviewed_ranges((enum numbering)numbering);
    uint32_t after = 0;
    for (; range->last != 0; after = range++->last + 1) {
      CHECK(range->last - range->first < REVIEWED_RANGE_MAX, "a range of numbering %d is too long", numbering);
      CHECK(range->first >= after && range->last >= range->first, "ranges of numbering %d overlap", numbering);
    }
  }
}

/* x86_64 and i386, by the numbers that programs use. */
static void check_examples(void) {
  struct filter_program *program = make_program(&(struct filter_choices){0});
  const uint32_t x64 = AUDIT_ARCH_X86_64, x86 = AUDIT_ARCH_I386;
  CHECK(ask(program, x64, 90, (uint64_t[4]){0, 04755}) == error(EPERM), "chmod");
  CHECK(ask(program, x64, 90, (uint64_t[4]){0, 01777}) == SECCOMP_RET_ALLOW, "chmod with the sticky bit");
  CHECK(ask(program, x86, 15, (uint64_t[4]){0, 02755}) == error(EPERM), "chmod, 32 bits");
  CHECK(ask(program, x64, 2, (uint64_t[4]){0, 0, 06755}) == SECCOMP_RET_ALLOW, "open that makes nothing");
  CHECK(ask(program, x64, 257, (uint64_t[4]){0, 0, 020200000, 06755}) == error(EPERM), "openat of a temporary file");
  CHECK(ask(program, x64, 41, (uint64_t[4]){AF_NETLINK, 3, 0}) == SECCOMP_RET_ALLOW, "netlink route");
  CHECK(ask(program, x64, 41, (uint64_t[4]){AF_NETLINK, 3, 12}) == error(EPROTONOSUPPORT), "netlink netfilter");
  CHECK(ask(program, x64, 41, (uint64_t[4]){40, 1, 0}) == error(EAFNOSUPPORT), "vsock");
  CHECK(ask(program, x64, 470, (uint64_t[4]){0}) == error(ENOSYS), "a call that is newer than the table");
  free(program);
}

static void check_choices(void) {
  const struct filter_choices choices = {.set_id_bits = true, .nested_namespaces = true, .socketcall = true};
  struct filter_program *program = make_program(&choices);
  const uint32_t x64 = AUDIT_ARCH_X86_64;
  CHECK(ask(program, x64, 90, (uint64_t[4]){0, 04755}) == SECCOMP_RET_ALLOW, "set-id bits");
  CHECK(ask(program, x64, 452, (uint64_t[4]){0, 0, 04755}) == SECCOMP_RET_ALLOW, "set-id bits");
  CHECK(ask(program, x64, 437, (uint64_t[4]){0}) == error(ENOSYS), "openat2 stays away all the same");
  CHECK(ask(program, x64, 272, (uint64_t[4]){0x10000000}) == SECCOMP_RET_ALLOW, "unshare");
  CHECK(ask(program, x64, 435, (uint64_t[4]){0}) == SECCOMP_RET_ALLOW, "clone3");
  CHECK(ask(program, AUDIT_ARCH_I386, 102, (uint64_t[4]){1}) == SECCOMP_RET_ALLOW, "socketcall");
  free(program);
}

static void check_mode_service(void) {
  const struct filter_choices choices = {.mode_service = true};
  struct filter_program *program = make_program(&choices);
  const uint32_t x64 = AUDIT_ARCH_X86_64, x86 = AUDIT_ARCH_I386;
  CHECK(ask(program, x64, 90, (uint64_t[4]){0, 04755}) == SECCOMP_RET_USER_NOTIF, "chmod is handed on");
  CHECK(ask(program, x64, 91, (uint64_t[4]){0, 02755}) == SECCOMP_RET_USER_NOTIF, "fchmod is handed on");
  CHECK(ask(program, x64, 452, (uint64_t[4]){0, 0, 06755}) == SECCOMP_RET_USER_NOTIF, "fchmodat2 is handed on");
  CHECK(ask(program, x86, 306, (uint64_t[4]){0, 0, 04755}) == SECCOMP_RET_USER_NOTIF, "fchmodat, 32 bits, is handed on");
  CHECK(ask(program, x64, 90, (uint64_t[4]){0, 01777}) == SECCOMP_RET_ALLOW, "ordinary modes are not");
  CHECK(ask(program, x64, 85, (uint64_t[4]){0, 04755}) == error(EPERM), "creat is refused all the same");
  free(program);
}

/* The number that a header gives to a name, or NO_NUMBER. */
static int number_in_header(FILE *header, const char *name) {
  char line[512], found[128];
  int number;
  rewind(header);
  while (fgets(line, sizeof line, header) != NULL)
    if (sscanf(line, "#define __NR_%127s %d", found, &number) == 2 && strcmp(found, name) == 0) return number;
  return NO_NUMBER;
}

/* Names that the header is too old for are those past its last number. */
static void check_header(const char *path, enum numbering numbering, int newest) {
  FILE *header = fopen(path, "r");
  if (header == NULL) {
    printf("filter: SKIPPED the numbers of %s, which is not installed\n", path);
    return;
  }
  for (size_t i = 0; i < seccomp_rule_count; i++) {
    int number = seccomp_rules[i].numbers[numbering], there = number_in_header(header, seccomp_rules[i].name);
    if (there == NO_NUMBER && number > newest) continue;
    CHECK(number == there, "%s is %d in %s, %d in the table", seccomp_rules[i].name, there, path, number);
  }
  fclose(header);
}

int main(void) {
  check_ranges();
  check_every_number();
  check_examples();
  check_choices();
  check_mode_service();
  check_header("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", NUMBERS_X86_64, 450);
  check_header("/usr/include/x86_64-linux-gnu/asm/unistd_32.h", NUMBERS_I386, 450);
  check_header("/usr/include/asm-generic/unistd.h", NUMBERS_GENERIC, 450);
  return check_result("filter");
}
