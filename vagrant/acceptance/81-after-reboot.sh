#!/usr/bin/env bash
# The host has come up again after 80-reboot.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
trap vms_end EXIT

readonly images=$place/reboot

it_was_rebooted() {
	[ "$(cat "$place/reboot.boot")" != "$(cat /proc/sys/kernel/random/boot_id)" ] || wrong "the host was not rebooted"
	equal getenforce Enforcing "$(getenforce)"
}

holds_nothing() {
	within 300 recovered || wrong "the service has not recovered"
	equal "VMs" 0 "$(api /v1/vms | jq '.vms | length')"
}

labels_are_as_before() {
	grep -q ':svirt_image_t:' "$place/reboot.while"
	diff "$place/reboot.before" <(labels_below "$images") || wrong "a label is not what it was"
}

runs_again() {
	vm_start "$images" web1
	vm_kill web1
	labels_are_as_before
}

# Processes of the boot before.
rm -f "$vms"/*.pid
fact "the host was rebooted while both VMs ran, and is enforcing" it_was_rebooted
fact "the service holds no VM, without having been told anything" holds_nothing
fact "every label is as it was before the VMs ran" labels_are_as_before
fact "a VM runs and ends as before the reboot" runs_again
done_with_facts
