#!/usr/bin/env bash
# A libvirt whose security_driver is "none", where SELinux enforces: labeler alone labels the domain's files, and
# labeler-emulator enters the context before it becomes qemu.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images
readonly settings=/etc/libvirt/qemu.conf
readonly settings_before=$place/qemu.conf
readonly before=$place/unlabelled.before

clean_up() {
	libvirt_forget guest
	labeler hook remove libvirt >/dev/null 2>&1 || true
	setsebool labeler_libvirt_guard off || true
	if [ -e "$settings_before" ]; then
		cat "$settings_before" >"$settings"
		rm "$settings_before"
	fi
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$images" /etc/labeler/emulators
	vms_end
}
trap clean_up EXIT

make_domain() {
	images_make "$images"
	# Else libvirt cannot read it.
	restorecon -F "$images/base.qcow2"
	chmod -R a+rX "$images"
	libvirt_xml guest "$images/web1.qcow2" |
		sed 's|<memballoon|<controller type="scsi" model="virtio-scsi"/><memballoon|' >"$place/guest.xml"
	virsh --quiet define "$place/guest.xml"
	labels_below "$images" >"$before"
	audit_settled
	audit_mark >"$place/unlabelled.mark"
}

without_labels_of_libvirt() {
	cat "$settings" >"$settings_before"
	echo 'security_driver = "none"' >>"$settings"
	setsebool labeler_libvirt_guard on
	exits_with 0 labeler hook install libvirt
	restart_libvirt
	exits_with 0 labeler libvirt adopt guest
}

starts() {
	local context
	virsh --quiet start --paused guest
	context=$(context_of "$(libvirt_pid guest)")
	matches "context of its qemu" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$context"
	equal "context on record" "$context" "$(status_of guest .processContext)"
	equal "walls" selinux "$(status_of guest '.walls | join(" ")')"
	equal "guard" on "$(status_of guest .guard)"
	own web1.qcow2
	equal "type of its base" virt_content_t "$(type_of "$(label_of "$images/base.qcow2")")"
}

own() {
	equal "label of $1" "$(status_of guest .imageContext)" "$(label_of "$images/$1")"
}

is_original() {
	grep -qxF "$(labels_below "$images" | grep "/$1\$")" "$before"
}

attach_and_detach() {
	virsh --quiet attach-disk guest "$images/spare.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
	own spare.qcow2
	virsh --quiet detach-disk guest sdb
	within 60 is_original spare.qcow2
}

snapshot_and_commit() {
	virsh --quiet snapshot-create-as guest one --disk-only --no-metadata --diskspec "vda,file=$images/top.qcow2"
	own top.qcow2
	virsh --quiet blockcommit guest vda --active --pivot --wait --shallow
	own web1.qcow2
	rm "$images/top.qcow2"
}

another_vms_disk_is_refused() {
	local said
	vm_start "$images" db1
	said=$(virsh --quiet attach-disk guest "$images/db1.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2 2>&1) &&
		wrong "it was attached"
	grep -q 'labeler S1: ' <<<"$said" || wrong "it was not refused by S1: $said"
	vm_kill db1
}

nothing_was_denied() {
	local denied
	denied=$(ours_denied_since "$(cat "$place/unlabelled.mark")")
	[ -z "$denied" ] || wrong "$denied"
}

ends() {
	virsh --quiet destroy guest
	within 180 vm_gone guest
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
}

fact "a VM is defined" make_domain
fact "libvirt labels nothing, and the domain is adopted" without_labels_of_libvirt
fact "it starts: labeler has labelled its files, and its qemu is at that level" starts
fact "a disk is labelled for it, and given back" attach_and_detach
fact "a snapshot, and its commit with pivot: the labels follow" snapshot_and_commit
fact "another VM's disk is refused" another_vms_disk_is_refused
fact "nothing was denied" nothing_was_denied
fact "at its end all labels are back" ends
done_with_facts
