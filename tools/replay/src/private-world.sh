#!/bin/sh
# private-world.sh CACHE DIRECTORY… -- COMMAND…: runs COMMAND in a world of its own, in which /gnu, /var, /tmp, /opt, /etc and
# the network are fresh, and the rest of the machine is as it is. Each DIRECTORY is there wherever it lies; below CACHE the
# world is put together. To be run as root, by
#     unshare --mount --pid --net --uts --ipc --fork --kill-child
# so that nothing of it outlives the command. The accounts are those of the recordings: four build users, one client.
set -eu
cache=$1
directories=
while [ "$1" != -- ]; do
  directories="$directories $1"
  shift
done
shift

mount --make-rprivate /
new=$cache/world
mkdir -p "$new"
mount -t tmpfs -o mode=0755 tmpfs "$new"

# What the world shares with the machine.
for entry in /*; do
  name=${entry#/}
  case $name in gnu | etc | var | tmp | run | proc | opt | lost+found) continue ;; esac
  if [ -L "$entry" ]; then
    cp -P "$entry" "$new/$name"
  elif [ -d "$entry" ]; then
    mkdir "$new/$name"
    mount --rbind "$entry" "$new/$name"
  fi
done

# What it has for itself.
mkdir -p "$new/gnu/store" "$new/etc/guix" "$new/var/log" "$new/opt" "$new/run" "$new/proc" "$new/tmp" "$new/.old"
chmod 1777 "$new/tmp"
cat > "$new/etc/passwd" << END
root:x:0:0:root:/root:/bin/sh
guixbuilder01:x:986:993::/var/empty:/bin/false
guixbuilder02:x:985:993::/var/empty:/bin/false
guixbuilder03:x:984:993::/var/empty:/bin/false
guixbuilder04:x:983:993::/var/empty:/bin/false
client:x:1001:1001::/var/empty:/bin/sh
nobody:x:65534:65534::/nonexistent:/bin/false
END
cat > "$new/etc/group" << END
root:x:0:
guixbuild:x:993:guixbuilder01,guixbuilder02,guixbuilder03,guixbuilder04
client:x:1001:
nogroup:x:65534:
END
for name in ld.so.cache ld.so.conf resolv.conf nsswitch.conf services hosts protocols; do
  if [ -e "/etc/$name" ]; then cp -L "/etc/$name" "$new/etc/$name"; fi
done
for name in ssl alternatives ld.so.conf.d; do
  if [ -d "/etc/$name" ]; then
    mkdir "$new/etc/$name"
    mount --rbind "/etc/$name" "$new/etc/$name"
  fi
done

# These may lie in what was left out.
for directory in $directories; do
  mkdir -p "$new$directory"
  mount --bind "$directory" "$new$directory"
done

cd "$new"
pivot_root . .old
mount -t proc proc /proc
umount -l /.old
rmdir /.old
hostname fixture
ip link set lo up 2> /dev/null || ifconfig lo up
exec "$@"
