/* Reading what the kernel knows of a file or a file system. Results lie in the registers. */
#include "status.h"

#include "call.h"
#include "concerns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

_Static_assert((int) register_status_count <= (int) register_count, "the registers hold a status");

void put_status(double *registers, const struct stat *status)
{
    registers[register_mode] = status->st_mode;
    registers[register_size] = (double) status->st_size;
    registers[register_blocks] = (double) status->st_blocks;
    registers[register_links] = (double) status->st_nlink;
    registers[register_user] = status->st_uid;
    registers[register_group] = status->st_gid;
    registers[register_device] = (double) status->st_dev;
    /* Inode numbers use all 64 bits on some file systems, more than a double holds exactly. */
    registers[register_inode_high] = (double) ((uint64_t) status->st_ino >> 32);
    registers[register_inode_low] = (double) ((uint64_t) status->st_ino & 0xffffffff);
    registers[register_seconds] = (double) status->st_mtim.tv_sec;
    registers[register_nanoseconds] = (double) status->st_mtim.tv_nsec;
}

/* Symlinks are never followed; an empty name means the descriptor itself. */
static napi_value status_at(napi_env env, napi_callback_info info)
{
    struct call call;
    struct text name;
    struct stat status;
    begin_call(&call, "fstatat", env, info);
    int directory = take_integer(&call);
    take_text(&call, &name);
    if (call.failed)
        return NULL;
    if (fstatat(directory, name.bytes, &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
        return fail(&call, errno, name.bytes);
    put_status(registers(&call), &status);
    return NULL;
}

static napi_value file_system_status(napi_env env, napi_callback_info info)
{
    struct call call;
    struct statvfs status;
    begin_call(&call, "fstatvfs", env, info);
    int descriptor = take_integer(&call);
    if (call.failed)
        return NULL;
    if (fstatvfs(descriptor, &status) != 0)
        return fail(&call, errno, NULL);
    double *result = registers(&call), unit = (double) status.f_frsize;
    result[0] = unit * (double) status.f_blocks;
    result[1] = unit * (double) status.f_bfree;
    result[2] = unit * (double) status.f_bavail;
    result[3] = (double) status.f_files;
    result[4] = (double) status.f_favail;
    result[5] = (status.f_flag & ST_RDONLY) != 0;
    return NULL;
}

const struct function status_functions[] = {
    { "fstatat", status_at }, { "fstatvfs", file_system_status }, { NULL, NULL },
};
