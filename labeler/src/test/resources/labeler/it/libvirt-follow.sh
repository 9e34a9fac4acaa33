#!/usr/bin/env bash
# What libvirt gives to a running domain and takes from it: libvirt-follow.sh DIST DRIVER
#
# DRIVER is libvirt's security driver: "selinux", and libvirt labels (it believes that SELinux is active, see
# pretend_selinux.c), or "none", and labeler labels alone. Runs in mount and pid namespaces of its own
# (LibvirtFollowIT), as root. Each fact is a line: "ok TEXT", or "WRONG TEXT" with what was seen.
set -uo pipefail

readonly driver=$2
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$here/libvirt-private.sh" "$1"

# A snapshot moves what libvirt remembers of the old top to the overlay: there the label before it is libvirt's secret, and
# a kernel with SELinux would have to tell the policy's.
overlays=unconfined_u:object_r:user_home_t:s0
# A medium has libvirt's label for all who read it, of which libvirt remembers nothing: the same.
mediums=unconfined_u:object_r:user_home_t:s0
[ "$driver" = none ] || overlays='' mediums=''

readonly own=system_u:object_r:virt_image_t:s0 other=unconfined_u:object_r:user_home_t:s0

fact() {
	local text=$1 seen
	shift
	if seen=$("$@" 2>&1); then
		printf 'ok %s\n' "$text"
	else
		printf 'WRONG %s: %s\n' "$text" "$seen"
	fi
}

start_libvirt() {
	printf '%s\n' "security_driver = \"$driver\"" 'namespaces = []' 'cgroup_controllers = []' 'stdio_handler = "file"' \
		'user = "root"' 'group = "root"' >/etc/libvirt/qemu.conf
	printf '%s\n' 'auth_unix_rw = "none"' >/etc/libvirt/libvirtd.conf
	LD_PRELOAD=$preload libvirtd >>/run/libvirtd.log 2>&1 &
	libvirtd=$!
	within virsh list
}

# With libvirt's SELinux driver every file has a label, as on a real host; without, too.
image() {
	qemu-img create -q -f "$2" "$images/$1" 16M
	set_label "$1" "$3"
}

set_label() {
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "security.selinux", sys.argv[2].encode() + b"\0")' \
		"$images/$1" "$2"
}

label() {
	python3 -c 'import os, sys
try: print(os.getxattr(sys.argv[1], "security.selinux").decode().rstrip("\0"))
except OSError: print("none")' "$images/$1"
}

remembers() {
	python3 -c 'import os, sys; print(" ".join(x for x in os.listxattr(sys.argv[1]) if "libvirt" in x and "selinux" in x))' \
		"$images/$1"
}

# What labeler status --json shows, without a JVM for each look.
status() {
	curl --silent --unix-socket /run/labeler/labeler.sock http://labelerd/v1/vms/web1 >/run/status.json
}

# held FILE [ORIGINAL]: it is on record, with this label from before.
held() {
	status &&
		python3 - "$images/$1" "${2-}" <<-'PY'
			import json, sys
			found = [f for f in json.load(open("/run/status.json"))["files"] if f["path"] == sys.argv[1]]
			print(json.dumps(found))
			sys.exit(0 if found and (not sys.argv[2] or found[0]["originalContext"] == sys.argv[2]) else 1)
		PY
}

not_held() {
	status && ! grep -qF "\"$images/$1\"" /run/status.json
}

# joins FILE ORIGINAL: soon.
joins() {
	within held "$1" "${2-}" || { held "$1"; return 1; }
}

# leaves FILE LABEL: soon, and has this label.
leaves() {
	within not_held "$1" || { cat /run/status.json; return 1; }
	[ -z "${2-}" ] || is_labelled "$1" "$2"
}

is_labelled() {
	[ "$(label "$1")" = "$2" ] || { label "$1"; return 1; }
}

# The context that the running domain's own files have.
is_image() {
	[[ $(label "$1") == *:svirt_image_t:s0:c* ]] || { label "$1"; return 1; }
}

is_shut_off() {
	[ "$(virsh domstate web1)" = 'shut off' ]
}

killed() {
	kill -KILL "$(cat /run/libvirt/qemu/web1.pid)"
	within is_shut_off
}

no_vm() {
	! curl --silent --unix-socket /run/labeler/labeler.sock http://labelerd/v1/vms | grep -q web1
}

stop_labelerd() {
	kill "-$1" "$labelerd"
	wait "$labelerd" || true
}

define_with_drive() {
	define web1
	set_label web1.qcow2 "$own"
	sed -i 's#<controller type="scsi"#<disk type="file" device="cdrom"><driver name="qemu" type="raw"/><target dev="sda" bus="sata"/></disk>&#' \
		/run/web1.xml
	virsh --quiet undefine web1 && virsh --quiet define /run/web1.xml
}

