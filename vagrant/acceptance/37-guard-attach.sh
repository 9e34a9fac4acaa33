#!/usr/bin/env bash
# A VM of another launcher, whose guard comes while it runs, where SELinux enforces: the launcher enters
# the context, `labeler start` labels its files, and `labeler guard attach` takes the place of its monitor.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/attach
readonly before=$place/attach.before
readonly level=s0:c901,c902

# The policy lets a VM's domain begin with programs of qemu's type alone.
readonly launcher=/usr/local/libexec/acceptance-launcher

clean_up() {
	vms_end
	semodule --remove=acceptance_launcher >/dev/null 2>&1 || true
	rm -rf "$launcher" "$(vm_directory web1)"
}
trap clean_up EXIT

make_files() {
	images_make "$images"
	qemu-io -c 'write -P 171 0 64k' "$images/base.qcow2" >/dev/null
	labels_below "$images" >"$before"
}

# Debian's policy lets libvirt alone enter the domain of VMs, and labeler's lets `labeler run`.
let_launcher_in() {
	local module=/root/acceptance_launcher.cil
	mkdir -p "${launcher%/*}"
	cp /usr/bin/bash "$launcher"
	chcon -t qemu_exec_t "$launcher"
	printf '(typeattributeset cil_gen_require %s)\n' unconfined_t svirt_t >"$module"
	printf '(allow unconfined_t svirt_t (process (transition)))\n' >>"$module"
	exits_with 0 semodule --install="$module"
}

# As a launcher of somebody's own does it: its process enters the context, waits, and becomes qemu when the files are labelled.
launched() {
	local monitor
	audit_settled
	audit_mark >"$place/attach.mark"
	# `labeler start` makes no directory for sockets.
	mkdir -p "$(vm_directory web1)"
	chcon "system_u:object_r:svirt_runtime_t:$level" "$(vm_directory web1)"
	mapfile -t monitor < <(vm_monitor web1)
	touch "$vm_logs/web1.log"
	: >"$vms/web1.io"
	: >"$vms/web1.io-failed"
	stat --format=%s "$vm_logs/web1.log" >"$vms/web1.log-size"
	set -- "${qemu[@]}" "${monitor[@]}" -device "virtio-scsi-pci,id=scsi0" \
		-drive "if=none,id=disk,file=$images/web1.qcow2,format=qcow2" -device "scsi-hd,drive=disk,id=hd,bus=scsi0.0"
	# A VM's domain may neither send signals nor run other programs.
	# shellcheck disable=SC2016 # that shell's own words
	runcon "system_u:system_r:svirt_t:$level" "$launcher" -c 'until [ -e "$0" ]; do :; done; exec "$@"' "$(vm_directory web1)/go" "$@" \
		>>"$vm_logs/web1.log" 2>&1 </dev/null &
	printf '%s\n' $! >"$vms/web1.pid"
	disown
	within 60 is_confined "$!" || wrong "the launcher has not entered the context: $(tail -n 5 "$vm_logs/web1.log")"
	exits_with 0 labeler start web1 --level "$level" --pid "$!" -- "$@"
	: >"$(vm_directory web1)/go"
	within 300 vm_ended_or_is_qemu "$!" || wrong "it has not become qemu"
	within 180 vm_ended_or_answers web1 "$!" || wrong "its qemu does not answer"
	vm_is_qemu "$!" || wrong "its qemu ended: $(tail -n 5 "$vm_logs/web1.log")"
	equal "walls" selinux "$(status_of web1 '.walls | join(" ")')"
	equal "context of its qemu" "$(status_of web1 .processContext)" "$(context_of "$!")"
	equal "guard" off "$(status_of web1 .guard)"
}

is_confined() {
	[ "$(context_of "$1")" = "system_u:system_r:svirt_t:$level" ]
}

# Without a guard the service has not heard of the file, so nobody has labelled it.
no_new_disk() {
	local answer
	if answer=$(qmp web1 "$(add spare)"); then
		wrong "qemu opened it: $answer"
	fi
	grep -q 'Permission denied' <<<"$answer" || wrong "qemu did not open it, but for another reason: $answer"
	audit_settled
	provoked_since "$(cat "$place/attach.mark")" 'denied .*name="spare.qcow2" .*scontext=system_u:system_r:svirt'
}

# add NAME: the command for a node of an image.
add() {
	jq -nc --arg file "$images/$1.qcow2" \
		'{execute: "blockdev-add", arguments: {driver: "qcow2", "node-name": "more", file: {driver: "file", filename: $file}}}'
}

attach() {
	exits_with 0 labeler guard attach web1 --qmp "$(vm_directory web1)/qmp"
	equal "guard" on "$(status_of web1 .guard)"
	qmp web1 '{"execute": "query-status"}'
}

new_disk() {
	qmp web1 "$(add spare)"
	equal "label of it" "$(status_of web1 .imageContext)" "$(label_of "$images/spare.qcow2")"
	qmp web1 '{"execute": "blockdev-del", "arguments": {"node-name": "more"}}'
	within 60 is_original spare.qcow2
}

is_original() {
	grep -qxF "$(labels_below "$images" | grep "/$1\$")" "$before"
}

snapshot() {
	exits_with 0 labeler disk snapshot web1 hd "$images/top.qcow2"
	equal "label of the new image" "$(status_of web1 .imageContext)" "$(label_of "$images/top.qcow2")"
	equal "type of the one below" virt_content_t "$(type_of "$(label_of "$images/web1.qcow2")")"
}

another_vms_disk_is_refused() {
	local answer
	vm_start "$images" db1
	if answer=$(qmp web1 "$(add db1)"); then
		wrong "it was allowed: $answer"
	fi
	grep -q 'labeler S1: ' <<<"$answer" || wrong "it was not refused by S1: $answer"
	vm_kill db1
}

restart() {
	systemctl restart labelerd.service
	within 300 recovered
	within 60 qmp web1 '{"execute": "query-status"}'
	equal "guard" on "$(status_of web1 .guard)"
}

nothing_else_was_denied() {
	local denied
	denied=$(ours_denied_since "$(cat "$place/attach.mark")")
	[ -z "$denied" ] || wrong "$denied"
}

# qemu removes the sockets that it has made, by their names. The guard's is there now, and stays until the service removes it.
ends() {
	local mark
	audit_settled
	mark=$(audit_mark)
	vm_kill web1
	denied_since "$mark" 'denied .*\{ unlink \} .*name="qmp" .*:svirt_t:.*:labeler_socket_t:.* tclass=sock_file'
	rm "$images/top.qcow2"
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
	nothing_to_recover
}

fact "there are images" make_files
fact "the policy lets a launcher enter the domain of VMs" let_launcher_in
fact "a launcher of its own labels the files and enters the context" launched
fact "qemu does not get at a disk that nobody named to labeler" no_new_disk
fact "a guard takes the place of its monitor" attach
fact "now the same disk is labelled, and given back after it" new_disk
fact "a snapshot" snapshot
fact "another VM's disk is refused" another_vms_disk_is_refused
fact "the service restarts, and the guard is there again" restart
fact "nothing else was denied" nothing_else_was_denied
fact "at the end all labels are back" ends
done_with_facts
