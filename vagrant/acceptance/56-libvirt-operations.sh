#!/usr/bin/env bash
# libvirt's operations on a running VM's disks, under our hook: afterwards each attribute is as before, and no file has
# the pair of a VM that is gone. And `labeler recover --scan`, for labels that were left before there was a hook.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images
readonly guest=operated
readonly before=$place/operations.before

clean_up() {
	systemctl start labelerd.socket labelerd.service || true
	libvirt_forget "$guest" static
	labeler hook remove libvirt >/dev/null 2>&1 || true
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$images"
	vms_end
}
trap clean_up EXIT

# A chain of three, two media, and disks that join or are made; each with a label that libvirt may read, and two with one
# that no policy would give.
make_images() {
	libvirt_forget "$guest"
	within 180 vm_gone "$guest"
	rm -rf "$images"
	mkdir -p "$images"
	(
		cd "$images" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 mid.qcow2
		qemu-img create -q -f qcow2 -b mid.qcow2 -F qcow2 top.qcow2
		qemu-img create -q -f qcow2 joins.qcow2 16M
		truncate -s 1M one.iso two.iso
		# For jobs that are ended in their middle.
		qemu-io -f qcow2 -c "write -q 0 4M" base.qcow2
		qemu-io -f qcow2 -c "write -q 4M 4M" top.qcow2
	)
	restorecon -RF "$images"
	chcon -u unconfined_u "$images/top.qcow2" "$images/mid.qcow2"
	chmod -R a+rX "$images"
	attributes >"$before"
}

# attributes: of each file its mode and owner, and every attribute byte for byte, a line each. libvirt's owner counts as
# root: libvirt never gives back that of a layer below or of a medium that is only read, with labeler or without.
attributes() {
	find "$images" -printf '%p mode=%m owner=%u:%g\n' |
		sed 's/ owner=libvirt-qemu:libvirt-qemu$/ owner=root:root/' | LC_ALL=C sort
	find "$images" -print0 | LC_ALL=C sort -z |
		xargs -0 getfattr --no-dereference --absolute-names --encoding=hex --dump --match=- -- |
		awk '/^# file: / { file = substr($0, 9); next } NF { print file, $0 }'
}

# operated_xml [ARGUMENT…]: a VM with the chain, a medium, and a bus whose disks leave without the guest's doing.
operated_xml() {
	libvirt_xml "$guest" "$images/top.qcow2" "$@" | awk -v images="$images" '
		{ print }
		/<\/disk>/ {
			print "<disk type=\"file\" device=\"cdrom\"><driver name=\"qemu\" type=\"raw\"/>"
			print "<source file=\"" images "/one.iso\"/><target dev=\"sda\" bus=\"sata\"/><readonly/></disk>"
			print "<controller type=\"scsi\" model=\"virtio-scsi\"/>"
		}'
}

start_guest() {
	operated_xml "$@" >"$place/$guest.xml"
	virsh --quiet define "$place/$guest.xml"
	virsh --quiet start --paused "$guest"
}

end_guest() {
	virsh --quiet destroy "$guest"
	leaves_nothing
}

# A file from before has each of its old attributes; a new file has no pair, and the type that a new file there gets.
leaves_nothing() {
	within 180 vm_gone "$guest" || wrong "the service still holds it"
	virsh --quiet undefine --snapshots-metadata "$guest"
	diff "$before" <(attributes | awk 'NR == FNR { known[$1] = 1; next } $1 in known' "$before" -) ||
		wrong "an attribute is not what it was"
	new_files | while read -r file; do
		equal "label of $file, which is new" virt_image_t:s0 "$(cut -d: -f3- <<<"$(label_of "$file")")"
	done
	labels_below "$images" | none -E ':s0:c[0-9]+,c[0-9]+ ' || wrong "a pair is left"
}

new_files() {
	find "$images" -type f | awk 'NR == FNR { known[$1] = 1; next } !($1 in known)' "$before" -
}

snapshot() {
	make_images
	start_guest
	virsh --quiet snapshot-create-as "$guest" later --disk-only --diskspec "vda,file=$images/later.qcow2"
	end_guest
}

active_commit() {
	make_images
	start_guest
	virsh --quiet blockcommit "$guest" vda --active --pivot --base "$images/base.qcow2" --wait
	end_guest
}

snapshot_is_committed() {
	make_images
	start_guest
	virsh --quiet snapshot-create-as "$guest" later --no-metadata --disk-only --diskspec "vda,file=$images/later.qcow2"
	virsh --quiet blockcommit "$guest" vda --active --pivot --shallow --wait
	end_guest
}

middle_commit() {
	virsh --quiet blockcommit "$guest" vda --base "$images/base.qcow2" --top "$images/mid.qcow2" --wait
}

copy() {
	virsh --quiet blockcopy "$guest" vda "$images/$1.qcow2" --wait --transient-job "--$2"
}

