#!/usr/bin/env bash
# What an NFS server does to those that count on it: it squashes root, goes away, and comes back.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/nfs-faults-vm
readonly exported=$place/squashed
readonly mounted=$place/hard
readonly soft=$place/soft
readonly settings=/etc/labeler/labeler.toml
readonly settings_before=$place/labeler.toml.before
readonly server_settings=/etc/nfs.conf.d/acceptance.conf
readonly trace=/root/labeler-acceptance-logs/trace

clean_up() {
	systemctl start nfs-server.service 2>/dev/null || true
	vms_end
	umount --force "$mounted" "$soft" 2>/dev/null || umount --lazy "$mounted" "$soft" 2>/dev/null || true
	exportfs -u "127.0.0.1:$exported" 2>/dev/null || true
	systemctl stop nfs-server.service 2>/dev/null || true
	rm -f "$server_settings"
	setsebool labeler_open_as_user off
	if [ -e "$settings_before" ]; then
		mv "$settings_before" "$settings"
		systemctl restart labelerd.service
	fi
}
trap clean_up EXIT

# A disk that its owner alone may open. The server takes root for nobody.
mount_it() {
	mkdir -p "$exported" "$mounted" "$soft" "$(dirname -- "$server_settings")"
	# Clients may take their state back for so long after a start, and new ones wait.
	printf '[nfsd]\ngrace-time=10\nlease-time=10\n' >"$server_settings"
	systemctl restart nfs-server.service
	(
		cd "$exported" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-io -c 'write -P 171 0 64k' base.qcow2 >/dev/null
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2
		cp base.qcow2 other.qcow2
		chown games:games ./*
		chmod 600 ./*
	)
	exportfs -o rw,root_squash,insecure,fsid=0 "127.0.0.1:$exported"
	within 180 mount -t nfs4 -o vers=4.2,hard 127.0.0.1:/ "$mounted"
	within 180 mount -t nfs4 -o vers=4.2,soft,timeo=20,retrans=1,nosharecache 127.0.0.1:/ "$soft"
	! cat "$mounted/disk.qcow2" >/dev/null 2>&1 || wrong "root is not squashed"
}

drive() {
	printf 'if=none,id=disk,format=qcow2,file=%s' "$1"
}

root_alone_is_denied() {
	local said
	said=$(labeler plan squashed -- "${qemu[@]}" -drive "$(drive "$mounted/disk.qcow2")" 2>&1) && wrong "planned: $said"
	grep -q 'Permission denied' <<<"$said" || wrong "$said"
}

an_owner_is_named() {
	cp "$settings" "$settings_before"
	sed -i 's/^\[launch\]$/&\nroot-squash-owner = "games:games"/' "$settings"
	grep -q '^root-squash-owner' "$settings"
	setsebool labeler_open_as_user on
	systemctl restart labelerd.service
	within 60 api /v1/health
}

# -D: the tracer is no parent, so the VM's process keeps its number. From the first instruction of labeler's own script.
runs_traced() {
	rm -f "$trace"
	# shellcheck disable=SC2317  # called by vm_run, in place of the program
	labeler() {
		exec strace -D -f -qq -o "$trace" -e trace=execve,open,openat,openat2,creat labeler "$@"
	}
	vm_run squashed -drive "$(drive "$mounted/disk.qcow2")"
}

# From the exec that made it qemu on; what the launcher opened before that is none of qemu's.
opened_nothing_there() {
	local opened=$place/opened-by-qemu
	sed -n '/execve("[^"]*qemu-system/,$p' "$trace" | some_or_none -v execve >"$opened"
	grep -q 'libc\.so' "$opened" || wrong "the trace does not show what qemu opens"
	none -F "\"$mounted/" "$opened"
}

reads_and_writes() {
	vm_io squashed 'read -P 171 0 64k'
	vm_io squashed 'write -P 99 64k 64k'
	vm_io squashed flush
}

server_stops() {
	systemctl stop nfs-server.service
	equal "state of the VM" running "$(status_of squashed .state)"
	labeler status >/dev/null
}

# The hanging start waits for its files with nothing locked.
others_start_meanwhile() {
	labeler run waiting -- "${qemu[@]}" -drive "$(drive "$mounted/other.qcow2")" >>"$vm_logs/waiting.log" 2>&1 </dev/null &
	printf '%s\n' "$!" >"$place/waiting"
	vm_start "$images" web1
	vm_kill web1
	kill -0 "$(cat "$place/waiting")" || wrong "the start on the server that is gone did not wait"
	equal "state of the VM" running "$(status_of squashed .state)"
}

a_soft_mount_is_refused() {
	local said
	said=$(timeout 240 labeler plan softly -- "${qemu[@]}" -drive "$(drive "$soft/other.qcow2")" 2>&1) &&
		wrong "planned: $said"
	grep -qE "$soft/other.qcow2.*(error|timed out|failed)" <<<"$said" || wrong "$said"
}

server_comes_back() {
	local waiting
	waiting=$(cat "$place/waiting")
	systemctl start nfs-server.service
	exportfs -o rw,root_squash,insecure,fsid=0 "127.0.0.1:$exported"
	within 180 stat --format=%s "$mounted/base.qcow2" >/dev/null
	vm_io squashed 'read -P 171 0 64k'
	vm_io squashed 'read -P 99 64k 64k'
	# The one that waited has become a VM by now, or has given up, and then nothing is held.
	within 180 vm_ended_or_is_qemu "$waiting"
	kill -9 "$waiting" 2>/dev/null || true
	within 180 vm_gone waiting
}

ends_with_nothing_left() {
	vm_kill squashed
	equal "VMs" '[]' "$(api /v1/vms | jq -c .vms)"
	equal "what is left" '[]' "$(labeler recover --json | jq -c .stale)"
	image_has "$exported/disk.qcow2" '99 64k'
}

images_make "$images"
fact "an export that squashes root is mounted, hard and soft" mount_it
fact "the service, as root, is denied a disk there, and says so" root_alone_is_denied
fact "the disks' owner is named in the settings, and the policy lets the service act as it" an_owner_is_named
fact "a VM runs with its disk there" runs_traced
fact "its qemu has opened nothing there by name, from its first instruction on" opened_nothing_there
fact "it reads its base and writes its disk" reads_and_writes
fact "the server goes away: the VM is still held, and status answers" server_stops
fact "a start there waits, and others start meanwhile" others_start_meanwhile
fact "on a soft mount a plan says that the file cannot be read" a_soft_mount_is_refused
fact "the server is back, and the VM reads what it wrote" server_comes_back
fact "the VM is ended, and nothing is left" ends_with_nothing_left
done_with_facts
