#!/usr/bin/env bash
# A domain of libvirt's behind the guard: libvirt-domain.sh DIST
#
# Runs in mount and pid namespaces of its own (LibvirtDomainIT), as root, with empty directories in the places of
# libvirt's and labeler's, so that neither this host's libvirt nor its domains are touched. All processes end with it.
# Each fact is a line: "ok TEXT", or "WRONG TEXT" with what was seen.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt-private.sh" "$1"

fact() {
	local text=$1 seen
	shift
	if seen=$("$@" 2>&1); then
		printf 'ok %s\n' "$text"
	else
		printf 'WRONG %s: %s\n' "$text" "$seen"
	fi
}

# says TEXT COMMAND…: the command fails, and its words have the text in them.
says() {
	local text=$1 seen
	shift
	if seen=$("$@" 2>&1); then
		printf 'it succeeded: %s' "$seen"
		return 1
	fi
	printf '%s' "$seen"
	grep -qF -- "$text" <<<"$seen"
}

# shows TEXT COMMAND…: the command succeeds, and its words have the text in them.
shows() {
	local text=$1 seen
	shift
	seen=$("$@" 2>&1) || return 1
	printf '%s' "$seen"
	grep -qF -- "$text" <<<"$seen"
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

killed() {
	kill -KILL "$(cat /run/libvirt/qemu/web1.pid)"
	within is_shut_off
}

private
start_labelerd
start_libvirt
fact "the hook is installed" labeler hook install libvirt
restart_libvirt
fact "a domain is defined" define web1

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
fact "a killed qemu is seen to be gone" killed
fact "it starts again" virsh start web1
fact "and is destroyed" virsh destroy web1

mv /etc/libvirt/hooks/qemu.d/labeler /run/hook
fact "without the hook it does not start" says "has not announced" virsh start web1
kill "$labelerd"
wait "$labelerd"
fact "nor without the service" says "no labelerd at /run/labeler/emulator-labeler.sock" virsh start web1
echo "guard optional" >/etc/labeler/emulators.conf
fact "but where the settings allow it" virsh start web1
fact "of which its log tells" grep -q "starts without a guard" /var/log/libvirt/qemu/web1.log
fact "a running domain is released from its next start on" shows "counts from its next start on" labeler libvirt release web1
fact "and has its emulator again" [ "$(emulators /usr/bin/qemu-system-x86_64)" = 2 ]
virsh --quiet destroy web1
fact "with which it starts" virsh start web1
virsh --quiet destroy web1
sed 's/^/labelerd: /' /run/labelerd.log