attach_and_detach() {
	virsh --quiet attach-disk "$guest" "$images/joins.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
	equal "type of what joined" svirt_image_t "$(type_of "$(label_of "$images/joins.qcow2")")"
	virsh --quiet detach-disk "$guest" sdb
}

change_of_medium() {
	virsh --quiet change-media "$guest" sda "$images/two.iso" --update
	equal "type of the new medium" virt_content_t "$(type_of "$(label_of "$images/two.iso")")"
}

backup() {
	cat >"$place/backup.xml" <<-XML
		<domainbackup><disks><disk name="vda" type="file"><driver type="qcow2"/>
		  <target file="$images/backup.qcow2"/></disk><disk name="sda" backup="no"/></disks></domainbackup>
	XML
	virsh --quiet backup-begin "$guest" "$place/backup.xml"
	within 60 backup_is_done
}

backup_is_done() {
	virsh domjobinfo "$guest" --completed --keep-completed | grep -q '^Operation: *Backup'
}

# has_no_pair FILE
has_no_pair() {
	[ "$(level_of "$(label_of "$images/$1")")" = s0 ]
}

# A job after the other, in one VM. After each the file that the job was about has left the VM.
many_jobs() {
	make_images
	start_guest
	middle_commit
	within 60 as_before mid.qcow2 || wrong "the layer that a commit took out is not as before"
	copy finished finish
	within 60 has_no_pair finished.qcow2 || wrong "a copy has the pair"
	backup
	within 60 has_no_pair backup.qcow2 || wrong "a backup has the pair"
	attach_and_detach
	within 60 as_before joins.qcow2 || wrong "the disk that left is not as before"
	virsh --quiet blockpull "$guest" vda --wait
	within 60 as_before base.qcow2 || wrong "the base that a pull took out is not as before"
	copy pivoted pivot
	within 60 as_before top.qcow2 || wrong "the image that a copy took the place of is not as before"
	end_guest
}

# So slow that it does not end by itself.
readonly slowly=(--bandwidth 1 --bytes)

has_no_job() {
	virsh blockjob "$guest" vda | grep -q 'No current block job'
}

copy_ended_in_its_middle() {
	make_images
	start_guest
	virsh --quiet blockcopy "$guest" vda "$images/aborted.qcow2" --transient-job "${slowly[@]}"
	virsh --quiet blockjob "$guest" vda --abort
	within 60 has_no_job || wrong "the copy goes on"
	within 60 has_no_pair aborted.qcow2 || wrong "the copy has the pair"
	end_guest
}

commit_ended_in_its_middle() {
	make_images
	start_guest
	virsh --quiet blockcommit "$guest" vda --active --base "$images/base.qcow2" "${slowly[@]}"
	virsh --quiet blockjob "$guest" vda --abort
	within 60 has_no_job || wrong "the commit goes on"
	end_guest
}

medium() {
	make_images
	start_guest
	change_of_medium
	end_guest
}

restarted_service() {
	make_images
	start_guest
	systemctl restart labelerd.service
	within 300 api /v1/health
	end_guest
}

restarted_libvirt() {
	make_images
	start_guest
	restart_libvirt
	end_guest
}

# on_record FILE: with whatever name the service shows it.
on_record() {
	labeler status "$guest" --json | grep -qF "\"$images/$1\""
}

off_record() {
	! on_record "$1"
}

# as_before FILE: each attribute of it.
as_before() {
	diff <(awk -v file="$images/$1" '$1 == file' "$before") <(attributes | awk -v file="$images/$1" '$1 == file')
}

# What libvirt gives to the running VM is on record while it is there, and back once it has left.
followed() {
	make_images
	start_guest
	virsh --quiet snapshot-create-as "$guest" later --no-metadata --disk-only --diskspec "vda,file=$images/later.qcow2"
	within 60 on_record later.qcow2 || wrong "the overlay is not on record"
	virsh --quiet blockcommit "$guest" vda --active --pivot --shallow --wait
	within 60 off_record later.qcow2 || wrong "the overlay is on record still"
	equal "label of the overlay that left" virt_image_t:s0 "$(cut -d: -f3- <<<"$(label_of "$images/later.qcow2")")"
	attach_joins
	within 60 on_record joins.qcow2 || wrong "the disk is not on record"
	virsh --quiet detach-disk "$guest" sdb
	within 60 off_record joins.qcow2 || wrong "the disk is on record still"
	as_before joins.qcow2 || wrong "the disk that left is not as before"
	change_of_medium
	within 60 on_record two.iso || wrong "the medium is not on record"
	within 60 off_record one.iso || wrong "the medium that left is on record still"
	as_before one.iso || wrong "the medium that left is not as before"
	end_guest
}

