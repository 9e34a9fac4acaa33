#!/usr/bin/env bash
# A running VM's guard where SELinux enforces: what is allowed works without a denial, and labels follow it; what is not
# is refused; and what qemu tries by itself is denied by the kernel and explained. By SELinux alone: Landlock would be
# first to deny, and would have descriptors in the place of labels.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/guard
readonly settings=/etc/labeler/labeler.toml
readonly settings_before=$place/guard.toml
readonly content=system_u:object_r:virt_content_t:s0

clean_up() {
	vms_end
	if [ -e "$settings_before" ]; then
		cat "$settings_before" >"$settings"
		rm "$settings_before"
		systemctl restart labelerd.service
	fi
}
trap clean_up EXIT

with_selinux_alone() {
	cat "$settings" >"$settings_before"
	sed -i '/^\[launch\]/a landlock = "off"' "$settings"
	grep -qx 'landlock = "off"' "$settings" || wrong "the settings have no [launch]"
	systemctl restart labelerd.service
	within 300 recovered
}

make_files() {
	images_make "$images"
	qemu-io -c 'write -P 171 0 64k' "$images/base.qcow2" >/dev/null
	cp "$images/spare.qcow2" "$images/medium.qcow2"
	labels_below "$images" >"$place/guard.before"
	date -u +%FT%TZ >"$place/guard.began"
}

runs() {
	vm_run web1 -device "virtio-scsi-pci,id=scsi0" -drive "if=none,id=disk,file=$images/web1.qcow2,format=qcow2" \
		-device "scsi-hd,drive=disk,id=hd,bus=scsi0.0" -device "scsi-cd,id=cd,bus=scsi0.0"
	equal "walls" selinux "$(status_of web1 '.walls | join(" ")')"
	equal "guard" on "$(status_of web1 .guard)"
	# A second one, whose disk the first has no business with.
	vm_start "$images" db1
	audit_settled
	audit_mark >"$place/guard.mark"
}

# own FILE, read FILE: that the label of a file is the VM's own, or that of files which VMs only read.
own() {
	equal "label of $1" "$(status_of web1 .imageContext)" "$(label_of "$images/$1")"
}

read_only() {
	equal "label of $1" "$content" "$(label_of "$images/$1")"
}

# original FILE: that it is what it was, or what its directory gives a file that was made since.
original() {
	is_original "$1" || wrong "$1 has the label $(label_of "$images/$1")"
}

is_original() {
	local before
	before=$(awk -v name="$images/$1" '$2 == name { print $1 }' "$place/guard.before")
	[ "${before:-$(matchpathcon -n "$images/$1")}" = "$(label_of "$images/$1")" ]
}

snapshot() {
	exits_with 0 labeler disk snapshot web1 hd "$images/top.qcow2"
	own top.qcow2
	read_only web1.qcow2
	read_only base.qcow2
	vm_io web1 'write -P 77 64k 64k' "-d hd"
}

commit() {
	exits_with 0 labeler disk commit web1 hd --base "$images/web1.qcow2"
	own web1.qcow2
	read_only base.qcow2
	original top.qcow2
	vm_io web1 'read -P 77 64k 64k' "-d hd"
}

backup() {
	exits_with 0 labeler disk backup web1 hd "$images/backup.qcow2" --format qcow2
	own web1.qcow2
	original backup.qcow2
}

mirror() {
	exits_with 0 labeler disk mirror web1 hd "$images/copy.qcow2" --format qcow2
	own copy.qcow2
	original web1.qcow2
	vm_io web1 'read -P 77 64k 64k' "-d hd"
}

stream() {
	exits_with 0 labeler disk snapshot web1 hd "$images/over.qcow2"
	exits_with 0 labeler disk stream web1 hd
	own over.qcow2
	original copy.qcow2
	vm_io web1 'read -P 171 0 64k' "-d hd"
}

medium() {
	exits_with 0 labeler disk insert web1 cd "$images/medium.qcow2" --format qcow2
	read_only medium.qcow2
	exits_with 0 labeler disk eject web1 cd
	original medium.qcow2
}

another_disk() {
	exits_with 0 labeler disk attach web1 --blockdev "driver=qcow2,node-name=more,file.driver=file,file.filename=$images/spare.qcow2" \
		--device "scsi-hd,drive=more,id=more,bus=scsi0.0"
	own spare.qcow2
	exits_with 0 labeler disk detach web1 more
	within 60 is_original spare.qcow2
}

# As an update of the package does it while VMs run.
labels_of_the_program_again() {
	labels_below /run/labeler/guard >"$place/guard.monitors"
	grep -q '/monitor$' "$place/guard.monitors" || wrong "there is no real monitor"
	exits_with 0 labeler policy install
	diff "$place/guard.monitors" <(labels_below /run/labeler/guard) || wrong "the label of a real monitor is not what it was"
	systemctl restart labelerd.service
	within 300 recovered
	within 60 qmp web1 '{"execute": "query-status"}'
	equal "guard" on "$(status_of web1 .guard)"
}

