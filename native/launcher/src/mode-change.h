/* One change of a mode that the filter has handed on. */
#ifndef LAUNCHER_MODE_CHANGE_H
#define LAUNCHER_MODE_CHANGE_H

#include <linux/seccomp.h>

/* Makes the change that `call` asks for, without set-id bits. `proc` shows the caller's processes, and `listener` says
 * whether the caller still waits. Returns 0 or the error number that the caller gets. */
int change_mode(int proc, int listener, const struct seccomp_notif *call);

#endif
