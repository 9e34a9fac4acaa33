#!/usr/bin/env bash
# The same VMs under libvirt's own sVirt, without our hook, and under `labeler run`: the labels that each leaves on the
# disk. libvirt's behaviour is only recorded; labeler's is tested as facts. The table goes to the results, and from
# there into docs/.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images
# The observations: a file for each step and side, with the labels, the running VMs and the result.
readonly seen=$place/side-by-side
readonly here=${BASH_SOURCE[0]%/*}
# The output of the last program: in a place where a confined qemu may also write.
readonly said=$vm_logs/side-by-side.said
# libvirt's own account of when it labels, to the millisecond.
readonly libvirt_log=/var/log/libvirt/labeler-acceptance.log

clean_up() {
	virt_admin daemon-log-filters '' >/dev/null 2>&1 || true
	libvirt_forget web1 db1 thief child broken timed
	rm -rf "$images" "$libvirt_log"
	vms_end
}
trap clean_up EXIT

virt_admin() {
	if systemctl is-active --quiet virtqemud.service; then
		virt-admin --connect virtqemud:///system "$@"
	else
		virt-admin --connect libvirtd:///system "$@"
	fi
}

# A base, two overlays of it, and an overlay of one of these; each with the label that the policy has for it.
make_images() {
	rm -rf "$images"
	mkdir -p "$images"
	(
		cd "$images" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 web1.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 db1.qcow2
		qemu-img create -q -f qcow2 -b web1.qcow2 -F qcow2 child.qcow2
	)
	restorecon -RF "$images"
	chmod -R a+rX "$images"
}

# step SIDE STEP OUTCOME [RUNNING_VM…]: records the labels on the disk now.
step() {
	local side=$1 name=$2 outcome=$3 file label attributes
	shift 3
	{
		printf 'outcome\t%s\n' "$outcome"
		printf 'running\t%s\n' "$*"
		find "$images" -type f -printf '%f\n' | LC_ALL=C sort | while read -r file; do
			label=$(label_of "$images/$file") || exit
			attributes=$(getfattr --absolute-names -m - "$images/$file" |
				sed -n '/^[a-z]*\./p' | some_or_none -vx security.selinux | tr '\n' ' ') || exit
			printf 'label\t%s\t%s\n' "$file" "$label"
			printf 'attributes\t%s\t%s\n' "$file" "$attributes"
		done
	} >"$seen/$side.$name"
}

# level SIDE VM PID: which level a VM of this side has, or had.
level() {
	printf '%s\t%s\n' "$2" "$(level_of "$(context_of "$3")")" >>"$seen/$1.levels"
}

# reason_in FILE: the last line of a program's output, without places and times of this run.
reason_in() {
	sed '/^[[:space:]]*$/d' "$1" | tail -n 1 | sed -e "s|$images/||g" -e 's/^error: *//' -e 's/^labeler: *//' |
		tr '\t|' '  '
}

# libvirt's side.

libvirt_starts() {
	libvirt_define "$1" "$images/$2" >/dev/null || wrong "libvirt does not take the definition of $1"
	virsh --quiet start --paused "$1" >"$said" 2>&1
}

# tried COMMAND…: the result.
tried() {
	if "$@"; then
		printf 'started'
	else
		printf 'refused: %s' "$(reason_in "$said")"
	fi
}

libvirt_runs_two() {
	make_images
	step libvirt 10-before ''
	libvirt_starts web1 web1.qcow2
	level libvirt web1 "$(libvirt_pid web1)"
	step libvirt 11-one started web1
	libvirt_starts db1 db1.qcow2
	level libvirt db1 "$(libvirt_pid db1)"
	step libvirt 12-two started web1 db1
}

libvirt_has_a_thief() {
	local outcome
	outcome=$(tried libvirt_starts thief web1.qcow2)
	[ "$outcome" != started ] || level libvirt thief "$(libvirt_pid thief)"
	step libvirt 13-same-image "$outcome" web1 db1 thief
	libvirt_forget thief
}

libvirt_has_a_child() {
	local outcome
	outcome=$(tried libvirt_starts child child.qcow2)
	[ "$outcome" != started ] || level libvirt child "$(libvirt_pid child)"
	step libvirt 14-overlay-of-it "$outcome" web1 db1 child
	libvirt_forget child
}

libvirt_stops_two() {
	virsh --quiet destroy web1
	step libvirt 15-one-stopped stopped db1
	virsh --quiet destroy db1
	step libvirt 16-both-stopped stopped
	libvirt_forget web1 db1
}

libvirt_fails_a_start() {
	make_images
	step libvirt 20-before ''
	libvirt_define broken "$images/web1.qcow2" -device no-such-device
	! virsh --quiet start --paused broken >"$said" 2>&1 || wrong "it started"
	grep -q no-such-device "$said" || wrong "not started, but for another reason: $(cat "$said")"
	step libvirt 21-failed 'failed, as it was to'
	libvirt_forget broken
}