nothing_was_denied() {
	audit_settled
	avcs_since "$(cat "$place/guard.mark")" |
		none -E 'scontext=system_u:system_r:(svirt(_tcg)?|labelerd)_t:.* tclass=(file|dir|lnk_file|sock_file|blk_file|unix_stream_socket) '
}

# refused RULE COMMAND: by the guard, before qemu.
refused() {
	local answer before
	before=$(label_of "$images/db1.qcow2")
	if answer=$(qmp web1 "$2"); then
		wrong "it was allowed: $answer"
	fi
	grep -q "labeler $1: " <<<"$answer" || wrong "it was not refused by $1: $answer"
	equal "label of another VM's disk" "$before" "$(label_of "$images/db1.qcow2")"
	labeler events --since "$(cat "$place/guard.began")" web1 | grep -q "refused $1" || wrong "it is not on record"
}

another_vms_disk_is_refused() {
	refused S1 "$(jq -nc --arg file "$images/db1.qcow2" \
		'{execute: "blockdev-add", arguments: {driver: "qcow2", "node-name": "n", file: {driver: "file", filename: $file}}}')"
}

a_file_of_the_host_is_refused() {
	refused N4 "$(jq -nc '{execute: "blockdev-add", arguments: {driver: "file", "node-name": "n", filename: "/etc/shadow"}}')"
}

# explained WORDS MARK: the newest denial of web1's since the mark.
explained() {
	local record text status=0
	record=$(avcs_since "$2" | grep -a 'scontext=system_u:system_r:svirt' | tail -n 1)
	text=$(labeler explain "$record") || status=$?
	equal "status of labeler explain" 0 "$status"
	grep -qE -- "$1" <<<"$text" || wrong "it does not say '$1': $text"
	text=$(labeler explain --since 10m) || wrong "labeler explain --since: $text"
	grep -qE -- "$1" <<<"$text" || wrong "of the last ten minutes it does not say '$1': $text"
}

# is_event WORDS: whether a denial of web1's is an event with these words: the service follows the kernel.
is_event() {
	labeler events --since "$(cat "$place/guard.began")" web1 | grep -E '^[^ ]+  web1  denied' | grep -qE -- "$1"
}

trickery() {
	local mark
	mark=$(audit_mark)
	refused_to web1 "$images/db1.qcow2" false svirt_image_t
	explained "a file of VM db1" "$mark"
	within 60 is_event "trickery.*a file of VM db1" || wrong "it is no event: $(labeler events web1 | grep denied)"
}

lost_label() {
	local mark
	mark=$(audit_mark)
	chcon -t var_lib_t "$images/over.qcow2"
	refused_to web1 "$images/over.qcow2" false var_lib_t
	explained "restorecon|labeler relabel" "$mark"
	within 60 is_event "bug.*Its label was lost" || wrong "it is no event: $(labeler events web1 | grep denied)"
	exits_with 0 labeler relabel web1
	own over.qcow2
	# The kernel asks again for what is open already. All of these are meant.
	audit_settled
	provoked_since "$mark" "denied .*path=\"$images/over.qcow2\" .*:svirt(_tcg)?_t:.*:var_lib_t:"
}

ends() {
	vm_kill web1
	vm_kill db1
	labels_below "$images" | grep -vE '/(top|backup|copy|over)\.qcow2$' >"$place/guard.after"
	diff "$place/guard.before" "$place/guard.after" || wrong "a label is not what it was"
	for made in top backup copy over; do
		original "$made.qcow2"
		qemu-img check -q "$images/$made.qcow2"
	done
	nothing_to_recover
}

starts_again() {
	vm_start "$images" web1
	equal "guard" on "$(status_of web1 .guard)"
	vm_kill web1
	nothing_to_recover
}

fact "the service restarts with SELinux as the only wall" with_selinux_alone
fact "there are images" make_files
fact "two VMs run, and one has a guard" runs
fact "a snapshot: the new image is the VM's own, and the one below is read" snapshot
fact "its commit: the other way round" commit
fact "a backup is made and given back" backup
fact "a mirror and pivot: the copy is the VM's own, and the disk before is not" mirror
fact "a stream: what leaves the chain is given back" stream
fact "a medium comes and goes" medium
fact "a disk is plugged and unplugged" another_disk
fact "the program's files are labelled again, and the next service reaches the monitor" labels_of_the_program_again
fact "nothing of this was denied" nothing_was_denied
fact "another VM's disk is refused, and on record" another_vms_disk_is_refused
fact "so is a file of the host" a_file_of_the_host_is_refused
fact "what qemu tries all the same is denied by the kernel, is an event, and explained as trickery" trickery
fact "a lost label is an event, is explained as such, and set again" lost_label
fact "both end, and all labels are back" ends
fact "one starts again" starts_again
done_with_facts
