#!/bin/sh
# A batch queue as small as can be, in the place of Slurm's sbatch and scancel: each job is a directory with a program `run`.
#
#     batch.sh submit DIRECTORY    starts DIRECTORY/run as soon as one of two slots is free; prints the id of the job
#     batch.sh cancel ID           ends a job, waiting or running, and everything that it has started
#
# BATCH_DIRECTORY is where the slots are.
set -eu
: "${BATCH_DIRECTORY:?}"

case ${1-} in
submit)
  mkdir -p "$BATCH_DIRECTORY"
  # A session of its own: its leader's id is the id of the job, and of the process group that cancel ends.
  setsid sh -c '
    while :; do
      for slot in 1 2; do
        exec 9> "$BATCH_DIRECTORY/slot-$slot"
        if flock --nonblock 9; then exec "$0/run"; fi
      done
      sleep 0.05
    done' "$2" < /dev/null > "$2/batch.log" 2>&1 &
  echo $!
  ;;
cancel)
  # What has ended already needs no more.
  kill -s KILL -- "-$2" 2> /dev/null || true
  ;;
*)
  echo 'usage: batch.sh submit DIRECTORY | batch.sh cancel ID' >&2
  exit 2
  ;;
esac
