#!/usr/bin/env bash
# The guest's part of enforcing.mjs: guest.sh begin|reach|lose|label|end
#
# Runs in the bed, beside the acceptance tests. SELinux is the only wall: Landlock would be first to deny.
set -euo pipefail

# shellcheck source=/dev/null
source /root/acceptance/lib.sh
# shellcheck source=/dev/null
source /root/acceptance/vms.sh

# shellcheck disable=SC2154 # lib.sh has it
readonly images=$place/page kept=$place/page.toml
readonly settings=/etc/labeler/labeler.toml

# Two VMs on one base.
begin() {
	cp "$settings" "$kept"
	sed -i '/^\[launch\]/a landlock = "off"' "$settings"
	systemctl restart labelerd.service
	within 300 recovered
	images_make "$images"
	labels_below "$images" >"$place/page.before"
	vm_start "$images" web1
	vm_start "$images" db1
	audit_settled
	audit_mark >"$place/page.mark"
}

# web1's qemu tries the disk of the other one.
reach() {
	refused_to web1 "$images/db1.qcow2" false svirt_image_t
}

# Somebody gives web1's disk another label.
lose() {
	chcon -t var_lib_t "$images/web1.qcow2"
}

label() {
	label_of "$images/web1.qcow2"
}

# All labels are back, and nothing was denied to the service or to who looked at the page.
end() {
	vm_kill web1
	vm_kill db1
	labels_below "$images" | diff "$place/page.before" -
	audit_settled
	avcs_since "$(cat "$place/page.mark")" | none -Ev 'scontext=system_u:system_r:svirt(_tcg)?_t:'
	cat "$kept" >"$settings"
	rm "$kept"
	systemctl restart labelerd.service
}

"$1"