libvirt_takes_a_snapshot() {
	make_images
	step libvirt 30-before ''
	libvirt_starts web1 web1.qcow2
	level libvirt web1 "$(libvirt_pid web1)"
	virsh --quiet snapshot-create-as web1 later --disk-only --diskspec "vda,file=$images/web1.later"
	step libvirt 31-snapshot taken web1
	virsh --quiet destroy web1
	step libvirt 32-stopped stopped
	libvirt_forget web1
}

# labeler's side.

labeler_starts() {
	vm_run "$1" -drive "file=$images/$2,format=qcow2,if=none,id=disk"
	level labeler "$1" "$(vm_pid "$1")"
}

# labeler_refuses NAME IMAGE: exit code 4, and why.
labeler_refuses() {
	exits_with 4 labeler run "$1" -- "${qemu[@]}" -drive "file=$images/$2,format=qcow2,if=none,id=disk" >"$said" 2>&1
	printf 'refused: %s' "$(reason_in "$said")"
}

labeler_runs_two() {
	make_images
	step labeler 10-before ''
	labeler_starts web1 web1.qcow2
	step labeler 11-one started web1
	labeler_starts db1 db1.qcow2
	step labeler 12-two started web1 db1
}

labeler_refuses_a_thief() {
	local outcome
	outcome=$(labeler_refuses thief web1.qcow2)
	step labeler 13-same-image "$outcome" web1 db1
	is_as_after 12-two 13-same-image
}

labeler_refuses_a_child() {
	local outcome
	outcome=$(labeler_refuses child child.qcow2)
	step labeler 14-overlay-of-it "$outcome" web1 db1
	is_as_after 12-two 14-overlay-of-it
}

# is_as_after STEP STEP: labels and attributes, under labeler.
is_as_after() {
	diff <(grep -E '^(label|attributes)' "$seen/labeler.$1") <(grep -E '^(label|attributes)' "$seen/labeler.$2") ||
		wrong "$2 has other labels than $1"
}

labeler_stops_two() {
	vm_kill web1
	step labeler 15-one-stopped stopped db1
	vm_kill db1
	step labeler 16-both-stopped stopped
	is_as_after 10-before 16-both-stopped
}

labeler_fails_a_start() {
	make_images
	step labeler 20-before ''
	exits_with 1 labeler run broken -- "${qemu[@]}" -device no-such-device \
		-drive "file=$images/web1.qcow2,format=qcow2,if=none,id=disk" >"$said" 2>&1
	grep -q no-such-device "$said" || wrong "not started, but for another reason: $(cat "$said")"
	within 180 vm_gone broken || wrong "the service still holds it"
	step labeler 21-failed 'failed, as it was to'
	is_as_after 20-before 21-failed
}

labeler_takes_a_snapshot() {
	make_images
	step labeler 30-before ''
	labeler_starts web1 web1.qcow2
	qmp web1 "$(jq -nc --arg file "$images/web1.later" '{execute: "blockdev-snapshot-sync",
		arguments: {device: "disk", "snapshot-file": $file, format: "qcow2"}}')" >/dev/null || wrong "it is refused"
	step labeler 31-snapshot taken web1
	vm_kill web1
	[ "$(type_of "$(label_of "$images/web1.later")")" != svirt_image_t ] || wrong "the snapshot's file has a VM's label"
	rm -f "$images/web1.later"
	step labeler 32-stopped stopped
	is_as_after 30-before 32-stopped
}

# The base that labeler gave back a moment ago has the same label from libvirt now: the settlement, which a recovery makes
# at once, knows that this one is not its own.
labeler_leaves_what_libvirt_took_up() {
	local taken_up
	make_images
	labeler_starts web1 web1.qcow2
	vm_kill web1
	libvirt_starts web1 web1.qcow2
	taken_up=$(label_of "$images/base.qcow2")
	[ "$taken_up" = "$(labelers_label_of_a_base)" ] || wrong "libvirt gave the base $taken_up, and not the label that labeler had given it"
	labeler recover
	[ "$(label_of "$images/base.qcow2")" = "$taken_up" ] || wrong "labeler took the base from libvirt's VM"
	libvirt_forget web1
}

# labelers_label_of_a_base: the label that labeler gives a base.
labelers_label_of_a_base() {
	awk -F '\t' '$1 == "label" && $2 == "base.qcow2" { print $3 }' "$seen/labeler.12-two"
}

# Times: how long each side takes to label the same VM, with one overlay and its base.

log_libvirts_labelling() {
	virt_admin daemon-log-outputs "1:file:$libvirt_log"
	virt_admin daemon-log-filters '1:qemu.qemu_process'
}

