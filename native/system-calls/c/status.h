/* The order of numbers in the registers; src/status.ts reads them in the same order. */
#ifndef COOPER_STATUS_H
#define COOPER_STATUS_H

#include <sys/stat.h>

enum status_register {
    register_mode, register_size, register_blocks, register_links, register_user, register_group, register_device,
    register_inode_high, register_inode_low, register_seconds, register_nanoseconds, register_status_count,
};

void put_status(double *registers, const struct stat *status);

#endif
