#!/usr/bin/env bash
# A file system that carries no labels, exported and mounted by this host itself: VMs there get descriptors.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=nfs.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/nfs.sh"

readonly images=$place/nfs-vm
readonly exported=$place/export
readonly mounted=$place/mounted

clean_up() {
	vms_end
	nfs_end "$exported" "$mounted"
}
trap clean_up EXIT

mount_it() {
	nfs_serve
	nfs_mount "$exported" "$mounted" no_root_squash
	(
		cd "$mounted" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-io -c 'write -P 171 0 64k' base.qcow2 >/dev/null
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 middle.qcow2
		qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 -o data_file="$mounted/top.data",data_file_raw=off top.qcow2
		qemu-img create -q -f qcow2 other.qcow2 16M
	)
	equal "type of a file there" nfs_t "$(type_of "$(label_of "$mounted/top.qcow2")")"
	setsebool virt_use_nfs off
	equal "virt_use_nfs" off "$(getsebool virt_use_nfs | sed 's/.* //')"
}

handed_over() {
	vm_run_traced nfs1 -drive "if=none,id=disk,format=qcow2,file=$mounted/top.qcow2"
	equal "walls" "descriptors landlock selinux" "$(status_of nfs1 '.walls | sort | join(" ")')"
	equal "treatments there" pass \
		"$(status_of nfs1 "[.files[] | select(.path | startswith(\"$mounted/\")) | .treatment] | unique | join(\" \")")"
}

reads_and_writes() {
	vm_io nfs1 'read -P 171 0 64k'
	vm_io nfs1 'write -P 99 64k 64k'
	vm_io nfs1 flush
}

# Denied by name, whatever is handed over: its own file, and another's.
may_not_open() {
	local answer process
	process=$(context_of "$(vm_pid "$1")")
	answer=$(opened_by "$1" "$2" true) && wrong "$1 opened $2 on NFS"
	grep -q 'Permission denied' <<<"$answer" || wrong "not opened, but for another reason: $answer"
	selinux_check_access "$process" system_u:object_r:nfs_t:s0 file read || wrong "the policy does not allow read either"
	! selinux_check_access "$process" system_u:object_r:nfs_t:s0 file open || wrong "the policy allows open"
}

has_one_writer() {
	exits_with 4 labeler run nfs2 -- "${qemu[@]}" -drive "file=$mounted/top.qcow2,format=qcow2,if=none,id=disk"
}

service_has_none_open() {
	local pid
	pid=$(systemctl show --property=MainPID --value labelerd.service)
	[ -z "$(find "/proc/$pid/fd" -lname "$mounted/*")" ] || wrong "the service has a file there open still"
}

written_is_there() {
	image_has "$mounted/top.qcow2" '99 64k'
}

# qemu opens a kernel and an initrd by name, and has read them when it answers.
kernel_is_copied() {
	local directory kernel
	directory=$(vm_directory kernel1)
	cp "/boot/vmlinuz-$(uname -r)" "$mounted/vmlinuz"
	head -c 100000 "$mounted/vmlinuz" >"$mounted/initrd"
	vm_run kernel1 -m 128 -kernel "$mounted/vmlinuz" -initrd "$mounted/initrd" -append quiet \
		-drive "if=none,id=disk,format=qcow2,file=$mounted/other.qcow2"
	for kernel in vmlinuz:copy-0 initrd:copy-1; do
		cmp "$mounted/${kernel%:*}" "$directory/${kernel#*:}"
		equal "type of the copy" virt_content_t "$(type_of "$(label_of "$directory/${kernel#*:}")")"
		equal "level of the copy" s0 "$(level_of "$(label_of "$directory/${kernel#*:}")")"
		equal "mode of the copy" 444 "$(stat --format=%a "$directory/${kernel#*:}")"
	done
	equal "what qemu was told" "$directory/copy-0 $directory/copy-1" \
		"$(tr '\0' '\n' <"/proc/$(vm_pid kernel1)/cmdline" | sed -n '/^-kernel$/{n;p}; /^-initrd$/{n;p}' | paste -sd ' ')"
}

# Its own copy it may read, and not write. The copy's mode is the first that says so, to which root's qemu is an
# exception that the policy denies; and the policy alone also denies it.
copy_is_read_only() {
	local process copy answer mark
	process=$(context_of "$(vm_pid kernel1)") copy=$(vm_directory kernel1)/copy-0
	opened_by kernel1 "$copy" true
	mark=$(audit_mark)
	answer=$(opened_by kernel1 "$copy" false) && wrong "kernel1 opened its copy for writing"
	grep -q 'Permission denied' <<<"$answer" || wrong "not opened, but for another reason: $answer"
	denied_since "$mark" "denied +\\{ dac_override \\} .*scontext=$process "
	selinux_check_access "$process" "$(label_of "$copy")" file read
	! selinux_check_access "$process" "$(label_of "$copy")" file write || wrong "the policy allows writing"
}

copy_goes_with_it() {
	vm_kill kernel1
	within 60 test ! -e "$(vm_directory kernel1)" || wrong "still there: $(ls -laZ "$(vm_directory kernel1)")"
	[ -s "$mounted/vmlinuz" ] && [ -s "$mounted/initrd" ]
}

images_make "$images"
fact "NFS 4.2 is mounted, without labels, and virt_use_nfs is off" mount_it
fact "a VM with its whole chain there runs, by descriptors" handed_over
fact "it reads its base and writes its disk" reads_and_writes
fact "its qemu has opened nothing there by name, from its first instruction on" opened_nothing_of nfs1 "$mounted"
fact "its qemu may not open its own disk by name" may_not_open nfs1 "$mounted/top.qcow2"
fact "nor another file there" may_not_open nfs1 "$mounted/other.qcow2"
fact "a second VM with that disk is a conflict" has_one_writer
fact "the service has none of the files open any more" service_has_none_open
fact "web1 runs, with its disk elsewhere" vm_start "$images" web1
fact "its qemu may not open what is on NFS" may_not_open web1 "$mounted/top.qcow2"
fact "web1 is ended" vm_kill web1
fact "the VM on NFS is ended" vm_kill nfs1
fact "what it wrote is in its image" written_is_there
fact "a VM with its kernel and initrd there runs, from labelled copies of them" kernel_is_copied
fact "it may read its copy, and not write it" copy_is_read_only
fact "its qemu may not open the kernel itself" may_not_open kernel1 "$mounted/vmlinuz"
fact "it is ended, and the copies are gone" copy_goes_with_it
done_with_facts
