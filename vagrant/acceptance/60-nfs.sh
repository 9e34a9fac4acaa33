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
	within 60 mount -t nfs4 -o vers=4.2 127.0.0.1:/ "$mounted"
	equal "type of a file there" nfs_t "$(type_of "$(label_of "$mounted/disk.qcow2")")"
}

refuses_by_name() {
	local message
	mountpoint -q "$mounted"
	exits_with 3 labeler plan nfs1 -- "${qemu[@]}" -drive "file=$mounted/disk.qcow2,format=qcow2,if=virtio" 2>"$place/nfs.message"
	message=$(cat "$place/nfs.message")
	[[ $message == *"$mounted/disk.qcow2"*label* ]] || wrong "the message does not name the file and the reason: $message"
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
fact "a VM with its disk there is refused, by name" refuses_by_name
fact "web1 runs, with its disk elsewhere" vm_start "$images" web1
fact "its qemu may not open what is on NFS" qemu_may_not_open
fact "web1 is ended" vm_kill web1
done_with_facts
