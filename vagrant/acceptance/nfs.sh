# shellcheck shell=bash
# shellcheck disable=SC2154  # place comes from lib.sh
# The common parts of the themes with NFS: this host exports a directory to itself and mounts it, one at a time.

readonly nfs_settings=/etc/nfs.conf.d/acceptance.conf
# The value of virt_use_nfs before the theme.
readonly nfs_boolean=$place/virt-use-nfs

# nfs_serve: with virt_use_nfs off, which hosts with podman have on; and with a short time of grace. Clients may take their state back for so long after a start, and new ones wait.
# Version 3 has a lock manager with a grace of its own, 50 s, which those of version 4 have to wait for as well.
nfs_serve() {
	[ -e "$nfs_boolean" ] || getsebool virt_use_nfs | sed 's/.* //' >"$nfs_boolean"
	setsebool virt_use_nfs off
	mkdir -p "$(dirname -- "$nfs_settings")"
	printf '[nfsd]\ngrace-time=10\nlease-time=10\nvers3=n\n' >"$nfs_settings"
	systemctl restart nfs-server.service
}

# nfs_mount DIRECTORY MOUNT_POINT EXPORT_OPTIONS [MOUNT_OPTION…]: the server refuses for some seconds after its start.
nfs_mount() {
	local directory=$1 point=$2 options=$3 mount_options=vers=4.2
	shift 3
	while [ $# -gt 0 ]; do
		mount_options+=,$1
		shift
	done
	mkdir -p "$directory" "$point"
	exportfs -o "rw,insecure,fsid=0,$options" "127.0.0.1:$directory"
	within 180 mount -t nfs4 -o "$mount_options" 127.0.0.1:/ "$point"
}

# nfs_unmount DIRECTORY MOUNT_POINT
nfs_unmount() {
	umount "$2" && exportfs -u "127.0.0.1:$1"
}

# nfs_end DIRECTORY MOUNT_POINT: whatever there is of it; for an EXIT trap.
nfs_end() {
	umount --force "$2" 2>/dev/null || umount --lazy "$2" 2>/dev/null || true
	exportfs -u "127.0.0.1:$1" 2>/dev/null || true
	systemctl stop nfs-server.service 2>/dev/null || true
	rm -f "$nfs_settings"
	nfs_boolean_back
}

# nfs_boolean_back: virt_use_nfs as nfs_serve found it.
nfs_boolean_back() {
	if [ -s "$nfs_boolean" ]; then
		setsebool virt_use_nfs "$(cat "$nfs_boolean")"
	fi
	rm -f "$nfs_boolean"
}

# options_of MOUNT_POINT: of the file system, as the kernel says them.
options_of() {
	findmnt --noheadings --output=FS-OPTIONS --mountpoint "$1"
}

readonly nfs_traces=/root/labeler-acceptance-logs

# vm_run_traced NAME ARGUMENT…: vm_run, from the first instruction of labeler's own script. -D: the tracer is no parent, so
# the VM's process keeps its number.
vm_run_traced() {
	local trace=$nfs_traces/trace-$1
	rm -f "$trace"
	# shellcheck disable=SC2317  # called by vm_run, in place of the program
	labeler() {
		exec strace -D -f -qq -o "$trace" -e trace=execve,open,openat,openat2,creat labeler "$@"
	}
	vm_run "$@"
}

# opened_nothing_of NAME DIRECTORY: from the exec that made it qemu on; what the launcher opened before is none of qemu's.
opened_nothing_of() {
	local opened=$place/opened-by-qemu
	sed -n '/execve("[^"]*qemu-system/,$p' "$nfs_traces/trace-$1" | some_or_none -v execve >"$opened"
	grep -q 'libc\.so' "$opened" || wrong "the trace does not show what qemu opens"
	none -F "\"$2/" "$opened"
}
