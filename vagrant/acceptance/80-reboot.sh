#!/usr/bin/env bash
# Two VMs run, and the host is rebooted under them; 81-after-reboot continues. The caller of run.sh chooses the way: the
# bed resets the kernel, and nothing is stopped before; Vagrant shuts down in order. It is no power cut: all written
# data are on the disk, since run.sh ends with a sync.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/reboot

# shellcheck disable=SC2317  # a fact calls it, and the theme ends by a function that exits
both_are_labelled() {
	labels_below "$images" >"$place/reboot.while"
	[ "$(grep -c ':svirt_image_t:s0:c' "$place/reboot.while")" -eq 5 ] || wrong "$(cat "$place/reboot.while")"
}

images_make "$images"
labels_below "$images" >"$place/reboot.before"
cat /proc/sys/kernel/random/boot_id >"$place/reboot.boot"
fact "web1 runs" vm_start "$images" web1
fact "db1 runs" vm_start "$images" db1
fact "their files carry their labels" both_are_labelled
fact "the kernel lost no record of the audit log until here" kernel_lost_no_record
ask_for_reboot