snapshot() {
	image "$1" qcow2 "$other" && qemu-img create -q -f qcow2 -b "$2" -F qcow2 "$images/$1" &&
		virsh snapshot-create-as web1 "$1" --disk-only --no-metadata --reuse-external --diskspec "vda,file=$images/$1"
}

backup() {
	cat >/run/backup.xml <<-XML
		<domainbackup><disks><disk name="vda" type="file"><driver type="qcow2"/><target file="$images/backup.qcow2"/></disk>
		<disk name="sda" backup="no"/></disks></domainbackup>
	XML
	virsh backup-begin web1 /run/backup.xml --reuse-external && within backup_is_done
}

backup_is_done() {
	virsh domjobinfo web1 --completed --keep-completed | grep -q '^Operation: *Backup'
}

# $1: what it is followed after.
operations() {
	image joins.qcow2 qcow2 "$other"
	image medium.iso raw "$other"
	image copy.qcow2 qcow2 "$other"
	image backup.qcow2 qcow2 "$other"
	fact "$1: a snapshot" snapshot top.qcow2 web1.qcow2
	fact "$1: its overlay joins, with the label from before" joins top.qcow2 "$overlays"
	fact "$1: the base stays" held web1.qcow2 "$own"
	fact "$1: an active commit with pivot" virsh blockcommit web1 vda --active --pivot --wait
	fact "$1: the overlay leaves" leaves top.qcow2 "$overlays"
	fact "$1: the base stays after it" is_image web1.qcow2
	fact "$1: a disk is attached" virsh attach-disk web1 "$images/joins.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
	fact "$1: it joins" joins joins.qcow2 "$other"
	fact "$1: it is detached" virsh detach-disk web1 sdb
	fact "$1: it leaves" leaves joins.qcow2 "$other"
	fact "$1: a medium is inserted" virsh change-media web1 sda "$images/medium.iso" --insert
	fact "$1: it joins the drive" within held medium.iso
	fact "$1: it is ejected" virsh change-media web1 sda --eject
	fact "$1: it leaves the drive" leaves medium.iso "$mediums"
	fact "$1: a copy" virsh blockcopy web1 vda --dest "$images/copy.qcow2" --format qcow2 --reuse-external --wait --transient-job
	fact "$1: its target joins" joins copy.qcow2 "$other"
	fact "$1: it is cancelled" virsh blockjob web1 vda --abort
	fact "$1: its target leaves" leaves copy.qcow2 "$other"
	fact "$1: a backup" backup
	fact "$1: its target does not stay" leaves backup.qcow2 "$other"
}

private
mkdir -p /run/pretended
preload=
if [ "$driver" = selinux ]; then
	preload=/run/pretend_selinux.so
	gcc -shared -fPIC -o "$preload" "$here/pretend_selinux.c"
fi
start_labelerd
start_libvirt
labeler hook install libvirt >/dev/null
restart_libvirt
fact "a domain is defined" define_with_drive
fact "it starts" virsh start web1
fact "its disk is on record" held web1.qcow2 "$own"
operations "as it is"
fact "libvirt's daemon is restarted" restart_libvirt
operations "after libvirt's restart"
fact "a snapshot before the service is killed" snapshot before.qcow2 web1.qcow2
fact "its overlay is on record" joins before.qcow2 "$overlays"
stop_labelerd KILL
fact "a snapshot while there is no service" snapshot meanwhile.qcow2 before.qcow2
start_labelerd
fact "is on record once there is one" joins meanwhile.qcow2 "$overlays"
fact "and what was on record before" held before.qcow2 "$overlays"
fact "and the disk" held web1.qcow2 "$own"
stop_labelerd TERM
fact "a commit while there is no service" virsh blockcommit web1 vda --active --pivot --wait --base "$images/before.qcow2"
start_labelerd
fact "is followed once there is one" leaves meanwhile.qcow2 "$overlays"
stop_labelerd TERM
fact "the domain ends while there is no service" virsh destroy web1
start_labelerd
fact "and can be started at once when there is one" virsh start web1
fact "with its disk on record" held before.qcow2 "$overlays"
fact "and its base" held web1.qcow2 "$own"
fact "qemu is killed" killed
fact "the domain is off the record" within no_vm
for file in web1.qcow2:$own before.qcow2:$overlays meanwhile.qcow2:$overlays top.qcow2:$overlays joins.qcow2:$other \
	copy.qcow2:$other backup.qcow2:$other medium.iso:$mediums; do
	[ -z "${file#*:}" ] || fact "and ${file%%:*} has its label" is_labelled "${file%%:*}" "${file#*:}"
	fact "and libvirt remembers nothing for ${file%%:*}" [ -z "$(remembers "${file%%:*}")" ]
done
sed 's/^/labelerd: /' /run/labelerd.log
