#include "capability-names.h"

#include <linux/capability.h>
#include <string.h>

static const struct {
  const char *name;
  int number;
} names[] = {
    {"chown", CAP_CHOWN},     {"dac_override", CAP_DAC_OVERRIDE}, {"dac_read_search", CAP_DAC_READ_SEARCH},
    {"fowner", CAP_FOWNER},   {"fsetid", CAP_FSETID},             {"kill", CAP_KILL},
    {"setgid", CAP_SETGID},   {"setuid", CAP_SETUID},             {"linux_immutable", CAP_LINUX_IMMUTABLE},
    {"net_admin", CAP_NET_ADMIN}, {"sys_chroot", CAP_SYS_CHROOT}, {"sys_admin", CAP_SYS_ADMIN},
    {"sys_resource", CAP_SYS_RESOURCE}, {"mknod", CAP_MKNOD},     {"sys_ptrace", CAP_SYS_PTRACE},
};

static int number_of(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strlen(names[i].name) == length && strncmp(names[i].name, name, length) == 0) return names[i].number;
  }
  return -1;
}

int read_capabilities(const char *list, uint64_t *set, const char **unknown) {
  *set = 0;
  while (*list != '\0') {
    size_t length = strcspn(list, ",");
    int number = number_of(list, length);
    if (number < 0) {
      *unknown = list;
      return -1;
    }
    *set |= UINT64_C(1) << number;
    list += length;
    if (*list == ',') list++;
  }
  return 0;
}
