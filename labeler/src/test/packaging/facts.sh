# shellcheck shell=bash
# shellcheck disable=SC2154  # image and before come from the script that sources this
# Sourced by life.sh and rpm-life.sh: facts, and a VM whose disk has a label of its own.

fail() {
	printf 'FAILED: %s\n' "$*"
	exit 1
}

# fact WORDS COMMAND…: what has to hold.
fact() {
	local words=$1
	shift
	"$@" || fail "$words"
	printf 'fact: %s\n' "$words"
}

not() {
	! "$@"
}

# until_is COMMAND…: a limit only ends a test that hangs.
until_is() {
	local tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || fail "never true: $*"
		sleep 0.1
	done
}

# Every file, with kind, mode and owner. Without what any installation changes: apt's and dpkg's own records and
# logs, caches of the loader, and backups of the group file.
everything() {
	find / -xdev \( -path /packages -o -path /vm -o -path /tmp -o -path /var/log -o -path /var/lib/apt -o -path /var/cache/apt \
		-o -path /var/cache/debconf -o -path /var/cache/ldconfig -o -path /var/lib/dpkg -o -path /var/lib/rpm -o -path /root/.rpmdb -o -path /var/lib/systemd/timers \) -prune \
		-o ! -path '/etc/ld.so.cache' ! -path '/etc/group-' ! -path '/etc/gshadow-' ! -type d -printf '%y %m %u %g %p %l\n' | sort
	find / -xdev \( -path /packages -o -path /vm -o -path /tmp -o -path /var -o -path /proc -o -path /root/.rpmdb \) -prune -o -type d -print | sort
	find /var/lib/dpkg/info -name 'labeler*'
	sha256sum /etc/group /etc/gshadow
}

has_label() {
	# shellcheck disable=SC2053  # a pattern
	[[ $(getfattr --only-values --absolute-names -n security.selinux "$image" | tr -d '\0') == $1 ]]
}

archive() {
	local found=(/var/cache/labeler/*.jsa)
	[ "${#found[@]}" = 2 ] && [ -s "${found[0]}" ] && [ -s "${found[1]}" ]
}

# How many classes come out of the archive. With -Xshare:on the JVM ends if it cannot use the archive.
archived() {
	LABELER_JAVA_OPTIONS="-Xshare:on -Xlog:class+load:file=/tmp/classes" labeler --version >/dev/null &&
		[ "$(grep -c 'labeler.* source: shared objects file (top)\|labeler.* source: shared objects file' /tmp/classes)" -gt 20 ]
}

run_vm() {
	mkdir -p /vm
	truncate -s 1M "$image"
	setfattr -n security.selinux -v "$before" "$image"
	systemd-run -q --unit=web1 labeler run web1 -- qemu-system-x86_64 -M none -S -nodefaults -display none \
		-blockdev "driver=file,node-name=disk,filename=$image" -qmp unix:/run/labeler/vms/web1/qmp,server=on,wait=off
	# The process of the command becomes qemu.
	until_is is_qemu
	fact "labeler run web1 -- qemu confines a VM with no other step" grep -Eq 'landlock|selinux' <(labeler status web1)
	labeler status web1
	fact "and its disk has its label" labelled
}

# What labeler cluster join writes.
join_cluster() {
	mkdir -p /etc/systemd/system/labelerd.service.d
	printf '[Service]\nIPAddressAllow=192.0.2.1\n' >/etc/systemd/system/labelerd.service.d/cluster.conf
	printf '[cluster]\nendpoints = [ "https://192.0.2.1:2379" ]\nhost = "alpha"\n' >/etc/labeler/cluster.toml
}

is_qemu() {
	[[ $(readlink "/proc/$(systemctl show -P MainPID web1)/exe") == */qemu-system-x86_64 ]]
}

# Whether the service knows the VM, and the disk has a label of its own.
labelled() {
	labeler status web1 | grep -q "$image" && has_label '*:svirt_image_t:s0:c*,c*'
}