# labelers_times COUNT: how long the service takes to label the VM that timed.json has. It answers when the labels are on
# the disk and its journal is: the whole of the request, seen from outside.
labelers_times() {
	local number
	for ((number = 0; number < $1; number++)); do
		curl --silent --fail --max-time 60 --output /dev/null --write-out '%{time_total}\n' --unix-socket /run/labeler/labeler.sock \
			--data-binary "@$seen/timed.json" http://labeler/v1/vms/timed/start
		curl --silent --fail --max-time 60 --output /dev/null --unix-socket /run/labeler/labeler.sock \
			--data '' http://labeler/v1/vms/timed/stop
	done
}

# The bed gives the service the first compiler alone (docs/adr/0009-the-bed.md), which is not what is measured.
readonly compilers=/etc/systemd/system/labelerd.service.d/bed.conf

# with_both_compilers COMMAND…: runs it while the service has the shipped options.
with_both_compilers() {
	local kept=$compilers.off
	[ ! -e "$compilers" ] || mv "$compilers" "$kept"
	restart_with_settings
	"$@"
	[ ! -e "$kept" ] || mv "$kept" "$compilers"
	restart_with_settings
}

restart_with_settings() {
	systemctl daemon-reload
	systemctl restart labelerd.service
	within 300 api /v1/health
}

# In turn, a few seconds apart, so that whatever else the guest's host does is in both alike: each round is one start
# under libvirt and a few under labeler. The first ones of a JVM say nothing about the later ones, and are left out. The
# short form only shows that it works: its times are no measurement.
if [ -n "${LABELER_WHOLE:-}" ]; then
	readonly warm_up=300 rounds=7 starts_a_round=9
else
	readonly warm_up=9 rounds=2 starts_a_round=3
fi
time_both_in_turn() {
	local round
	make_images
	libvirt_define timed "$images/web1.qcow2"
	jq -n --rawfile xml "$place/timed.xml" '{domainXml: $xml}' >"$seen/timed.json"
	labelers_times "$warm_up" >/dev/null
	# Its daemon ends when it had nothing to do for two minutes, and the next one knows nothing of that.
	log_libvirts_labelling
	for ((round = 0; round < rounds; round++)); do
		# libvirt gave the base another label for good, which would be one less to set.
		restorecon -RF "$images"
		wc -c <"$libvirt_log" >"$seen/round-$round.from"
		virsh --quiet start --paused timed
		virsh --quiet destroy timed
		restorecon -RF "$images"
		labelers_times "$starts_a_round" >"$seen/round-$round.labeler"
	done
	libvirt_forget timed
}

timed_in_turn() {
	if [ -n "${LABELER_WHOLE:-}" ]; then
		with_both_compilers time_both_in_turn
	else
		time_both_in_turn
	fi
}

table_is_made() {
	cp "$libvirt_log" "$seen/libvirt.log"
	printf '%s\n' "libvirt $(virsh --version)" "$("$(libvirt_emulator)" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/qemu \1/p')" \
		"Linux $(uname -r | cut -d- -f1)" >"$seen/versions"
	python3 "$here/programs/side_by_side.py" "$seen" >"$place/results/libvirt-side-by-side.md"
	grep -c '^|' "$place/results/libvirt-side-by-side.md"
}

# Accesses to files that libvirt takes from a running VM, and to a snapshot's files, are denied here: intended, if they
# are about these images.
claim_denials() {
	audit_settled
	provoked_since "$1" 'denied .*(name|path)="[^"]*(web1|db1|child|base|acceptance)[^"]*" .*scontext=[^ ]*:svirt(_tcg)?_t:' || true
}

rm -rf "$seen"
mkdir -p "$seen"
mark=$(audit_mark)
fact "the hook is not installed" test ! -e /etc/libvirt/hooks/qemu.d/labeler
fact "libvirt answers" restart_libvirt
fact "libvirt says when it labels" log_libvirts_labelling
fact "libvirt runs two VMs on one base" libvirt_runs_two
fact "what it does with a second VM on the same image is recorded" libvirt_has_a_thief
fact "what it does with a VM on an overlay of a running VM's disk is recorded" libvirt_has_a_child
fact "libvirt stops both" libvirt_stops_two
fact "a start fails under libvirt" libvirt_fails_a_start
fact "libvirt takes a snapshot, and the VM is stopped" libvirt_takes_a_snapshot
fact "labeler runs two VMs on one base" labeler_runs_two
fact "it refuses a second VM on the same image, and changes nothing" labeler_refuses_a_thief
fact "it refuses a VM on an overlay of a running VM's disk, and changes nothing" labeler_refuses_a_child
fact "both are stopped, and every label and attribute is as before" labeler_stops_two
fact "a start fails under labeler, and every label and attribute is as before" labeler_fails_a_start
fact "labeler takes a snapshot, the VM is stopped, and every label and attribute is as before" labeler_takes_a_snapshot
fact "what libvirt took up since labeler gave it back is libvirt's" labeler_leaves_what_libvirt_took_up
fact "both label the same VM in turn, and are timed" timed_in_turn
fact "the table of both is made" table_is_made
claim_denials "$mark"
done_with_facts
