#!/usr/bin/env bash
# A running domain moves between two real libvirts, and back: libvirt-migrate.sh DIST
#
# Two hosts on one machine, alpha and beta, each with a libvirt, a labelerd, directories and processes of its own, in
# namespaces below those in which this runs, as root (LibvirtMigrationIT). One etcd and one file system are both hosts'.
# libvirt believes that SELinux is active (see pretend_selinux.c), so it draws levels and labels files. Each fact is
# a line: "ok TEXT", or "WRONG TEXT" with what was seen.
set -uo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$here/libvirt-private.sh" "$1"

readonly pool=$here/pool disk=$here/pool/moving1.qcow2 original=system_u:object_r:virt_image_t:s0

start_etcd() {
	etcd --data-dir="$here/etcd" --listen-client-urls=http://127.0.0.1:23791 --advertise-client-urls=http://127.0.0.1:23791 \
		--listen-peer-urls=http://127.0.0.1:23801 --initial-advertise-peer-urls=http://127.0.0.1:23801 \
		--initial-cluster=default=http://127.0.0.1:23801 --unsafe-no-fsync --log-level=error >>/run/etcd.log 2>&1 &
	within curl --silent --fail http://127.0.0.1:23791/health
}

start_pool() {
	mkdir "$pool"
	truncate -s 64M "$here/pool.img"
	mkfs.ext4 -q -F "$here/pool.img"
	mount -o loop "$here/pool.img" "$pool"
}

# A libvirt of one host. It takes the pool for storage that other hosts mount.
start_libvirt() {
	printf '%s\n' 'security_driver = "selinux"' 'namespaces = []' 'cgroup_controllers = []' 'stdio_handler = "file"' \
		'user = "root"' 'group = "root"' "shared_filesystems = [ \"$pool\" ]" >/etc/libvirt/qemu.conf
	printf '%s\n' 'auth_unix_rw = "none"' "host_uuid = \"$(cat /run/host-uuid)\"" \
		"unix_sock_dir = \"$here/$(cat /run/host-name)\"" >/etc/libvirt/libvirtd.conf
	LD_PRELOAD=$here/pretend_selinux.so libvirtd >>/run/libvirtd.log 2>&1 &
	libvirtd=$!
	within virsh list
}

# start_host NAME: the hook is there before libvirt, which looks for hooks when it starts.
start_host() {
	private
	mkdir -p /run/pretended "$here/$1"
	printf '%s' "$1" >/run/host-name
	labeler cluster join http://127.0.0.1:23791 --host "$1" --unit-dir /run/unit
	[ "$1" != alpha ] || labeler cluster storage add pool "$pool"
	start_service
	labeler hook install libvirt
	python3 -c 'import uuid; print(uuid.uuid4(), end="")' >/run/host-uuid
	start_libvirt
}

start_service() {
	start_labelerd
	printf '%s' "$labelerd" >/run/labelerd.number
	within test -s /var/lib/labeler/cluster/storages
	within test -s /var/lib/labeler/cluster/pairs
}

stop_service() {
	kill -KILL "$(cat /run/labelerd.number)"
	within ended "$(cat /run/labelerd.number)"
}

restart_service() {
	stop_service
	start_service
}

uri() {
	printf 'qemu+unix:///system?socket=%s/%s/libvirt-sock' "$here" "$1"
}

virsh() {
	command virsh --connect "$(uri "$(cat /run/host-name)")" "$@"
}

define() {
	cat >/run/moving1.xml <<-XML
		<domain type="qemu">
		  <name>moving1</name>
		  <memory unit="MiB">32</memory>
		  <vcpu>1</vcpu>
		  <os><type arch="x86_64" machine="q35">hvm</type></os>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    <disk type="file" device="disk">
		      <driver name="qemu" type="qcow2" cache="none"/><source file="$disk"/><target dev="vda" bus="virtio"/>
		    </disk>
		    <memballoon model="none"/>
		  </devices>
		</domain>
	XML
	virsh --quiet define /run/moving1.xml
}

level() {
	virsh dumpxml moving1 | sed -n 's:.*<label>.*\(s0\:c[0-9]*,c[0-9]*\)</label>:\1:p' | head -n 1
}

