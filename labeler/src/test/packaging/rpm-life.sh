#!/usr/bin/env bash
# The life of the rpm in a fresh system with systemd, in which this runs as root: rpm-life.sh DIRECTORY
# It is Debian with rpm, so nothing but the files, the scripts and the triggers is tried: no dependency.
set -euo pipefail

readonly directory=$1
readonly image=/vm/web1.raw before=user_u:object_r:before_t:s0 hook=/etc/libvirt/hooks/qemu.d/labeler

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"

# rpm_does ARGUMENT…: its output is in /tmp/rpm.log, and here.
rpm_does() {
	local code=0
	rpm --nodeps "$@" >/tmp/rpm.log 2>&1 </dev/null || code=$?
	cat /tmp/rpm.log
	[ "$code" -eq 0 ] || fail "rpm $*"
}

packages() {
	find "$directory" -name 'labeler-*.rpm' ! -name 'labeler-cockpit-*' | sort
}

is_installed() {
	fact "no file differs from the package's" test -z "$(rpm -V --nodeps labeler labeler-selinux)"
	fact "the group is there" getent group labeler
	fact "the service is enabled" systemctl is-enabled labelerd.service
	fact "and the way to start it is said" grep -q 'systemctl enable --now labelerd.socket labelerd.service' /tmp/rpm.log
	fact "the class-data archive is made by a trigger" archive
	fact "and used" archived
	fact "the module of the policy is a file of labeler-selinux" rpm -qf /usr/lib/labeler/share/selinux/labeler.cil
}

update() {
	local socket old
	socket=$(stat -c %i /run/labeler/labeler.sock)
	old=$(systemctl show -P MainPID labelerd.service)
	# The same version again: to its scripts that is an update.
	# shellcheck disable=SC2046  # names without spaces
	rpm_does -U --force $(packages)
	until_is systemctl is-active labelerd.service
	fact "an update leaves the VM running" is_qemu
	fact "and starts a new service" test "$old" != "$(systemctl show -P MainPID labelerd.service)"
	fact "which knows the VM" labelled
	fact "the socket is the same" test "$socket" = "$(stat -c %i /run/labeler/labeler.sock)"
	fact "a start waits no longer" not test -e /run/labeler/update
	fact "the archive is there" archived
}

# rpm_in_a_chroot ARGUMENT…: with the /sys of a host with SELinux, a semodule that would load its policy into that, and no systemd.
rpm_in_a_chroot() {
	export -f rpm_does fail
	unshare --mount bash -c 'mount -t tmpfs tmpfs /run/systemd && mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux &&
		touch /sys/fs/selinux/enforce && mount --bind /tmp/sbin/semodule /usr/sbin/semodule && rpm_does "$@"' rpm "$@" || fail "rpm $* in a chroot"
}

# A VM of libvirt's runs, on a host with SELinux: semodule would refuse.
selinux_removed_while_a_vm_runs() {
	local began
	began=$(systemctl show -P MainPID labelerd.service)
	printf 'system_u:system_r:svirt_t:s0:c1,c2' >/tmp/context
	unshare --mount bash -c 'mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux && touch /sys/fs/selinux/enforce &&
		mount --bind /tmp/sbin/semodule /usr/sbin/semodule && mount --bind /tmp/context /proc/1/attr/current && rpm_does -e labeler-selinux' ||
		fail "rpm -e labeler-selinux"
	fact "while a VM runs, the module stays" grep -q 'VMs run, so the policy module stays' /tmp/rpm.log
	fact "and the service runs on" test "$began" = "$(systemctl show -P MainPID labelerd.service)"
	rm -f /run/semodule.log
}

# rpm would fail in the middle of it.
read_only_usr() {
	local began
	began=$(systemctl show -P MainPID labelerd.service)
	mount --bind /usr /usr
	mount -o remount,bind,ro /usr
	fact "no removal where /usr is read-only" not rpm --nodeps -e labeler
	# shellcheck disable=SC2046  # names without spaces
	fact "and no update" not rpm --nodeps -U --force $(packages)
	umount -l /usr
	fact "the service of before runs on" test "$began" = "$(systemctl show -P MainPID labelerd.service)"
}

in_a_chroot() {
	local selinux made=no
	selinux=$(packages | grep labeler-selinux)
	mkdir -p /tmp/sbin
	printf '#!/bin/sh\necho labeler; echo "$*" >>/run/semodule.log\n' >/tmp/sbin/semodule
	chmod 755 /tmp/sbin/semodule
	[ -e /usr/sbin/semodule ] || {
		touch /usr/sbin/semodule
		made=yes
	}
	# shellcheck disable=SC2046  # names without spaces
	rpm_in_a_chroot -U --force $(packages)
	fact "an update in a chroot loads no policy" not grep -q SELinux /tmp/rpm.log
	rpm_in_a_chroot -e labeler-selinux
	fact "nor does a removal" not grep -qi policy /tmp/rpm.log
	fact "nobody has asked for the host's modules" not test -e /run/semodule.log
	rpm_does -i "$selinux"
	selinux_removed_while_a_vm_runs
	[ "$made" = no ] || rm /usr/sbin/semodule
	rpm_does -i "$selinux"
	rm -f /run/labeler/update
	systemctl restart labelerd.service
	until_is labelled
}

remove_with_a_vm() {
	mkdir -p /etc/libvirt/hooks
	labeler hook install libvirt
	join_cluster
	rpm_does -e labeler labeler-selinux
	fact "a removal takes the hook along" not test -e "$hook"
	fact "and names the VMs that are on record" grep -q 'on record: VM web1: holds' /tmp/rpm.log
	fact "and that the host is still in its cluster" grep -q 'alpha is still in its cluster.*labeler cluster leave' /tmp/rpm.log
	fact "it takes the unit's way to the cluster along" not test -e /etc/systemd/system/labelerd.service.d
	fact "and keeps the settings beside" test -s /etc/labeler/cluster.toml.rpmsave
	rm /etc/labeler/cluster.toml.rpmsave
	fact "and leaves no archive" not compgen -G '/var/cache/labeler/*.jsa'
	fact "the disk still has its label" has_label '*:svirt_image_t:s0:c*,c*'
	fact "the record of labels stays" test -s /var/lib/labeler/journal.db
	rm -rf /etc/libvirt
}

install_again() {
	# shellcheck disable=SC2046  # names without spaces
	rpm_does -i $(packages)
	systemctl start labelerd.socket labelerd.service
	fact "installed again, it knows the VM" labelled
	systemctl stop web1
	until_is has_label "$before"
	fact "and gives its label back" has_label "$before"
}

# The group and an empty record are all that rpm leaves: it knows no purge.
remove_all() {
	rpm_does -e labeler labeler-selinux
	rm -rf /var/lib/labeler
	groupdel labeler
	everything >/tmp/after
	diff /tmp/before /tmp/after || fail "something is left"
}

rpm --initdb
# Where rpm is at home, these belong to the distribution.
mkdir -p /usr/share/licenses /usr/share/fish/vendor_completions.d /usr/share/zsh/site-functions
everything >/tmp/before
# shellcheck disable=SC2046  # names without spaces
rpm_does -i $(packages)
is_installed
systemctl start labelerd.socket labelerd.service
run_vm
update
read_only_usr
in_a_chroot
remove_with_a_vm
install_again
remove_all
printf 'fact: a removal leaves nothing else\n'
