#!/usr/bin/env bash
# Before the fresh Debian is started: what the package depends on, and a qemu for the first VM. prepare.sh PACKAGE
set -euo pipefail

apt-get satisfy -y -q "$(dpkg-deb -f "$1" Depends)" qemu-system-x86 attr
# They would take dpkg's lock, or change files that are compared.
for timer in apt-daily apt-daily-upgrade dpkg-db-backup; do
	ln -sf /dev/null "/etc/systemd/system/$timer.timer"
done
