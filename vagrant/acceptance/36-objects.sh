#!/usr/bin/env bash
# Pipes, where SELinux enforces: they get the VM's label, the kernel lets this VM alone use them, and each label comes
# back. A directory is refused by default.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/objects
readonly before=$place/objects.before

trap vms_end EXIT

make_files() {
	images_make "$images"
	mkfifo "$images/pipe.in" "$images/pipe.out"
	mkdir "$images/tree"
	# Something to get back that no policy would have given it.
	chcon -t mnt_t "$images/pipe.in"
	labels_below "$images" >"$before"
}

pipe() {
	printf '%s\n' -chardev "pipe,id=pipe,path=$images/pipe"
}

runs() {
	local arguments
	audit_settled
	audit_mark >"$place/objects.mark"
	mapfile -t arguments < <(
		vm_arguments "$images" web1
		pipe
	)
	vm_run web1 "${arguments[@]}"
}

both_are_the_vms() {
	local file
	for file in pipe.in pipe.out; do
		equal "label of $file" "$(status_of web1 .imageContext)" "$(label_of "$images/$file")"
	done
}

only_the_vm_may() {
	local process label
	process=$(context_of "$(vm_pid web1)")
	label=$(label_of "$images/pipe.in")
	selinux_check_access "$process" "$label" fifo_file open || wrong "$process may not open $label"
	! selinux_check_access "${process%:*:*}:s0:c1022,c1023" "$label" fifo_file open || wrong "another VM may open $label"
}

another_is_refused() {
	local arguments
	mapfile -t arguments < <(
		vm_arguments "$images" db1
		pipe
	)
	fails_with 4 'web1 holds it' labeler run db1 -- "${qemu[@]}" "${arguments[@]}"
}

directory_is_refused() {
	fails_with 3 'label.tree-files' labeler run db1 -- "${qemu[@]}" \
		-fsdev "local,id=tree,path=$images/tree,security_model=none" -device virtio-9p-pci,fsdev=tree,mount_tag=tree
}

nothing_was_denied() {
	audit_settled
	avcs_since "$(cat "$place/objects.mark")" | none -E "$images|tclass=fifo_file"
}

ends() {
	vm_kill web1
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
}

fact "there are pipes" make_files
fact "a VM runs with them" runs
fact "they have the VM's own label" both_are_the_vms
fact "the policy lets the VM use them, and no other" only_the_vm_may
fact "another VM does not get them" another_is_refused
fact "nor any a directory" directory_is_refused
fact "nothing was denied" nothing_was_denied
fact "at the end each has the label that it had" ends
done_with_facts
