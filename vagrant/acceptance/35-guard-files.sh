#!/usr/bin/env bash
# What managers do with other files of a running VM than its disk's chain, where SELinux enforces: outputs, objects, devices
# for characters, descriptors, an export, a state that is saved and restored. Each works without a denial, and its file gets
# its label back. By SELinux alone, as in the theme `guard`.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"

readonly images=$place/guard-files
readonly before=$place/guard-files.before
readonly content=system_u:object_r:virt_content_t:s0

clean_up() {
	vms_end
	settings_again
}
trap clean_up EXIT

make_files() {
	images_make "$images"
	openssl rand -base64 -out "$images/secret" 16
	labels_below "$images" >"$before"
	audit_settled
	audit_mark >"$place/guard-files.mark"
}

# arguments: of the VM; a picture needs a display, whose firmware no VM of these gets.
arguments() {
	printf '%s\n' -device "VGA,romfile=,id=vga" -device virtio-serial-pci,id=serial0 \
		-drive "if=none,id=disk,node-name=bottom,file=$images/web1.qcow2,format=qcow2" \
		-device "virtio-blk-pci,drive=bottom,id=hd"
}

# runs [ARGUMENT…]
runs() {
	local all
	mapfile -t all < <(arguments)
	vm_run web1 "${all[@]}" "$@"
	equal "walls" selinux "$(status_of web1 '.walls | join(" ")')"
	equal "guard" on "$(status_of web1 .guard)"
}

# ask COMMAND ARGUMENTS [FILE r|rw]: of web1's guarded monitor; prints what it returns.
ask() {
	local answer
	answer=$(qmp web1 "$(jq -nc --arg command "$1" --argjson arguments "$2" '{execute: $command, arguments: $arguments}')" "${@:3}") ||
		wrong "$1: $answer"
	jq -c .return <<<"$answer"
}

# file_argument NAME FILE: {"NAME": "…/FILE"}
file_argument() {
	jq -nc --arg name "$1" --arg file "$images/$2" '{($name): $file}'
}

# own FILE, read_only FILE, original FILE: that its label is the VM's own, that of files which VMs only read, or that of before.
own() {
	equal "label of $1" "$(status_of web1 .imageContext)" "$(label_of "$images/$1")"
}

read_only() {
	equal "label of $1" "$content" "$(label_of "$images/$1")"
}

# The guard gives some files back a second after the answer.
original() {
	within 60 is_original "$1" || wrong "$1 keeps the label $(label_of "$images/$1")"
}

# A file that was made since has what its directory gives it.
is_original() {
	local label
	label=$(awk -v name="$images/$1" '$2 == name { print $1 }' "$before")
	[ "${label:-$(matchpathcon -n "$images/$1")}" = "$(label_of "$images/$1")" ]
}

# made FILE: there is something in it, and no VM's label on it.
made() {
	original "$1"
	[ -s "$images/$1" ] || wrong "nothing is in $1"
}

transaction() {
	ask transaction "$(jq -nc --arg file "$images/top.qcow2" '{actions: [{type: "blockdev-snapshot-sync", data:
		{"node-name": "bottom", "snapshot-file": $file, "snapshot-node-name": "top", format: "qcow2"}}]}')"
	own top.qcow2
	read_only web1.qcow2
}

# The manager makes the image, with the name of the one below; qemu writes none into it.
snapshot() {
	qemu-img create -q -f qcow2 -u -b top.qcow2 -F qcow2 "$images/over.qcow2" 16M
	labels_below "$images/over.qcow2" >>"$before"
	ask blockdev-add "$(jq -nc --arg file "$images/over.qcow2" \
		'{driver: "qcow2", "node-name": "over", backing: null, file: {driver: "file", filename: $file}}')"
	own over.qcow2
	ask blockdev-snapshot '{"node": "top", "overlay": "over"}'
	own over.qcow2
	read_only top.qcow2
}

# spare_node READ-ONLY: the node of the format, over that of the file, as libvirt has them.
spare_node() {
	jq -nc --argjson only "$1" '{driver: "qcow2", "node-name": "spare", file: "spare-file", "read-only": $only}'
}

reopen() {
	ask blockdev-add "$(jq -nc --arg file "$images/spare.qcow2" \
		'{driver: "file", "node-name": "spare-file", filename: $file, "auto-read-only": true}')"
	ask blockdev-add "$(spare_node true)"
	read_only spare.qcow2
	ask blockdev-reopen "$(spare_node false | jq -c '{options: [.]}')"
	own spare.qcow2
	ask blockdev-del '{"node-name": "spare"}'
	ask blockdev-del '{"node-name": "spare-file"}'
	original spare.qcow2
}

dump() {
	ask dump-guest-memory "$(jq -nc --arg file "file:$images/memory.dump" '{paging: false, protocol: $file}')"
	made memory.dump
}

detached_dump() {
	ask dump-guest-memory "$(jq -nc --arg file "file:$images/detached.dump" '{paging: false, protocol: $file, detach: true}')"
	made detached.dump
}

picture() {
	ask screendump "$(file_argument filename picture.ppm)"
	made picture.ppm
}

part_of_memory() {
	ask pmemsave "$(file_argument filename part.memory | jq -c '. + {val: 0, size: 4096}')"
	made part.memory
}

