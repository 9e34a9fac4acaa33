#!/usr/bin/env bash
# Two VMs run, and the host goes down as if its power failed. 81-after-reboot goes on.
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
ask_for_reboot
