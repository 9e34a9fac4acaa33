#!/usr/bin/env bash
# Makes the base of every bed: a Debian root file system from packages, labelled, with the kernel beside it.
#
#   BED_DIRECTORY=DIRECTORY build-base.sh SUITE SOURCES AUTHORIZED_KEYS PACKAGE…
#
# Leaves root.raw, vmlinuz, initrd.img and host-key.pub in DIRECTORY. SOURCES is a file of apt sources.
# To be run as root in a mount namespace of its own (unshare --mount): then nothing stays mounted if it is killed.
set -euo pipefail

readonly directory=$BED_DIRECTORY suite=$1 sources=$2 authorized_keys=$3
shift 3

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly root=$directory/root
# Twice what the packages take: room for the tests' images. The file is sparse.
readonly size=6G

# Validity, proxies and such of this machine's apt hold for the same archive here; mmdebstrap reads none of it.
apt_options() {
	local name value
	while IFS=' ' read -r name value; do
		value=${value%;}
		printf -- "--aptopt=%s %s\n" "$name" "$value"
	done < <(apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::Proxy) ')
}

make_file_system() {
	truncate -s "$size" "$directory/root.raw"
	# No journal: power cuts are not tested here, and every boot has a fresh overlay.
	mkfs.ext4 -q -F -L root -O ^has_journal "$directory/root.raw"
	mkdir "$root"
	mount -o loop,noatime "$directory/root.raw" "$root"
}

install_packages() {
	local options packages
	mapfile -t options < <(apt_options)
	packages=$(IFS=, && printf '%s' "$*")
	# Files that nobody reads in the bed are left out; mmdebstrap cleans apt's lists and caches itself.
	mmdebstrap --quiet --mode=root --variant=minbase "${options[@]}" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook="cp -rT '$here/root' \"\$1\"" \
		--include="$packages" "$suite" "$root" "$sources"
}

configure() {
	# Once more: packages may have added files of their own.
	cp -rT "$here/root" "$root"
	install -D -m 600 "$authorized_keys" "$root/root/.ssh/authorized_keys"
	chmod 700 "$root/root/.ssh"
	ln -sf /run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
	cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$directory/host-key.pub"
	chroot "$root" systemctl --quiet enable systemd-networkd.service ssh.service auditd.service
	# Services that a machine does not need for an hour, and that cost seconds at each boot. A user manager of root's would
	# be started at each login.
	chroot "$root" systemctl --quiet mask systemd-networkd-wait-online.service systemd-network-generator.service \
		apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
		fstrim.timer logrotate.timer ssh.socket user@.service \
		getty@tty1.service serial-getty@ttyS0.service
	# libvirt comes by its socket when it is asked, and NFS and etcd when a test starts them.
	rm -f "$root/etc/systemd/system/multi-user.target.wants/libvirtd.service"
	chroot "$root" systemctl --quiet disable rpcbind.service nfs-server.service libvirt-guests.service nfs-client.target \
		etcd.service
	rm -f "$root/etc/libvirt/qemu/networks/autostart/default.xml"
	# A guest without KVM runs qemu's own translator, which the policy allows by this boolean only.
	chroot "$root" setsebool -N -P virt_use_execmem on
}

# The labels, as restorecon would set them: setfiles does not need a kernel with SELinux.
label() {
	chroot "$root" setfiles -F /etc/selinux/default/contexts/files/file_contexts / >/dev/null
}

make_file_system
install_packages "$@"
configure
# Caches of libraries, journal messages and hardware are made: without this the first boot makes them again.
touch -r "$root/usr" "$root/etc/.updated" "$root/var/.updated"
label
cp -L "$root"/boot/vmlinuz-* "$directory/vmlinuz"
cp -L "$root"/boot/initrd.img-* "$directory/initrd.img"
umount -R "$root"
rmdir "$root"
