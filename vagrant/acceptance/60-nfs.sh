#!/usr/bin/env bash
# A file system that carries no labels, exported and mounted by this host itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/nfs-vm
readonly exported=$place/export
readonly mounted=$place/mounted

clean_up() {
	vms_end
	umount "$mounted" 2>/dev/null || true
	exportfs -u "127.0.0.1:$exported" 2>/dev/null || true
	systemctl stop nfs-server.service 2>/dev/null || true
}
trap clean_up EXIT

mount_it() {
	mkdir -p "$exported" "$mounted"
	qemu-img create -q -f qcow2 "$exported/disk.qcow2" 16M
	systemctl start nfs-server.service
	exportfs -o rw,no_root_squash,insecure,fsid=0 "127.0.0.1:$exported"
	# The server refuses for some seconds after its start.
	within 180 mount -t nfs4 -o vers=4.2 127.0.0.1:/ "$mounted"
	equal "type of a file there" nfs_t "$(type_of "$(label_of "$mounted/disk.qcow2")")"
}

# No label can be set there, and until descriptors are handed over nothing would confine it.
does_not_start() {
	local status=0 before
	mountpoint -q "$mounted"
	before=$(api /v1/vms)
	timeout 300 labeler run nfs1 -- "${qemu[@]}" -drive "file=$mounted/disk.qcow2,format=qcow2,if=virtio" \
		>>"$vm_logs/nfs1.log" 2>&1 || status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 3 ] || wrong "status $status"
	grep -q "$mounted/disk.qcow2" "$vm_logs/nfs1.log" || wrong "no message names the file: $(cat "$vm_logs/nfs1.log")"
	equal "what the service holds" "$before" "$(api /v1/vms)"
}

# Denied by name, whatever descriptors may be handed over.
qemu_may_not_open() {
	local answer process
	mountpoint -q "$mounted"
	process=$(context_of "$(vm_pid web1)")
	answer=$(opened_by web1 "$mounted/disk.qcow2" true) && wrong "web1 opened a file on NFS"
	grep -q 'Permission denied' <<<"$answer" || wrong "not opened, but for another reason: $answer"
	! selinux_check_access "$process" system_u:object_r:nfs_t:s0 file open || wrong "the policy allows open"
}

images_make "$images"
fact "NFS 4.2 is mounted, without labels" mount_it
fact "a VM with its disk there does not start, and is told which file" does_not_start
fact "web1 runs, with its disk elsewhere" vm_start "$images" web1
fact "its qemu may not open what is on NFS" qemu_may_not_open
fact "web1 is ended" vm_kill web1
done_with_facts
