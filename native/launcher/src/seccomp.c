/* The system call filter of the builder: the architectures this machine runs, and putting the filter in force. */
#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"
#include "seccomp-program.h"

/* Every kind of system call that the kernels of this machine accept. The x32 numbers of x86_64 carry its own
 * AUDIT_ARCH and lie beyond the reviewed ranges. */
static const struct architecture architectures[] = {
#if defined(__x86_64__) || defined(__i386__)
    {AUDIT_ARCH_X86_64, NUMBERS_X86_64},
    {AUDIT_ARCH_I386, NUMBERS_I386},
#elif defined(__aarch64__) || defined(__arm__)
    {AUDIT_ARCH_AARCH64, NUMBERS_GENERIC},
    {AUDIT_ARCH_ARM, NUMBERS_ARM},
#elif defined(__riscv) && __riscv_xlen == 64
    {AUDIT_ARCH_RISCV64, NUMBERS_GENERIC},
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
    {AUDIT_ARCH_PPC64LE, NUMBERS_POWERPC},
#else
#error "no system call numbers are known for this architecture: see seccomp-rules.c"
#endif
};

/* Filters would else switch off speculation on older kernels, which makes builds slower and protects nobody here. */
static long install(const struct sock_fprog *program) {
  long done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, program);
  if (done == 0 || errno != EINVAL) return done;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program);
}

enum treatment treatment_of(uint32_t audit, int number) {
  for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
    if (architectures[i].audit != audit) continue;
    for (size_t rule = 0; rule < seccomp_rule_count; rule++)
      if (seccomp_rules[rule].numbers[architectures[i].numbering] == number) return seccomp_rules[rule].treatment;
  }
  return ALLOW;
}

/* The program, ready to be installed. It is too large for the stack. */
static struct sock_fprog write_program(const struct specification *specification, bool mode_service) {
  static struct filter_program program;
  const struct filter_choices choices = {
      .set_id_bits = specification->set_id_bits,
      .mode_service = mode_service,
      .nested_namespaces = specification->nested_namespaces,
      .socketcall = specification->personality.linux32,
  };
  errno = EOVERFLOW;
  if (!write_filter(architectures, sizeof architectures / sizeof *architectures, &choices, &program))
    fail(STEP_INSTALL_FILTER, NULL);
  return (struct sock_fprog){
      .len = (unsigned short)(FILTER_LENGTH_MAX - program.first),
      .filter = program.instructions + program.first,
  };
}

/* Kernels before 5.0 cannot, nor can any where a filter around the launcher has a listener already. */
static int install_with_listener(const struct specification *specification) {
  struct sock_fprog program = write_program(specification, true);
  unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int install_filter(const struct specification *specification, bool mode_service) {
  int listener = mode_service ? install_with_listener(specification) : -1;
  if (listener >= 0) return listener;
  struct sock_fprog program = write_program(specification, false);
  if (install(&program) != 0) fail(STEP_INSTALL_FILTER, NULL);
  return -1;
}
