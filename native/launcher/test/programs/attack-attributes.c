/* Tries to leave extended attributes, access control lists, file capabilities and inode flags behind.
 *
 *   attack-attributes [nested]
 *
 * In the current directory.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attempt.h"
#include "nested.h"

#define CALL_SETXATTRAT 463
#define CALL_FILE_SETATTR 469

/* user::rw-, user:65534:rw-, group::r--, mask::rw-, other::r-- in the form of system.posix_acl_access. */
static const struct {
  uint32_t version;
  struct { uint16_t tag, permission; uint32_t id; } entries[5];
} list = {2, {{1, 6, UINT32_MAX}, {2, 6, 65534}, {4, 4, UINT32_MAX}, {16, 6, UINT32_MAX}, {32, 4, UINT32_MAX}}};

/* struct vfs_cap_data, revision 2, with CAP_SETUID. */
static const uint32_t capabilities[5] = {0x02000001, 1U << 7, 0, 0, 0};

static void with_names(const char *file, int fd) {
  char value[64];
  attempted("setxattr", setxattr(file, "user.x", "1", 1, 0));
  attempted("lsetxattr", lsetxattr(file, "user.x", "1", 1, 0));
  attempted("fsetxattr", fsetxattr(fd, "user.x", "1", 1, 0));
  attempted("getxattr", getxattr(file, "user.x", value, sizeof value));
  attempted("lgetxattr", lgetxattr(file, "user.x", value, sizeof value));
  attempted("fgetxattr", fgetxattr(fd, "user.x", value, sizeof value));
  attempted("listxattr", listxattr(file, value, sizeof value));
  attempted("llistxattr", llistxattr(file, value, sizeof value));
  attempted("flistxattr", flistxattr(fd, value, sizeof value));
  attempted("removexattr", removexattr(file, "user.x"));
  attempted("lremovexattr", lremovexattr(file, "user.x"));
  attempted("fremovexattr", fremovexattr(fd, "user.x"));
  attempted("setxattrat", syscall(CALL_SETXATTRAT, AT_FDCWD, file, 0, "user.x", NULL, 0));
}

static void with_effects(const char *file, int fd) {
  int flags = FS_IMMUTABLE_FL;
  attempted("acl-access", setxattr(file, "system.posix_acl_access", &list, sizeof list, 0));
  attempted("acl-default", setxattr("directory", "system.posix_acl_default", &list, sizeof list, 0));
  attempted("capability", setxattr(file, "security.capability", capabilities, sizeof capabilities, 0));
  attempted("immutable", ioctl(fd, FS_IOC_SETFLAGS, &flags));
  attempted("file-setattr", syscall(CALL_FILE_SETATTR, AT_FDCWD, file, NULL, 0, 0));
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "nested") == 0) attempted("nested", enter_nested_namespace() ? 0 : -1);
  int fd = open("file", O_CREAT | O_RDWR, 0644);
  mkdir("directory", 0755);
  with_names("file", fd);
  with_effects("file", fd);
  return 0;
}
