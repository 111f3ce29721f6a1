/* Writes the filter: a program of the kernel's classic packet filter that decides each system call. */
#ifndef LAUNCHER_SECCOMP_PROGRAM_H
#define LAUNCHER_SECCOMP_PROGRAM_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp-rules.h"

/* What the specification may choose. */
struct filter_choices {
  bool set_id_bits;       /* let set-id bits be set */
  bool mode_service;      /* somebody makes changes of modes without set-id bits; else they are refused */
  bool nested_namespaces; /* let user namespaces be made */
  bool socketcall;        /* let the multiplexer of 32-bit x86 through, whose address family no filter can see */
};

/* One architecture as system calls carry it (AUDIT_ARCH_…), and its numbers. */
struct architecture {
  uint32_t audit;
  enum numbering numbering;
};

#define FILTER_LENGTH_MAX 2048

/* Written from the end to the front, so that every jump goes to what is there already. */
struct filter_program {
  struct sock_filter instructions[FILTER_LENGTH_MAX];
  size_t first;   /* where the program begins; it reaches to the end of the array */
  bool impossible; /* it did not fit, or a jump was too far */
};

/* Writes the program for these architectures; any other gets ENOSYS for everything. False when it cannot be written. */
bool write_filter(const struct architecture *architectures, size_t count, const struct filter_choices *choices,
                  struct filter_program *program);

#endif
