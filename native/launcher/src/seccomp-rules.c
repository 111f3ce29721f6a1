/* Which system calls a builder may not make, or only with some arguments; for every architecture Cooper knows.
 *
 * Numbers: arch/x86/entry/syscalls/syscall_{64,32}.tbl, scripts/syscall.tbl, arch/arm/tools/syscall.tbl and
 * arch/powerpc/kernel/syscalls/syscall.tbl of Linux 6.18. README.md, "System calls", gives the reasons by group.
 * mkdir and mkdirat are not here: the kernel itself drops set-id bits from their mode.
 */
#include "seccomp-rules.h"

#define NONE NO_NUMBER

/* The last system call that was read: removexattrat, Linux 6.13. */
#define LAST_REVIEWED 466

const struct rule seccomp_rules[] = {
    /* name, {x86_64, i386, generic, arm, powerpc}, treatment */

    /* set-id bits */
    {"chmod", {90, 15, NONE, 15, 15}, CHMOD_PATH},
    {"fchmod", {91, 94, 52, 94, 94}, CHMOD_FD},
    {"fchmodat", {268, 306, 53, 333, 297}, CHMOD_AT},
    {"fchmodat2", {452, 452, 452, 452, 452}, CHMOD_AT_FLAGS},
    {"creat", {85, 8, NONE, 8, 8}, MODE_SECOND},
    {"mknod", {133, 14, NONE, 14, 14}, MODE_SECOND},
    {"mknodat", {259, 297, 33, 324, 288}, MODE_THIRD},
    {"open", {2, 5, NONE, 5, 5}, OPEN_SECOND},
    {"openat", {257, 295, 56, 322, 286}, OPEN_THIRD},
    /* the mode lies behind a pointer, where a filter cannot look */
    {"openat2", {437, 437, 437, 437, 437}, NO_SUCH_CALL},
    {"spu_create", {NONE, NONE, NONE, NONE, 279}, NO_SUCH_CALL},
    {"io_uring_setup", {425, 425, 425, 425, 425}, NO_SUCH_CALL},
    {"io_uring_enter", {426, 426, 426, 426, 426}, NO_SUCH_CALL},
    {"io_uring_register", {427, 427, 427, 427, 427}, NO_SUCH_CALL},

    /* extended attributes, access control lists, file capabilities: all or nothing, and so nothing */
    {"setxattr", {188, 226, 5, 226, 209}, NOT_SUPPORTED},
    {"lsetxattr", {189, 227, 6, 227, 210}, NOT_SUPPORTED},
    {"fsetxattr", {190, 228, 7, 228, 211}, NOT_SUPPORTED},
    {"getxattr", {191, 229, 8, 229, 212}, NOT_SUPPORTED},
    {"lgetxattr", {192, 230, 9, 230, 213}, NOT_SUPPORTED},
    {"fgetxattr", {193, 231, 10, 231, 214}, NOT_SUPPORTED},
    {"listxattr", {194, 232, 11, 232, 215}, NOT_SUPPORTED},
    {"llistxattr", {195, 233, 12, 233, 216}, NOT_SUPPORTED},
    {"flistxattr", {196, 234, 13, 234, 217}, NOT_SUPPORTED},
    {"removexattr", {197, 235, 14, 235, 218}, NOT_SUPPORTED},
    {"lremovexattr", {198, 236, 15, 236, 219}, NOT_SUPPORTED},
    {"fremovexattr", {199, 237, 16, 237, 220}, NOT_SUPPORTED},
    {"setxattrat", {463, 463, 463, 463, 463}, NOT_SUPPORTED},
    {"getxattrat", {464, 464, 464, 464, 464}, NOT_SUPPORTED},
    {"listxattrat", {465, 465, 465, 465, 465}, NOT_SUPPORTED},
    {"removexattrat", {466, 466, 466, 466, 466}, NOT_SUPPORTED},

    /* keyrings are kept per user, not per namespace */
    {"add_key", {248, 286, 217, 309, 269}, NO_SUCH_CALL},
    {"request_key", {249, 287, 218, 310, 270}, NO_SUCH_CALL},
    {"keyctl", {250, 288, 219, 311, 271}, NO_SUCH_CALL},

    /* sockets */
    {"socket", {41, 359, 198, 281, 326}, SOCKET},
    {"socketpair", {53, 360, 199, 288, 333}, SOCKET},
    {"socketcall", {NONE, 102, NONE, NONE, 102}, SOCKET_CALL},

    /* user namespaces */
    {"clone", {56, 120, 220, 120, 120}, NAMESPACE_FIRST},
    {"unshare", {272, 310, 97, 337, 282}, NAMESPACE_FIRST},
    {"clone3", {435, 435, 435, 435, 435}, CLONE3},

    /* the kernel and the machine */
    {"acct", {163, 51, 89, 51, 51}, NOT_PERMITTED},
    {"bpf", {321, 357, 280, 386, 361}, NOT_PERMITTED},
    {"delete_module", {176, 129, 106, 129, 129}, NOT_PERMITTED},
    {"finit_module", {313, 350, 273, 379, 353}, NOT_PERMITTED},
    {"init_module", {175, 128, 105, 128, 128}, NOT_PERMITTED},
    {"kexec_file_load", {320, NONE, 294, 401, 382}, NOT_PERMITTED},
    {"kexec_load", {246, 283, 104, 347, 268}, NOT_PERMITTED},
    {"open_by_handle_at", {304, 342, 265, 371, 346}, NOT_PERMITTED},
    {"perf_event_open", {298, 336, 241, 364, 319}, NOT_PERMITTED},
    {"quotactl", {179, 131, 60, 131, 131}, NOT_PERMITTED},
    {"quotactl_fd", {443, 443, 443, 443, 443}, NOT_PERMITTED},
    {"reboot", {169, 88, 142, 88, 88}, NOT_PERMITTED},
    {"rtas", {NONE, NONE, NONE, NONE, 255}, NOT_PERMITTED},
    {"swapoff", {168, 115, 225, 115, 115}, NOT_PERMITTED},
    {"swapon", {167, 87, 224, 87, 87}, NOT_PERMITTED},
    {"syslog", {103, 103, 116, 103, 103}, NOT_PERMITTED},
    {"userfaultfd", {323, 374, 282, 388, 364}, NOT_PERMITTED},
};

const size_t seccomp_rule_count = sizeof seccomp_rules / sizeof *seccomp_rules;

/* arm keeps a few of its own (cacheflush, set_tls …) far above the others. */
static const struct number_range ranges[NUMBERING_COUNT][3] = {
    [NUMBERS_X86_64] = {{0, 336}, {424, LAST_REVIEWED}},
    [NUMBERS_I386] = {{0, LAST_REVIEWED}},
    [NUMBERS_GENERIC] = {{0, 294}, {403, LAST_REVIEWED}},
    [NUMBERS_ARM] = {{0, LAST_REVIEWED}, {0xf0001, 0xf0006}},
    [NUMBERS_POWERPC] = {{0, LAST_REVIEWED}},
};

const struct number_range *reviewed_ranges(enum numbering numbering) {
  return ranges[numbering];
}
