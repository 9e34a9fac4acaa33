# shellcheck shell=bash
# A libvirt and a labelerd of their own: source libvirt-private.sh DIST
#
# For scripts in mount and pid namespaces of their own, as root. With empty directories in the places of libvirt's and
# labeler's neither this host's libvirt nor its domains are touched. All processes end with the namespace.

readonly dist=$1
readonly images=/var/lib/libvirt/images
export LIBVIRT_DEFAULT_URI=qemu:///system LC_ALL=C PATH=$dist/bin:$PATH

private() {
	local place
	for place in /run /etc/libvirt /etc/labeler /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /var/lib/labeler; do
		mkdir -p "$place"
		mount -t tmpfs -o mode=755 tmpfs "$place"
	done
	mkdir -p "$images" /run/labeler /run/lock
	without_kvm
	: >/etc/labeler/labeler.toml
}

# libvirt asks qemu as root what it can do, and then believes that only if its own user for qemu may use KVM as well. Where he
# may not, it asks again: sixteen times for one definition. So nobody has KVM here.
without_kvm() {
	[ -e /dev/kvm ] || return 0
	: >/run/no-kvm
	chmod 0 /run/no-kvm
	mount --bind /run/no-kvm /dev/kvm
}

# fact TEXT COMMAND…: a line for what was seen.
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
	if ! seen=$("$@" 2>&1); then
		printf '%s' "$seen"
		return 1
	fi
	printf '%s' "$seen"
	grep -qF -- "$text" <<<"$seen"
}

label() {
	python3 -c 'import os, sys
try: print(os.getxattr(sys.argv[1], "security.selinux").decode().rstrip("\0"))
except OSError: print("none")' "$1"
}

within() {
	local tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || return 1
		sleep 0.1
	done
}

start_labelerd() {
	"$dist/bin/labelerd" --enforcement optional --config /etc/labeler/labeler.toml >>/run/labelerd.log 2>&1 &
	# shellcheck disable=SC2034 # for those who source this
	labelerd=$!
	within "$dist/bin/labeler" status
}

start_libvirt() {
	printf '%s\n' 'security_driver = "none"' 'namespaces = []' 'cgroup_controllers = []' 'stdio_handler = "file"' \
		'user = "nobody"' 'group = "nogroup"' >/etc/libvirt/qemu.conf
	printf '%s\n' 'auth_unix_rw = "none"' >/etc/libvirt/libvirtd.conf
	libvirtd >>/run/libvirtd.log 2>&1 &
	libvirtd=$!
	within virsh list
}

# ended PID: also for a process that is not this shell's child, as in a fact.
ended() {
	! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null
}

restart_libvirt() {
	kill "$libvirtd"
	within ended "$libvirtd"
	start_libvirt
}

define() {
	local name=$1
	cat >"/run/$name.xml" <<-XML
		<domain type="qemu">
		  <name>$name</name>
		  <metadata><x:note xmlns:x="urn:x"><emulator>/usr/bin/qemu-system-x86_64</emulator></x:note></metadata>
		  <memory unit="MiB">32</memory>
		  <vcpu>1</vcpu>
		  <os><type arch="x86_64" machine="q35">hvm</type></os>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    <disk type="file" device="disk">
		      <driver name="qemu" type="qcow2"/><source file="$images/$name.qcow2"/><target dev="vda" bus="virtio"/>
		    </disk>
		    <controller type="scsi" model="virtio-scsi"/>
		    <memballoon model="none"/>
		  </devices>
		</domain>
	XML
	qemu-img create -q -f qcow2 "$images/$name.qcow2" 16M
	virsh --quiet define "/run/$name.xml"
}
