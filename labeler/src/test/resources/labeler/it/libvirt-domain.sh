#!/usr/bin/env bash
# A domain of libvirt's behind the guard: libvirt-domain.sh DIST MANAGER
#
# Runs in mount and pid namespaces of its own (LibvirtDomainIT), as root, with empty directories in the places of
# libvirt's and labeler's, so that neither this host's libvirt nor its domains are touched. All processes end with it.
# Each fact is a line: "ok TEXT", or "WRONG TEXT" with what was seen.
set -uo pipefail

# Keeps the service's sockets over its restart, as systemd does.
readonly manager=$2
# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt-private.sh" "$1"

start_labelerd() {
	mkdir -p /run/manager
	python3 "$manager" /run/manager /run/labeler/labeler.sock \
		"$dist/bin/labelerd" --enforcement optional --config /etc/labeler/labeler.toml >>/run/labelerd.log 2>&1 &
	labelerd=$!
	within is_ready 1
}

# is_ready N: the Nth service is.
is_ready() {
	grep -qx "starts $1" /run/manager/status && grep -qx 'ready 1' /run/manager/status
}

# signalled SIGNAL: the manager gets it, and starts the next service.
signalled() {
	local starts
	starts=$(sed -n 's/^starts //p' /run/manager/status)
	kill "-$1" "$labelerd"
	within is_ready "$((starts + 1))"
}

# rests: the service reads and writes nothing at the domain's monitor, and has not for two seconds. It looks at qemu by itself
# after its own start and after commands; a kill in the middle of that ends libvirt's connection, and so the domain.
rests() {
	local looks state
	for ((looks = 0; looks < 20; looks++)); do
		for state in /run/labeler/guard/*/streams; do
			[ "$(head -c 1 "$state")" = + ] || return 1
		done
		sleep 0.1
	done
}

killed_at_rest() {
	within rests
	signalled USR1
}

# without_labelerd COMMAND…: what happens while there is no service; the next one comes after it.
without_labelerd() {
	kill -USR2 "$labelerd"
	within grep -qx 'pid 0' /run/manager/status
	"$@"
	signalled HUP
}

is_running() {
	[ "$(virsh domstate web1)" = running ]
}

monitor_answers() {
	shows '"running":true' virsh qemu-monitor-command web1 '{"execute":"query-status"}'
}

# The services take turns while virsh asks on.
asked_all_the_time() {
	(
		for ((i = 0; i < 40; i++)); do
			monitor_answers || exit 1
		done
	) &
	local asking=$!
	signalled HUP
	signalled HUP
	wait "$asking"
}

# qemu writes all of its cache before it calls a copy ready.
copy_is_whole() {
	qemu-img compare -q -U -f qcow2 -F qcow2 "$images/web1.qcow2" "$images/copy.qcow2"
}

# qemu tells of the copy's end while nobody is there.
copied() {
	virsh blockcopy web1 vda --dest "$images/copy.qcow2" --format qcow2 --bandwidth 1 --wait --pivot --transient-job \
		>/run/copy.log 2>&1 &
	local copying=$!
	within virsh blockjob web1 vda --info
	without_labelerd within copy_is_whole
	wait "$copying" || cat /run/copy.log
	virsh domblklist web1 | grep "$images/copy.qcow2"
}

# What libvirt has written at its domain's monitor, and nobody has read.
question_waits() {
	ss --no-header --unix | awk '/domain-[0-9]*-web1\/monitor.sock/ && $3 > 0 { waits = 1 } END { exit !waits }'
}

# asked_meanwhile COMMAND…: what virsh asks while there is no service is answered by the next one.
asked_meanwhile() {
	monitor_answers &
	local asking=$!
	within question_waits
	kill -0 "$asking" || return 1
	echo "$asking" >/run/asking
}

answered_after() {
	without_labelerd asked_meanwhile
	wait "$(cat /run/asking)"
}

# As a service leaves it that is killed while it reads or writes.
in_the_middle() {
	printf - | dd of="$(echo /run/labeler/guard/*/streams)" conv=notrunc bs=1 status=none
}

