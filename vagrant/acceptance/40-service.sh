#!/usr/bin/env bash
# The service killed with SIGKILL, in quiet times and in the middle of its work.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
trap vms_end EXIT

readonly images=$place/service

service_pid() {
	systemctl show --property=MainPID --value labelerd.service
}

is_another_service() {
	local pid
	pid=$(service_pid)
	[ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ] && api /v1/health
}

kill_service() {
	local pid
	pid=$(service_pid)
	kill -9 "$pid"
	within 300 is_another_service "$pid" || wrong "systemd did not bring the service back"
}

is_in_its_domain() {
	equal "type of the service's process" labelerd_t "$(type_of "$(context_of "$(service_pid)")")"
}

# The VMs' own account, to be compared before and after.
account() {
	local name
	for name in web1 db1; do
		printf '%s %s\n' "$name" "$(context_of "$(vm_pid "$name")")"
		status_of "$name" '"\(.state) \(.pid) \(.level)"'
	done
	labels_below "$images"
}

nothing_has_changed() {
	diff "$place/service.account" <(account) || wrong "something changed while the service was dead"
	exits_with 0 labeler verify
}

labels_are_as_before() {
	diff "$place/service.before" <(labels_below "$images")
}

labels_come_back() {
	within 180 labels_are_as_before || wrong "a label is not what it was"
}

# A chain that takes a while to label: killed as soon as the first label has changed.
long_chain() {
	local number
	cd "$images"
	qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 layer0.qcow2
	for ((number = 1; number < 40; number++)); do
		qemu-img create -q -f qcow2 -b "layer$((number - 1)).qcow2" -F qcow2 "layer$number.qcow2"
	done
}

# Kills the service as soon as one of the labels is another than before, and prints how many were. One process does it
# all: between two of a shell's a start would be over.
kill_at_first_label() {
	python3 - "$(service_pid)" "$images" "$place/watching" <<-'PYTHON'
		import os, signal, sys, time

		def labels():
		    return [os.getxattr(path, "security.selinux") for path in paths]

		pid, directory = int(sys.argv[1]), sys.argv[2]
		paths = [os.path.join(directory, name) for name in sorted(os.listdir(directory))]
		before = labels()
		open(sys.argv[3], "w").close()
		deadline = time.monotonic() + 300
		while labels() == before:
		    if time.monotonic() > deadline:
		        sys.exit("no label has changed")
		os.kill(pid, signal.SIGKILL)
		print(sum(now != then for now, then in zip(labels(), before)))
	PYTHON
}

# tries_killing: one start of the long chain, and the service killed at its first label. Sets $changed, how many labels
# had changed then. A start that was over by then is a VM, which runs on; one that was not never was.
tries_killing() {
	local start pid watcher status=0
	pid=$(service_pid)
	rm -f "$place/watching"
	kill_at_first_label >"$place/changed" &
	watcher=$!
	within 60 test -e "$place/watching" || wrong "nobody watches the labels"
	labeler run deep -- "${qemu[@]}" -drive "file=$images/layer39.qcow2,format=qcow2,if=virtio" \
		>>"$vm_logs/deep.log" 2>&1 </dev/null &
	start=$!
	printf '%s\n' "$start" >"$vms/deep.pid"
	wait "$watcher"
	changed=$(cat "$place/changed")
	printf '%d labels had changed when the service was killed\n' "$changed"
	within 300 is_another_service "$pid" || wrong "systemd did not bring the service back"
	within 300 vm_ended_or_is_qemu "$start" || wrong "the launcher neither ended nor became qemu"
	if vm_is_qemu "$start"; then
		equal "state" running "$(status_of deep .state)"
		equal "context" "$(status_of deep .processContext)" "$(context_of "$start")"
		exits_with 0 labeler verify deep
		[ "$changed" -ge "$chain_files" ] || wrong "qemu runs, though only $changed of its files were labelled"
		vm_kill deep
		return
	fi
	rm -f "$vms/deep.pid"
	wait "$start" || status=$?
	tail -n 3 "$vm_logs/deep.log"
	[ "$status" -ne 0 ] || wrong "labeler run ended with status 0"
	within 180 vm_gone deep || wrong "the VM that never ran is held"
}

# The chain has 40 layers and a base; ten tries, since the service may be faster than whoever watches it.
readonly chain_files=41
killed_during_start() {
	local changed tries
	for ((tries = 0; tries < 10; tries++)); do
		tries_killing
		if [ "$changed" -gt 0 ] && [ "$changed" -lt "$chain_files" ]; then
			return
		fi
	done
	wrong "the service was never killed in the middle"
}

killed_during_stop() {
	kill -9 "$(vm_pid web1)"
	kill_service
	rm "$vms/web1.pid"
	within 180 vm_gone web1
}

images_make "$images"
(long_chain)
labels_below "$images" >"$place/service.before"

fact "a start in whose middle the service is killed leaves no VM" killed_during_start
fact "and every label is as it was before" labels_come_back
fact "web1 runs" vm_start "$images" web1
fact "db1 runs" vm_start "$images" db1
account >"$place/service.account"
fact "the service is killed while both run, and comes back" kill_service
fact "it is in its own domain again" is_in_its_domain
fact "processes, levels and labels are as they were, and verify agrees" nothing_has_changed
fact "web1 and the service are killed at the same moment" killed_during_stop
fact "db1 is ended" vm_kill db1
fact "every label is as it was before any VM ran" labels_come_back
done_with_facts
