/* Leaves things where the next build of the same user could find them, or looks for them.
 *
 *   attack-leftovers leave | look
 */
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"

#define KEY 0x636f6f70

static void touch(const char *name, const char *path, int create) {
  attempted(name, open(path, O_RDWR | create, 0600));
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  int create = strcmp(argv[1], "leave") == 0;
  int ipc = create ? IPC_CREAT | 0600 : 0, file = create ? O_CREAT : 0;
  attempted("shared-memory", shmget(KEY, 4096, ipc));
  attempted("semaphore", semget(KEY, 1, ipc));
  attempted("message-queue", msgget(KEY, ipc));
  attempted("posix-queue", mq_open("/left-behind", O_RDWR | file, 0600, NULL));
  attempted("posix-shared-memory", shm_open("/left-behind", O_RDWR | file, 0600));
  touch("tmp", "/tmp/left-behind", file);
  touch("store", "/gnu/store/left-behind", file);
  return 0;
}