nothing_kept() {
	[ "$(grep -c '^kept' /run/manager/status)" = 0 ]
}

define_with_data() {
	define web1
	qemu-io -f qcow2 -c 'write -P 7 0 4M' "$images/web1.qcow2"
}

emulators() {
	virsh dumpxml --inactive web1 | grep -c "<emulator>$1</emulator>"
}

is_shut_off() {
	[ "$(virsh domstate web1)" = 'shut off' ]
}

qemu_is_itself() {
	local pid
	pid=$(cat /run/libvirt/qemu/web1.pid)
	[ "$(readlink "/proc/$pid/exe")" = "$(readlink -f /usr/bin/qemu-system-x86_64)" ] || return 1
	# What qemu listens at lies in the service's own directory.
	virsh qemu-monitor-command web1 '{"execute":"query-chardev"}' | grep '/run/labeler/guard/'
}

nothing_of_ours_in_its_log() {
	! grep '^labeler-emulator' /var/log/libvirt/qemu/web1.log
}

pivot_is_done() {
	virsh domblklist web1 | grep "$images/web1.qcow2"
}

# The emulator, started as libvirt does it, which connects only when the reason has long been in the log.
connects_late() {
	python3 - /etc/labeler/emulators/usr/bin/qemu-system-x86_64 <<-'PYTHON'
		import socket, subprocess, sys
		listening = socket.socket(socket.AF_UNIX)
		listening.bind("/run/late.sock")
		listening.listen(1)
		monitor = "socket,id=charmonitor,fd=%d,server=on,wait=off" % listening.fileno()
		emulator = subprocess.Popen([sys.argv[1], "-chardev", monitor], pass_fds=[listening.fileno()],
		                            stderr=subprocess.PIPE, text=True)
		listening.close()
		print(emulator.stderr.readline())
		try:
		    sys.exit("it ended with %d before libvirt has connected" % emulator.wait(timeout=2))
		except subprocess.TimeoutExpired:
		    pass
		client = socket.socket(socket.AF_UNIX)
		client.connect("/run/late.sock")
		if client.recv(1) != b"" or emulator.wait(timeout=60) != 1:
		    sys.exit("no end of the connection")
	PYTHON
}

killed() {
	kill -KILL "$(cat /run/libvirt/qemu/web1.pid)"
	within is_shut_off
}

private
start_labelerd
start_libvirt
fact "the hook is installed" labeler hook install libvirt
restart_libvirt
fact "a domain is defined" define_with_data
fact "its plan is made of libvirt's definition" shows "$images/web1.qcow2" labeler plan --libvirt web1
fact "which says why a file is in it" shows "by devices/disk" labeler plan --libvirt web1 --explain "$images/web1.qcow2"
fact "and why another is not" says "is not in the set of web1" labeler plan --libvirt web1 --explain /etc/shadow
fact "all domains are planned" shows "1 of 1 domains would start" labeler plan --libvirt-all
fact "one that is not there is not" says "failed to get domain" labeler plan --libvirt nobody

fact "it is adopted" shows "adopted; its emulator is /etc/labeler/emulators/usr/bin/qemu-system-x86_64" labeler libvirt adopt web1
fact "only its emulator has changed" [ "$(emulators /usr/bin/qemu-system-x86_64) $(emulators /etc/labeler/emulators/usr/bin/qemu-system-x86_64)" = '1 1' ]
fact "once more changes nothing" shows '"changed": false' labeler libvirt adopt web1 --json
fact "a domain that is not there is no success" says "failed to get domain" labeler libvirt adopt nobody

