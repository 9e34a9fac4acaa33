#!/usr/bin/env bash
# Disks that join a running VM and leave it, where SELinux enforces: by label, and by descriptor from NFS.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=nfs.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/nfs.sh"

readonly images=$place/disks-vm
readonly local_disks=$place/disks
readonly exported=$place/disks-export
readonly mounted=$place/disks-mounted
readonly settings=/etc/labeler/labeler.toml
readonly settings_before=$place/disks.toml
# What leaves it does not need the guest, which never runs here; and a port that does.
readonly buses=(-device "virtio-scsi-pci,id=scsi0" -device "pcie-root-port,id=port1,chassis=1")

clean_up() {
	vms_end
	nfs_end "$exported" "$mounted"
	setsebool labeler_use_monitors on
	if [ -e "$settings_before" ]; then
		mv "$settings_before" "$settings"
		systemctl restart labelerd.service
	fi
}
trap clean_up EXIT

# chain_make DIRECTORY: three layers, of which the uppermost has a data file; the base has a pattern.
chain_make() {
	rm -rf "$1"
	mkdir -p "$1"
	chain_fill "$1"
}

chain_fill() (
	cd "$1" || exit
	qemu-img create -q -f qcow2 base.qcow2 16M
	qemu-io -c 'write -P 171 0 64k' base.qcow2 >/dev/null
	qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 middle.qcow2
	qemu-io -c 'write -P 17 64k 64k' middle.qcow2 >/dev/null
	qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 -o data_file="$1/top.data",data_file_raw=off top.qcow2
	qemu-img create -q -f qcow2 other.qcow2 16M
)

mount_it() {
	chain_make "$local_disks"
	# A label that no policy would give them, so that its return can be seen.
	chcon -t mnt_t "$local_disks/base.qcow2"
	nfs_serve
	nfs_mount "$exported" "$mounted" no_root_squash
	chain_fill "$mounted"
	equal "type of a file there" nfs_t "$(type_of "$(label_of "$mounted/top.qcow2")")"
	setsebool virt_use_nfs off
	equal "virt_use_nfs" off "$(getsebool virt_use_nfs | sed 's/.* //')"
	labels_below "$images" >"$place/disks.images"
	labels_below "$local_disks" >"$place/disks.before"
}

runs_traced() {
	local arguments
	mapfile -t arguments < <(vm_arguments "$images" web1)
	vm_run_traced web1 "${buses[@]}" "${arguments[@]}"
}

# attach NAME IMAGE [DEVICE]: the node is n1, the device d1.
attach() {
	labeler disk attach "$1" --blockdev "driver=qcow2,node-name=n1,file.driver=file,file.filename=$2" \
		--device "${3:-scsi-hd,drive=n1,id=d1,bus=scsi0.0,lun=3}"
}

detach() {
	labeler disk detach "$1" d1
}

labels_are_as_before() {
	diff "$place/disks.before" <(labels_below "$local_disks")
}

# has_none_open PID
has_none_open() {
	[ "$(find "/proc/$1/fd" \( -lname "$local_disks/*" -o -lname "$mounted/*" \) | wc -l)" = 0 ]
}

# nothing_joined NAME: in qemu, in the service, on disk.
nothing_joined() {
	equal "sets in qemu" '[]' "$(qmp "$1" '{"execute":"query-fdsets"}' | jq -c .return)"
	equal "nodes of the disk" '[]' "$(qmp "$1" '{"execute":"query-named-block-nodes","arguments":{"flat":true}}' |
		jq -c --arg place "$place/disks" '[.return[] | select(."node-name" == "n1" or (.file | startswith("/dev/fdset")))]')"
	has_none_open "$(vm_pid "$1")" || wrong "qemu has a file there open"
	# It may just be writing what it gave back to the disk.
	within 60 has_none_open "$(systemctl show --property=MainPID --value labelerd.service)" ||
		wrong "the service has a file there open"
	equal "files that joined" '[]' "$(status_of "$1" '[.files[] | select(.disk)] | tostring')"
	labels_are_as_before || wrong "a label is not what it was"
}

# joined TREATMENT DIRECTORY: each layer of the chain is the VM's, with that treatment.
joined() {
	equal "what joined" "base.qcow2 middle.qcow2 top.data top.qcow2" \
		"$(status_of web1 "[.files[] | select(.disk == \"d1\" and .treatment == \"$1\") | .path |
			select(startswith(\"$2/\")) | sub(\".*/\"; \"\")] | sort | join(\" \")")"
}

