#!/usr/bin/env bash
# `labeler survey` where SELinux enforces: a confined VM is no danger, a qemu without a wall and a dead pair are found,
# and nothing changes.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/survey
readonly dead=s0:c1015,c1016

# shells_may_translate on|off: Debian's policy lets no shell's qemu translate. Fedora's does, and has no such boolean.
shells_may_translate() {
	[ ! -e /sys/fs/selinux/booleans/allow_execmem ] || setsebool allow_execmem "$1"
}

clean_up() {
	end_open
	shells_may_translate off
	vms_end
}
trap clean_up EXIT

# survey: the answer is kept for the facts after it.
survey() {
	local status=0
	labels_below "$images" >"$place/survey.before"
	labeler survey --json "$images" >"$place/survey.json" || status=$?
	diff "$place/survey.before" <(labels_below "$images") || wrong "it changed a label"
	equal "exit code" "$1" "$status"
}

# kinds_of NAME: what is found about a VM, or about a file.
kinds_of() {
	jq -r --arg name "$1" '[.findings[] | select(.severity != "notice") |
		select((.file // "" | endswith("/" + $name)) or any(.vms[]; .name == $name)) | .kind] | sort | join(" ")' "$place/survey.json"
}

confined_is_no_danger() {
	survey 0
	equal "VMs that run" 1 "$(jq .looked.running "$place/survey.json")"
	[ -z "$(kinds_of web1)$(kinds_of web1.qcow2)" ] || wrong "found: $(cat "$place/survey.json")"
}

# A qemu of root's, with no wall, as an administrator starts it by hand.
begin_open() {
	shells_may_translate on
	qemu-system-x86_64 -name open -accel tcg -M none -nodefaults -display none -S \
		-drive "file=$images/spare.qcow2,format=qcow2,if=none" >/dev/null 2>&1 </dev/null &
	printf '%s\n' "$!" >"$vms/open"
	disown
	within 60 vm_is_qemu "$(cat "$vms/open")"
}

end_open() {
	[ -e "$vms/open" ] || return 0
	kill -9 "$(cat "$vms/open")" 2>/dev/null || true
	rm -f "$vms/open"
}

open_is_found() {
	chcon -t svirt_image_t -l "$dead" "$images/db1.qcow2"
	survey 1
	matches "what is found about it" '.*no-wall.*' "$(kinds_of open)"
	matches "what is found about the image of a dead VM" '.*dead-label.*' "$(kinds_of db1.qcow2)"
	[ -z "$(kinds_of web1)" ] || wrong "found about web1: $(kinds_of web1)"
}

images_make "$images"
restorecon -RF "$images"
fact "web1 runs" vm_start "$images" web1
fact "nothing about it is unsafe" confined_is_no_danger
fact "a qemu runs without a wall" begin_open
fact "it and a dead pair are found, and no label changes" open_is_found
fact "web1 ends" vm_kill web1
done_with_facts
