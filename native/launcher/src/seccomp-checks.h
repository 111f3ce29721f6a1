/* The pieces of filter that the search for a number ends in: a verdict, or a look at the arguments and then a verdict. */
#ifndef LAUNCHER_SECCOMP_CHECKS_H
#define LAUNCHER_SECCOMP_CHECKS_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "seccomp-rules.h"

#define CHECK_LENGTH_MAX 32

/* Instructions that always end in a verdict. */
struct check {
  size_t length;
  struct sock_filter instructions[CHECK_LENGTH_MAX];
};

/* Loads a field of what the kernel says about a system call. */
#define LOAD_FIELD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

struct check write_check(enum treatment treatment);

#endif