joins_by_label() {
	local level
	level=$(level_of "$(context_of "$(vm_pid web1)")")
	attach web1 "$local_disks/top.qcow2"
	joined label "$local_disks"
	for file in top.qcow2 top.data; do
		equal "label of $file" "system_u:object_r:svirt_image_t:$level" "$(label_of "$local_disks/$file")"
	done
	for file in middle.qcow2 base.qcow2; do
		equal "label of $file" system_u:object_r:virt_content_t:s0 "$(label_of "$local_disks/$file")"
	done
}

joins_by_descriptor() {
	attach web1 "$mounted/top.qcow2"
	joined pass "$mounted"
	equal walls "descriptors landlock selinux" "$(status_of web1 '.walls | sort | join(" ")')"
	# The sets are listed as long as a node has a descriptor from them.
	equal "members of sets in qemu" '[]' "$(qmp web1 '{"execute":"query-fdsets"}' | jq -c '[.return[].fds[]]')"
	within 60 has_none_open "$(systemctl show --property=MainPID --value labelerd.service)" ||
		wrong "the service has a file there open"
}

reads_and_writes() {
	vm_io "$1" 'read -P 171 0 64k' '-d d1'
	vm_io "$1" 'read -P 17 64k 64k' '-d d1'
	vm_io "$1" 'write -P 99 128k 64k' '-d d1'
	vm_io "$1" flush '-d d1'
}

# written_is_there FILE
written_is_there() {
	local pattern
	for pattern in '171 0' '17 64k' '99 128k'; do
		image_has "$1" "$pattern"
	done
}

leaves() {
	detach web1
	nothing_joined web1
}

# cell VM FILE: the access of a VM to a file, as the matrix shows the kernel's answer.
cell() {
	labeler matrix --json | jq -r --arg vm "$1" --arg file "$2" \
		'(.vms | map(.vm) | index($vm)) as $row | (.files | map(.path) | index($file)) as $column | .access[$row][$column]'
}

only_its_own_vm_may() {
	equal "web1 and its disk" "$1" "$(cell web1 "$2")"
	equal "db1 and web1's disk" none "$(cell db1 "$2")"
	exits_with 0 labeler verify
}

# The kernel lets any VM use a file that is handed to it there: VMs are separated only because nobody hands it over.
only_handed_over() {
	equal "web1 and its disk" descriptor "$(cell web1 "$mounted/top.qcow2")"
	equal "db1 and web1's disk" descriptor "$(cell db1 "$mounted/top.qcow2")"
}

# The command looks, as root; the service has no right to.
descriptors_are_compared() {
	labeler verify --json >"$place/disks-verify"
	equal "VMs whose descriptors were compared" '["db1","web1"]' \
		"$(jq -c '[.vms[] | select(.descriptors.compared) | .vm] | sort' "$place/disks-verify")"
	equal "drift" 0 "$(jq '[.vms[].drift] | add' "$place/disks-verify")"
}

# handed_by_somebody FILE r|rw: to web1's qemu, by root, with the file and the monitor; prints the set's number.
handed_by_somebody() {
	qmp web1 '{"execute":"add-fd"}' "$1" "$2" | jq '.return."fdset-id"'
}

# What the guard lets in is on record, and is no drift. What the VM only reads it gets for writing in no way.
handed_over_is_judged() {
	local set answer
	set=$(handed_by_somebody "$mounted/other.qcow2" r)
	[ -n "$set" ] || wrong "qemu has no set"
	exits_with 0 labeler verify web1
	equal "its hold" read-only "$(held "$mounted/other.qcow2")"
	qmp web1 "$(jq -nc --argjson set "$set" '{execute: "remove-fd", arguments: {"fdset-id": $set}}')"
	within 60 is_held_no_more "$mounted/other.qcow2" || wrong "the VM still has it"
	if answer=$(qmp web1 '{"execute":"add-fd"}' "$mounted/base.qcow2" rw); then
		wrong "it was let in for writing: $answer"
	fi
	grep -q 'labeler S[0-9]*: ' <<<"$answer" || wrong "it was not refused: $answer"
	exits_with 0 labeler verify web1
}