secret() {
	ask object-add "$(file_argument file secret | jq -c '. + {"qom-type": "secret", id: "secret", format: "base64"}')"
	ask object-del '{"id": "secret"}'
	original secret
}

randomness() {
	ask object-add '{"qom-type": "rng-random", "id": "random", "filename": "/dev/urandom"}'
	ask object-del '{"id": "random"}'
}

# The policy of Debian lets no VM map its files; the command fails, and nothing is left. Others let it.
memory() {
	local answer mark
	mark=$(audit_mark)
	if answer=$(qmp web1 "$(file_argument mem-path extra.memory | jq -c '{execute: "object-add", arguments:
		(. + {"qom-type": "memory-backend-file", id: "extra", size: 1048576, share: true})}')"); then
		own extra.memory
		ask object-del '{"id": "extra"}'
	else
		grep -q 'Permission denied' <<<"$answer" || wrong "$answer"
		denied_since "$mark" 'denied .*\{ map \}.*extra\.memory'
	fi
	[ ! -e "$images/extra.memory" ] || original extra.memory
}

characters() {
	ask chardev-add "$(jq -nc --arg file "$images/console.log" '{id: "console", backend: {type: "file", data: {out: $file}}}')"
	own console.log
	ask chardev-remove '{"id": "console"}'
	original console.log
}

descriptor() {
	local set
	set=$(ask add-fd '{}' "$images/spare.qcow2" rw) || wrong "$set"
	set=$(jq '."fdset-id"' <<<"$set")
	own spare.qcow2
	ask blockdev-add "$(jq -nc --arg file "/dev/fdset/$set" \
		'{driver: "qcow2", "node-name": "handed", file: {driver: "file", filename: $file}}')"
	own spare.qcow2
	ask blockdev-del '{"node-name": "handed"}'
	ask remove-fd "{\"fdset-id\": $set}"
	original spare.qcow2
}

# As a backup program reads a disk of a running VM.
export_to_others() {
	local socket
	socket=$(vm_directory web1)/nbd.sock
	ask nbd-server-start "$(jq -nc --arg path "$socket" '{addr: {type: "unix", data: {path: $path}}}')"
	ask block-export-add '{"type": "nbd", "id": "disk", "node-name": "over", "name": "disk"}'
	runcon -l "$(level_of "$(context_of "$(vm_pid web1)")")" \
		qemu-img info --image-opts "driver=nbd,server.type=unix,server.path=$socket,export=disk" | grep -q '^virtual size: 16 MiB' ||
		wrong "the export does not answer"
	ask nbd-server-stop '{}'
	own over.qcow2
}

save() {
	ask migrate "$(jq -nc --arg uri "file:$images/state" '{uri: $uri}')"
	within 120 is_saved || wrong "it is not saved: $(ask query-migrate '{}')"
	made state
	own over.qcow2
}

is_saved() {
	[ "$(ask query-migrate '{}' | jq -r .status)" = completed ]
}

is_restored() {
	[ "$(ask query-status '{}' | jq -r .status)" != inmigrate ]
}

# The disk of the saved VM is the chain that it had then.
restore() {
	vm_kill web1
	vm_run web1 -device "VGA,romfile=,id=vga" -device virtio-serial-pci,id=serial0 \
		-drive "if=none,id=disk,node-name=over,file=$images/over.qcow2,format=qcow2" \
		-device "virtio-blk-pci,drive=over,id=hd" -incoming defer
	ask migrate-incoming "$(jq -nc --arg uri "file:$images/state" '{uri: $uri}')"
	within 120 is_restored || wrong "it is not restored: $(ask query-migrate '{}')"
	original state
	own over.qcow2
	read_only top.qcow2
}

nothing_was_denied() {
	unexpected_since "$(cat "$place/guard-files.mark")" | none .
}

ends() {
	vm_kill web1
	while read -r label file; do
		equal "label of $file" "$label" "$(label_of "$file")"
	done <"$before"
	for file in top.qcow2 memory.dump detached.dump picture.ppm part.memory console.log state; do
		original "$file"
	done
	qemu-img check -q "$images/over.qcow2"
	nothing_to_recover
}

fact "SELinux is the only wall" selinux_alone
fact "there are files" make_files
fact "a VM runs, and has a guard" runs
fact "a snapshot in a transaction: the new image is the VM's own, and the one below is read" transaction
fact "a snapshot onto a node: the same" snapshot
fact "a node opened again for writing: its file's label follows, and comes back" reopen
fact "a dump of the memory is made and given back" dump
fact "so is one that goes on after its answer" detached_dump
fact "so is a picture of the screen" picture
fact "so is a part of the memory" part_of_memory
fact "a secret is read and given back" secret
fact "an object reads a device of all processes" randomness
fact "memory that is a file is the VM's own until the object goes" memory
fact "so is the file of a character device" characters
fact "a client's descriptor: its file is the VM's own until the set goes" descriptor
fact "a disk is exported, and read by another program" export_to_others
fact "a state is saved" save
fact "and restored by the next process" restore
fact "nothing of this was denied" nothing_was_denied
fact "it ends, and all labels are back" ends
done_with_facts
