#!/usr/bin/env bash
# `labeler run` where no shell of root's is: in a systemd unit, and in a domain that may not.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/unit
readonly unit=labeler-acceptance-vm.service

clean_up() {
	systemctl stop "$unit" 2>/dev/null || true
	systemctl reset-failed "$unit" 2>/dev/null || true
	vms_end
}
trap clean_up EXIT

unit_pid() {
	systemctl show --property=MainPID --value "$unit"
}

unit_is_qemu() {
	vm_is_qemu "$(unit_pid)"
}

start_unit() {
	local arguments monitor
	mapfile -t monitor < <(vm_monitor web1)
	mapfile -t arguments < <(vm_arguments "$images" web1)
	systemd-run --quiet --unit="$unit" --property=Type=exec \
		labeler run web1 -- "${qemu[@]}" "${monitor[@]}" "${arguments[@]}"
	within 300 unit_is_qemu || {
		journalctl --no-pager --unit="$unit" --lines=20
		wrong "the unit's process did not become qemu"
	}
}

main_process_is_confined() {
	matches "context of the unit's main process" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' \
		"$(context_of "$(unit_pid)")"
	equal "pid that the service has" "$(unit_pid)" "$(status_of web1 .pid)"
}

stop_unit() {
	systemctl stop "$unit"
	within 180 vm_gone web1 || wrong "the service still holds web1"
	diff "$place/unit.before" <(labels_below "$images") || wrong "a label is not what it was"
}

# A confined user, though with root's uid: neither the launcher's domain nor the service is for it.
confined_user_is_refused() {
	local status=0
	timeout 300 runcon -u user_u -r user_r -t user_t -l s0 \
		labeler run thief -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio" || status=$?
	[ "$status" -ne 0 ] || wrong "it ran"
	vm_gone thief || wrong "the service holds it"
	diff "$place/unit.before" <(labels_below "$images") || wrong "a label is not what it was"
}

images_make "$images"
labels_below "$images" >"$place/unit.before"
fact "a systemd unit runs a VM" start_unit
fact "the unit's main process is qemu, at svirt_t and a category pair" main_process_is_confined
fact "stopping the unit gives every label back" stop_unit
fact "a process of user_t runs no VM, and changes no label" confined_user_is_refused
done_with_facts