is_held_no_more() {
	[ -z "$(held "$1")" ]
}

# held FILE: the accesses for which the VM has it on record.
held() {
	status_of web1 "[.files[] | select(.path == \"$1\") | .uses[].access] | join(\" \")"
}

# Root's user, without the capability to trace a process that has more rights.
nothing_is_claimed() {
	local said
	said=$(setpriv --bounding-set=-sys_ptrace labeler verify web1)
	matches "what verify says" 'web1: [0-9]+ files as they should be; what its process has open was not compared: only root .*' \
		"$said"
}

has_one_writer() {
	fails_with 4 'web1 holds it' attach db1 "$local_disks/top.qcow2"
	fails_with 4 'web1 holds it' labeler run web2 -- "${qemu[@]}" -drive "file=$local_disks/top.qcow2,format=qcow2,if=none,id=disk"
}

anothers_is_refused() {
	fails_with 4 'db1 holds it' attach web1 "$images/db1.qcow2"
	nothing_joined web1
}

# A step that qemu refuses: an option of the node's, and a bus that is not there.
failed_steps_leave_nothing() {
	local disk
	for disk in "$local_disks/top.qcow2" "$mounted/top.qcow2"; do
		fails_with 1 'qemu refuses blockdev-add' attach web1 "$disk,unknown=1"
		fails_with 1 "qemu refuses device_add: Bus 'none.0' not found" attach web1 "$disk" scsi-hd,drive=n1,id=d1,bus=none.0
		nothing_joined web1
	done
}

may_not_open_it() {
	local answer mark
	mark=$(audit_mark)
	answer=$(opened_by web1 "$mounted/top.qcow2" true) && wrong "web1 opened its disk on NFS by name"
	grep -q 'Permission denied' <<<"$answer" || wrong "not opened, but for another reason: $answer"
	denied_since "$mark" "denied +\\{ open \\} .*path=\"$mounted/top.qcow2\" .*tcontext=[^ ]*:nfs_t:"
}

# stopped_in_the_middle DISK: qemu does not answer, and the service is killed while it waits for it.
stopped_in_the_middle() {
	local service attaching
	service=$(systemctl show --property=MainPID --value labelerd.service)
	kill -STOP "$(vm_pid web1)"
	attach web1 "$1" >"$place/attaching" 2>&1 &
	attaching=$!
	within 60 is_on_record || {
		kill -CONT "$(vm_pid web1)"
		wrong "the disk is not on record: $(cat "$place/attaching")"
	}
	kill -9 "$service"
	kill -CONT "$(vm_pid web1)"
	! wait "$attaching" || wrong "the attach ended well"
	within 300 is_another_service "$service" || wrong "systemd did not bring the service back"
	is_on_record || wrong "the disk is forgotten"
}

is_on_record() {
	[ "$(status_of web1 '[.files[] | select(.disk == "d1")] | length')" = 4 ]
}

is_another_service() {
	local pid
	pid=$(systemctl show --property=MainPID --value labelerd.service)
	[ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ] && api /v1/health
}

detach_finishes_what_was_cut_off() {
	stopped_in_the_middle "$1"
	leaves
}

# The guest has to agree to the removal of a PCI device, and never runs.
kept_until_the_guest_lets_go() {
	local labels
	attach web1 "$local_disks/top.qcow2" virtio-blk-pci,drive=n1,id=d1,bus=port1
	labels=$(labels_below "$local_disks")
	fails_with 1 'the guest has not let go' detach web1
	equal "labels" "$labels" "$(labels_below "$local_disks")"
	joined label "$local_disks"
	vm_io web1 'read -P 171 0 64k' n1
	fails_with 4 'web1 holds it' attach db1 "$local_disks/top.qcow2"
}

end_gives_back() {
	vm_kill web1
	within 60 labels_are_as_before || wrong "a label is not what it was"
}

# The socket at which a guarded qemu listens has the service's own type. The boolean is for monitors that qemu has made;
# the rules with and without it are compared by labeler's own tests.
guarded_without_the_boolean() {
	setsebool labeler_use_monitors off
	attach web1 "$local_disks/top.qcow2"
	detach web1
	setsebool labeler_use_monitors on
	nothing_joined web1
}