fact "it starts" virsh start web1
fact "qemu is what it would be without the guard, with another monitor" qemu_is_itself
fact "its log has no word of the emulator" nothing_of_ours_in_its_log
fact "a descriptor that is no listening socket is refused" says "does not listen" \
	/etc/labeler/emulators/usr/bin/qemu-system-x86_64 -chardev socket,id=charmonitor,fd=3,server=on,wait=off
fact "a snapshot" virsh snapshot-create-as web1 one --disk-only --no-metadata --diskspec "vda,file=$images/top.qcow2"
fact "its commit with pivot" virsh blockcommit web1 vda --active --pivot --wait
fact "the disk is the first one again" pivot_is_done
qemu-img create -q -f qcow2 "$images/joins.qcow2" 1M
fact "a disk is attached" virsh attach-disk web1 "$images/joins.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
fact "and detached" virsh detach-disk web1 sdb
fact "the domain is saved" virsh save web1 "$images/saved"
fact "and restored" virsh restore "$images/saved"
fact "libvirt's daemon is restarted, and finds its domain" restart_libvirt
fact "which still answers" shows '"running":true' virsh qemu-monitor-command web1 '{"execute":"query-status"}'
fact "what it stands on is kept" [ "$(grep -c '^kept' /run/manager/status)" = 3 ]
fact "labelerd is restarted" signalled HUP
fact "and the domain runs" is_running
fact "and answers" monitor_answers
fact "behind the guard" qemu_is_itself
fact "which is told" shows '"guard": "on"' labeler status web1 --json
fact "a snapshot after it" virsh snapshot-create-as web1 two --disk-only --no-metadata --diskspec "vda,file=$images/top2.qcow2"
fact "and its commit with pivot" virsh blockcommit web1 vda --active --pivot --wait
fact "labelerd is restarted twice while virsh asks" asked_all_the_time
fact "what is asked while there is no service is answered by the next one" answered_after
fact "labelerd is killed" killed_at_rest
fact "and the domain runs on" is_running
fact "and answers" monitor_answers
fact "libvirt's daemon finds it again" restart_libvirt
fact "and asks it" monitor_answers
fact "a disk is attached after all that" virsh attach-disk web1 "$images/joins.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
fact "and detached" virsh detach-disk web1 sdb
fact "the end of a job while there is no service is not lost" copied
fact "it is destroyed" virsh destroy web1
fact "and every label is given back" [ "$(label "$images/web1.qcow2") $(label "$images/copy.qcow2") $(label "$images/joins.qcow2")" = "none none none" ]
fact "and nothing of it is kept" within nothing_kept
virsh --quiet start web1
fact "a service that was killed in the middle of a stream" without_labelerd in_the_middle
fact "ends the domain" within is_shut_off
fact "gives its labels back" [ "$(label "$images/web1.qcow2")" = none ]
fact "and keeps nothing of it" within nothing_kept
virsh --quiet start web1
fact "a killed qemu is seen to be gone" killed
fact "it starts again" virsh start web1
fact "and is destroyed" virsh destroy web1

mv /etc/libvirt/hooks/qemu.d/labeler /run/hook
fact "without the hook it does not start" says "has not announced" virsh start web1
kill "$labelerd"
wait "$labelerd"
fact "nor without the service" says "no labelerd at /run/labeler/emulator-labeler.sock" virsh start web1
fact "however late libvirt connects" shows "no labelerd at" connects_late
echo "guard optional" >/etc/labeler/emulators.conf
fact "but where the settings allow it" virsh start web1
fact "of which its log tells" grep -q "starts without a guard" /var/log/libvirt/qemu/web1.log
fact "a running domain is released from its next start on" shows "counts from its next start on" labeler libvirt release web1
fact "and has its emulator again" [ "$(emulators /usr/bin/qemu-system-x86_64)" = 2 ]
virsh --quiet destroy web1
fact "with which it starts" virsh start web1
virsh --quiet destroy web1
sed 's/^/labelerd: /' /run/labelerd.log
