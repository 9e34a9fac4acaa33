#!/usr/bin/env bash
# Pipes and a directory of the host, where SELinux enforces: they get the VM's label, the kernel lets this VM alone use
# them, and each label comes back.
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
	mkdir -p "$images/tree/below"
	printf 'own\n' >"$images/tree/below/own"
	printf 'shared\n' >"$images/tree/shared"
	ln "$images/tree/shared" "$images/outside"
	# Something to get back that no policy would have given it.
	chcon -t mnt_t "$images/tree/below/own"
	labels_below "$images" >"$before"
}

tree() {
	printf '%s\n' -fsdev "local,id=tree,path=$images/tree,security_model=none" -device virtio-9p-pci,fsdev=tree,mount_tag=tree
}

runs() {
	local arguments
	audit_settled
	audit_mark >"$place/objects.mark"
	mapfile -t arguments < <(
		vm_arguments "$images" web1
		tree
	)
	vm_run web1 "${arguments[@]}" -chardev "pipe,id=pipe,path=$images/pipe"
}

# own FILE: that it has the VM's own label.
own() {
	equal "label of $1" "$(status_of web1 .imageContext)" "$(label_of "$images/$1")"
}

all_are_the_vms() {
	local file
	for file in pipe.in pipe.out tree tree/below tree/below/own; do
		own "$file"
	done
}

hard_link_is_left() {
	equal "label of a file with another name outside" "$(grep -F " $images/outside" "$before")" \
		"$(label_of "$images/outside") $images/outside"
}

only_the_vm_may() {
	local process label
	process=$(context_of "$(vm_pid web1)")
	label=$(label_of "$images/tree/below/own")
	selinux_check_access "$process" "$label" file open || wrong "$process may not open $label"
	! selinux_check_access "${process%:*:*}:s0:c1022,c1023" "$label" file open || wrong "another VM may open $label"
}

another_is_refused() {
	local arguments
	mapfile -t arguments < <(
		vm_arguments "$images" db1
		tree
	)
	fails_with 4 'web1 holds it' labeler run db1 -- "${qemu[@]}" "${arguments[@]}"
}

nothing_was_denied() {
	audit_settled
	avcs_since "$(cat "$place/objects.mark")" | none -E "$images|tclass=fifo_file"
}

ends() {
	vm_kill web1
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
}

fact "there are pipes, and a directory with files below it" make_files
fact "a VM runs with them" runs
fact "they have the VM's own label" all_are_the_vms
fact "a file with another name outside of the directory has its own" hard_link_is_left
fact "the policy lets the VM use them, and no other" only_the_vm_may
fact "another VM does not get the directory" another_is_refused
fact "nothing was denied" nothing_was_denied
fact "at the end each has the label that it had" ends
done_with_facts