restart_with_selinux_alone() {
	cp "$settings" "$settings_before"
	sed -i '/^\[launch\]/a landlock = "off"' "$settings"
	grep -qx 'landlock = "off"' "$settings" || wrong "the settings have no [launch]"
	systemctl restart labelerd.service
	within 300 api /v1/health
}

# Its qemu opens each layer by its name, as the labels let it.
opens_by_itself() {
	local arguments
	mapfile -t arguments < <(vm_arguments "$images" web1)
	vm_run web1 "${buses[@]}" "${arguments[@]}"
	equal walls selinux "$(status_of web1 '.walls | join(" ")')"
	joins_by_label
	equal "where qemu has the disk" "$local_disks/top.qcow2" \
		"$(qmp web1 '{"execute":"query-named-block-nodes","arguments":{"flat":true}}' |
			jq -r '.return[] | select(."node-name" == "n1") | .file')"
	reads_and_writes web1
	leaves
	joins_by_descriptor_alone
	reads_and_writes web1
	leaves
}

joins_by_descriptor_alone() {
	attach web1 "$mounted/top.qcow2"
	joined pass "$mounted"
	equal walls "descriptors selinux" "$(status_of web1 '.walls | sort | join(" ")')"
	may_not_open_it
}

nothing_is_left() {
	[ "$(labeler recover --dry-run --json | jq -c .stale)" = '[]' ]
}

all_is_as_before() {
	vm_kill db1
	equal "VMs" '[]' "$(api /v1/vms | jq -c .vms)"
	# A file that was given back is on record until its label is on disk, and the service does that by itself.
	within 120 nothing_is_left || wrong "left: $(labeler recover --json)"
	labels_are_as_before
	diff "$place/disks.images" <(labels_below "$images")
}

images_make "$images"
fact "chains of three with a data file are on ext4, and on NFS 4.2 without labels; virt_use_nfs is off" mount_it
fact "a VM runs, traced from its first instruction" runs_traced
fact "and another one" vm_start "$images" db1
fact "a disk on ext4 joins, and is labelled" joins_by_label
fact "the VM reads every layer and writes the uppermost" reads_and_writes web1
fact "the kernel lets it do so, and the other VM nothing" only_its_own_vm_may read-write "$local_disks/top.qcow2"
fact "nobody else may have the disk" has_one_writer
fact "it leaves, and nothing is left" leaves
fact "what the VM wrote is in the image" written_is_there "$local_disks/top.qcow2"
fact "a disk on NFS joins by descriptors, of which none stays in a set or in the service" joins_by_descriptor
fact "the VM reads every layer and writes the uppermost there, too" reads_and_writes web1
fact "nobody else has them, which is all that keeps the other VM from it" only_handed_over
fact "what both have open is what the service knows of" descriptors_are_compared
fact "a file that a client hands over is judged and on record, and none that is only read comes for writing" \
	handed_over_is_judged
fact "whoever may not look claims nothing" nothing_is_claimed
fact "it leaves, and nothing is left" leaves
fact "what the VM wrote is in the image on NFS" written_is_there "$mounted/top.qcow2"
fact "another VM's disk is refused" anothers_is_refused
fact "a step that qemu refuses leaves everything as it was" failed_steps_leave_nothing
fact "the service is killed in the middle of an attach on ext4, and a detach finishes it" \
	detach_finishes_what_was_cut_off "$local_disks/top.qcow2"
fact "the same on NFS" detach_finishes_what_was_cut_off "$mounted/top.qcow2"
fact "where the policy lets the service connect to no monitor of qemu's making, the guarded one is reached" \
	guarded_without_the_boolean
fact "until the guest lets go of a device nothing is given back" kept_until_the_guest_lets_go
fact "the VM's end gives it back" end_gives_back
fact "its qemu has opened nothing on NFS by name, from its first instruction on" \
	opened_nothing_of web1 "$mounted"
fact "the service runs without Landlock" restart_with_selinux_alone
fact "a disk joins a VM by its label alone, and one on NFS by descriptors alone" opens_by_itself
fact "the service is killed in the middle of an attach" stopped_in_the_middle "$local_disks/top.qcow2"
fact "the VM's end gives back what was cut off" end_gives_back
fact "all is as it was before" all_is_as_before
done_with_facts
