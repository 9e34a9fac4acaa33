#!/usr/bin/env bash
# The life of the package in a fresh Debian with systemd, in which this runs as root: life.sh PACKAGE
# It is installed, confines a VM, is updated while the VM runs, removed and purged, and leaves nothing.
set -euo pipefail

readonly package=$1
readonly image=/vm/web1.raw before=user_u:object_r:before_t:s0

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"
# shellcheck source=labeler/src/test/packaging/mishaps.sh
source "${BASH_SOURCE[0]%/*}/mishaps.sh"

install_package() {
	apt-get install -y -q "$@" "$package" >/tmp/apt.log 2>&1 || {
		cat /tmp/apt.log
		fail "apt-get install"
	}
	cat /tmp/apt.log
}

check_files() {
	fact "apt installs no other package than those that it depends on" grep -q ' 1 newly installed\| 1 neu' /tmp/apt.log
	fact "no file differs from the package's" test -z "$(dpkg -V labeler)"
	fact "the group is there" getent group labeler
	fact "labeler --version answers" grep -q "^labeler $(dpkg-deb -f "$package" Version | sed 's/[-~+].*//')" <(labeler --version)
	fact "the units are right" systemd-analyze verify --man=no /usr/lib/systemd/system/labelerd.{socket,service}
	fact "the socket is enabled" systemctl is-enabled labelerd.socket
	fact "the service is enabled" systemctl is-enabled labelerd.service
	fact "the service runs" systemctl is-active labelerd.service
	fact "each command has its manual page" test -s /usr/share/man/man1/labeler-run.1.gz
	fact "bash completes the commands" bash -c 'source /usr/share/bash-completion/completions/labeler && complete -p labeler'
}

# Cockpit itself is not here: by dpkg alone, which does not ask for it.
cockpit_package() {
	local round
	for round in installed updated; do
		dpkg -i --force-depends /packages/cockpit.deb >/tmp/dpkg.log 2>&1 || fail "dpkg -i: $(cat /tmp/dpkg.log)"
		fact "the page in Cockpit is $round" test -s /usr/share/cockpit/labeler/manifest.json
		fact "with no file that differs" test -z "$(dpkg -V labeler-cockpit)"
	done
	fact "each module that the page loads is there" modules_are_there
	dpkg -P labeler-cockpit >/tmp/dpkg.log 2>&1 || fail "dpkg -P: $(cat /tmp/dpkg.log)"
	fact "and a purge leaves none of it" not test -e /usr/share/cockpit
}

modules_are_there() {
	local module modules
	mapfile -t modules < <(sed -nE 's/.* from "\.\/(.*)";$/\1/p' /usr/share/cockpit/labeler/*.js | sort -u)
	for module in "${modules[@]}"; do
		test -s "/usr/share/cockpit/labeler/$module" || return 1
	done
	[ "${#modules[@]}" -gt 5 ]
}

check_archive() {
	local first
	fact "the class-data archive is made" archive
	fact "and used" archived
	first=$(stat -c %i /var/cache/labeler/*.jsa)
	apt-get install -y -q --reinstall openjdk-25-jre-headless >/tmp/apt.log 2>&1
	fact "an update of Java makes it again" test "$first" != "$(stat -c %i /var/cache/labeler/*.jsa)"
	fact "and it is used" archived
	mount --bind /usr /usr
	mount -o remount,bind,ro /usr
	fact "with a read-only /usr too" /usr/lib/labeler/libexec/archive-classes
	fact "and it is used there" archived
	umount -l /usr
	cp -a /usr/lib/labeler/lib/labeler-*.jar /tmp/kept.jar
	touch /usr/lib/labeler/lib/labeler-*.jar
	fact "an archive of another jar is not used" not archived
	cp -a /tmp/kept.jar /usr/lib/labeler/lib/labeler-*.jar
	mkdir /tmp/kept
	mv /var/cache/labeler/*.jsa /tmp/kept
	fact "without an archive a command works" labeler --version
	mv /tmp/kept/*.jsa /var/cache/labeler
}

# Requests all the time: none may fail.
ask_on_and_on() {
	while [ ! -e /tmp/enough ]; do
		if labeler status web1 >/tmp/answer 2>&1; then echo answered; else cat /tmp/answer; fi
		sleep 0.1
	done
}

update() {
	local socket kept old asking
	socket=$(stat -c %i /run/labeler/labeler.sock)
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	old=$(systemctl show -P MainPID labelerd.service)
	ask_on_and_on >/tmp/answers &
	asking=$!
	until_is grep -q answered /tmp/answers
	install_package --reinstall
	until_is systemctl is-active labelerd.service
	: >/tmp/enough
	wait "$asking"
	fact "an update leaves the VM running" is_qemu
	fact "and starts a new service" test "$old" != "$(systemctl show -P MainPID labelerd.service)"
	fact "which knows the VM" labelled
	fact "the socket is the same" test "$socket" = "$(stat -c %i /run/labeler/labeler.sock)"
	fact "the guard's connections are kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	fact "and no request has failed meanwhile ($(grep -c answered /tmp/answers) were answered)" not grep -v answered /tmp/answers
	fact "a start waits no longer" not test -e /run/labeler/update
}

remove_with_a_vm() {
	mkdir -p /etc/libvirt/hooks
	labeler hook install libvirt
	apt-get remove -y -q labeler >/tmp/apt.log 2>&1
	cat /tmp/apt.log
	fact "a removal takes the hook along" not test -e /etc/libvirt/hooks/qemu.d/labeler
	fact "and names the VMs that are on record" grep -q 'on record: VM web1: holds' /tmp/apt.log
	fact "and leaves no archive" not test -e /var/cache/labeler
	apt-get purge -y -q labeler >/tmp/apt.log 2>&1
	cat /tmp/apt.log
	fact "the disk still has its label" has_label '*:svirt_image_t:s0:c*,c*'
	fact "a purge keeps a record of labels" test -s /var/lib/labeler/journal.db
	fact "and says so" grep -q '/var/lib/labeler stays' /tmp/apt.log
	rmdir /etc/libvirt/hooks /etc/libvirt
}

install_again() {
	install_package
	fact "installed again, it knows the VM" labelled
	systemctl stop web1
	until_is has_label "$before"
	fact "and gives its label back" has_label "$before"
}

everything >/tmp/before
install_package
check_files
cockpit_package
check_archive
run_vm
update
mishaps
remove_with_a_vm
install_again
apt-get purge -y -q labeler >/tmp/apt.log 2>&1
cat /tmp/apt.log
everything >/tmp/after
diff /tmp/before /tmp/after || fail "something is left"
printf 'fact: a purge leaves nothing\n'
