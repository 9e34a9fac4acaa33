#!/usr/bin/env bash
# One file system does not answer, and nobody but its own VMs waits for it.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/hanging-vm
readonly frozen=$place/frozen
readonly device=$place/frozen.img

thaw() {
	fsfreeze --unfreeze "$frozen" 2>/dev/null || true
}

clean_up() {
	thaw
	vms_end
	umount "$frozen" 2>/dev/null || umount --lazy "$frozen" 2>/dev/null || true
	rm -f "$device"
}
trap clean_up EXIT

mount_it() {
	mkdir -p "$frozen"
	images_make "$images"
	truncate --size=64M "$device"
	mkfs.ext4 -q -F "$device"
	mount -o loop "$device" "$frozen"
	qemu-img create -q -f qcow2 "$frozen/disk.qcow2" 16M
	qemu-img create -q -f qcow2 "$frozen/other.qcow2" 16M
	labels_below "$frozen" >"$place/frozen.before"
	labeler start there -- "${qemu[@]}" -drive "if=none,id=disk,format=qcow2,file=$frozen/disk.qcow2"
	sync --file-system "$frozen"
	fsfreeze --freeze "$frozen"
}

stop_names_it() {
	local said
	said=$(timeout 60 labeler stop there 2>&1) || true
	grep -qF "$frozen does not answer" <<<"$said" || wrong "$said"
}

start_names_it() {
	local said
	said=$(timeout 60 labeler start other -- "${qemu[@]}" \
		-drive "if=none,id=disk,format=qcow2,file=$frozen/other.qcow2" 2>&1) && wrong "started: $said"
	grep -qF "$frozen does not answer" <<<"$said" || wrong "$said"
}

others_start_meanwhile() {
	vm_start "$images" web1
	labeler status >/dev/null
	api /v1/health
	vm_kill web1
}

waits_for_the_one_before() {
	systemctl show -P StatusText labelerd.service | grep -q 'waits for the end of another labelerd'
}

# The old process keeps its locks as long as a thread of it hangs in the frozen file system.
restarted_it_waits_for_the_one_before() {
	systemctl kill --signal=SIGKILL labelerd.service
	# systemd gives four signals half a minute each.
	systemctl --no-block restart labelerd.service
	within 240 waits_for_the_one_before || wrong "$(systemctl status labelerd.service)"
}

thawed_it_answers() {
	thaw
	within 60 api /v1/health || wrong "the service does not answer"
}

is_as_before() {
	diff "$place/frozen.before" <(labels_below "$frozen")
}

all_is_given_back_then() {
	thaw
	within 120 is_as_before || wrong "a label is not what it was"
}

fact "an ext4 is frozen with a VM on it" mount_it
fact "a stop names the file system that does not answer" stop_names_it
fact "so does a start" start_names_it
fact "another VM starts, runs and ends meanwhile" others_start_meanwhile
fact "a service that was killed meanwhile waits for its old process" restarted_it_waits_for_the_one_before
fact "thawed, it answers" thawed_it_answers
fact "and everything is given back" all_is_given_back_then
done_with_facts