# on HOST FUNCTION…: a function of this script, there.
on() {
	nsenter --target "$(cat "$here/$1.number")" --mount --uts --pid -- bash "$here/libvirt-migrate.sh" "$dist" "${@:2}"
}

# namespaces HOST: those of a host, which has no directory of its own yet. Its first process takes up what others leave.
namespaces() {
	# shellcheck disable=SC2016 # for the other shell
	unshare --mount --uts --pid --fork --kill-child --mount-proc \
		bash -c 'hostname "$1"; while :; do sleep 1; done' bash "$1" &
	local outside=$!
	within test -s "/proc/$outside/task/$outside/children"
	tr -d ' ' <"/proc/$outside/task/$outside/children" >"$here/$1.number"
}

has_label() {
	[ "$(label "$disk")" = "$1" ] || { label "$disk"; return 1; }
}

is_at_level() {
	[ "$(level)" = "$1" ] || { level; virsh dumpxml moving1; return 1; }
}

# holds LEVEL: without a JVM for each look.
holds() {
	curl --silent --fail --unix-socket /run/labeler/labeler.sock http://labelerd/v1/vms/moving1 | grep -F "$1"
}

# The context that libvirt has given to the domain's qemu.
cat_process() {
	cat "/run/pretended/$(cat /run/libvirt/qemu/moving1.pid)"
}

holds_nothing() {
	! holds moving1
}

migrate() {
	virsh migrate --live --unsafe "${@:2}" moving1 "$(uri "$1")" --migrateuri tcp://127.0.0.1
}

fails_half_way() {
	on alpha migrate beta --bandwidth 1 &
	local migration=$!
	within on beta holds "$1" || return 1
	within on alpha virsh domjobabort moving1 || return 1
	! wait "$migration"
}

stays_without_service() {
	on beta stop_service
	on alpha says "no labelerd" migrate beta
}

if [ $# -gt 1 ]; then
	"${@:2}"
	exit
fi

gcc -shared -fPIC -o "$here/pretend_selinux.so" "$here/pretend_selinux.c"
private
start_etcd
start_pool
for host in alpha beta; do
	namespaces "$host"
	on "$host" start_host "$host"
done

qemu-img create -q -f qcow2 "$disk" 16M
python3 -c 'import os, sys; os.setxattr(sys.argv[1], "security.selinux", sys.argv[2].encode() + b"\0")' "$disk" "$original"
fact "a domain is defined" on alpha define
fact "it starts" on alpha virsh start moving1
at=$(on alpha level)
own=system_u:object_r:svirt_image_t:$at
fact "at a level that libvirt has drawn" [ -n "$at" ]
fact "its disk has that level" has_label "$own"
fact "it moves" on alpha migrate beta
fact "and runs there at its level" on beta is_at_level "$at"
fact "by a static label" on beta shows "<seclabel type='static' model='selinux' relabel='yes'>" virsh dumpxml moving1
fact "and its process has it" on beta shows ":$at" cat_process
fact "its disk has kept its label" has_label "$own"
fact "the service there has it" on beta holds "$at"
fact "and the one here has not" within on alpha holds_nothing
fact "the service there is killed, and another begins" on beta restart_service
fact "it moves back" on beta migrate alpha
fact "and runs here at its level" on alpha is_at_level "$at"
fact "its disk has kept its label again" has_label "$own"
fact "the service there has it no more" within on beta holds_nothing
fact "a migration is broken off" fails_half_way "$at"
fact "it runs where it was" on alpha is_at_level "$at"
fact "its disk has its label still" has_label "$own"
fact "the service there has nothing of it" within on beta holds_nothing
fact "without the service there it does not move" stays_without_service
fact "and runs on" on alpha is_at_level "$at"
fact "with its label" has_label "$own"
fact "it ends" on alpha virsh destroy moving1
fact "and its disk has what it had before" within has_label "$original"
fact "and that is the last fact" true
for host in alpha beta; do
	on "$host" sed "s/^/$host labelerd: /" /run/labelerd.log
	on "$host" sed "s/^/$host libvirtd: /" /run/libvirtd.log
done
