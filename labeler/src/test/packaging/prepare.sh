#!/usr/bin/env bash
# Before the fresh Debian is started: what the package depends on, and a qemu for the first VM. prepare.sh deb|bundled|rpm|first
set -euo pipefail

case $1 in
deb | bundled) apt-get satisfy -y -q "$(dpkg-deb -f /packages/labeler.deb Depends)" qemu-system-x86 attr ;;
# systemd runs the test; a person has it already.
first) apt-get install -y -q systemd ;;
rpm) apt-get install -y -q openjdk-25-jre-headless systemd qemu-system-x86 attr rpm ;;
esac
# They would take dpkg's lock, or change files that are compared.
for timer in apt-daily apt-daily-upgrade dpkg-db-backup; do
	ln -sf /dev/null "/etc/systemd/system/$timer.timer"
done