attach_joins() {
	virsh --quiet attach-disk "$guest" "$images/joins.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
}

# While the service is away, and after libvirt's daemon was.
followed_over_restarts() {
	make_images
	start_guest
	restart_libvirt
	systemctl stop labelerd.service labelerd.socket
	virsh --quiet snapshot-create-as "$guest" later --no-metadata --disk-only --diskspec "vda,file=$images/later.qcow2"
	systemctl start labelerd.socket labelerd.service
	within 300 api /v1/health
	within 60 on_record later.qcow2 || wrong "the overlay is not on record"
	end_guest
}

# Its release finds no service: the next one sees that the VM has ended, by itself.
ended_meanwhile() {
	make_images
	start_guest
	systemctl stop labelerd.service labelerd.socket
	virsh --quiet destroy "$guest"
	systemctl start labelerd.socket labelerd.service
	within 300 vm_gone "$guest" || wrong "the service still holds it"
	leaves_nothing
}

killed_qemu() {
	make_images
	start_guest
	is_killed
}

is_killed() {
	kill -KILL "$(libvirt_pid "$guest")"
	within 60 is_shut_off
	leaves_nothing
}

killed_after_a_snapshot() {
	make_images
	start_guest
	virsh --quiet snapshot-create-as "$guest" later --no-metadata --disk-only --diskspec "vda,file=$images/later.qcow2"
	is_killed
}

killed_in_a_commit() {
	make_images
	start_guest
	virsh --quiet blockcommit "$guest" vda --active --base "$images/base.qcow2" "${slowly[@]}"
	is_killed
}

is_shut_off() {
	[ "$(virsh domstate "$guest")" = 'shut off' ]
}

failing_start() {
	local answer
	make_images
	answer=$(start_guest -device no-such-device 2>&1) && wrong "it started"
	grep -q no-such-device <<<"$answer" || wrong "not started, but for another reason: $answer"
	leaves_nothing
}

restorecon_of_hooks() {
	exits_with 0 labeler hook install libvirt
	restart_libvirt
}

readonly dead=s0:c1001,c1002
readonly declared=s0:c1003,c1004

litter() {
	make_images
	chcon -t svirt_image_t -l "$dead" "$images/mid.qcow2"
	chcon -t svirt_image_t -l "$declared" "$images/joins.qcow2"
	ln -s /etc "$images/elsewhere"
	libvirt_xml static "$images/joins.qcow2" | sed "s|</domain>|<seclabel type='static' model='selinux' relabel='no'><label>system_u:system_r:svirt_t:$declared</label></seclabel></domain>|" \
		>"$place/static.xml"
	virsh --quiet define "$place/static.xml"
}

found() {
	jq -c --slurp '[.[].files[]?.path] | sort' <<<"$1"
}

scan_shows() {
	local answer status=0
	litter
	answer=$(labeler recover --scan "$images" --json) || status=$?
	equal "exit code" 1 "$status"
	equal "what is found" "[\"$images/mid.qcow2\"]" "$(found "$answer")"
	equal "its label still" "$dead" "$(level_of "$(label_of "$images/mid.qcow2")")"
}

scan_mends() {
	exits_with 0 labeler recover --scan "$images" --apply
	equal "its label" system_u:object_r:virt_image_t:s0 "$(label_of "$images/mid.qcow2")"
	equal "what a domain of libvirt's is defined with" "$declared" "$(level_of "$(label_of "$images/joins.qcow2")")"
	exits_with 0 labeler recover --scan "$images"
}

fact "the hook is installed" restorecon_of_hooks
fact "after a snapshot nothing is left" snapshot
fact "after an active commit with pivot nothing is left" active_commit
long_fact "after a snapshot and its commit nothing is left" snapshot_is_committed
fact "after middle commit, copies, backup, attach, detach and pull nothing is left" many_jobs
fact "after a copy that ends in its middle nothing is left" copy_ended_in_its_middle
fact "after an active commit that ends in its middle nothing is left" commit_ended_in_its_middle
fact "after a change of medium nothing is left" medium
fact "after a restart of the service nothing is left" restarted_service
fact "after a restart of libvirt's daemon nothing is left" restarted_libvirt
fact "after a SIGKILL of qemu nothing is left" killed_qemu
fact "after a SIGKILL of qemu behind a snapshot nothing is left" killed_after_a_snapshot
fact "after a SIGKILL of qemu in a running commit nothing is left" killed_in_a_commit
fact "what libvirt gives to a running VM is on record, and back when it leaves" followed
long_fact "a snapshot while the service is away is on record once it is back" followed_over_restarts
long_fact "a VM that ended while the service was away ends" ended_meanwhile
fact "after a start that fails nothing is left" failing_start
fact "recover --scan shows a file with a pair that nobody holds, and no other" scan_shows
fact "with --apply it has what the policy says" scan_mends
done_with_facts
