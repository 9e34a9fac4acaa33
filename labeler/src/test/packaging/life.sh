#!/usr/bin/env bash
# The life of the package in a fresh Debian with systemd, in which this runs as root: life.sh PACKAGE
# It is installed, confines a VM, is updated while the VM runs, removed and purged, and leaves nothing.
set -euo pipefail

readonly package=$1 name=labeler
readonly image=/vm/web1.raw before=user_u:object_r:before_t:s0

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"
# shellcheck source=labeler/src/test/packaging/walk.sh
source "${BASH_SOURCE[0]%/*}/walk.sh"
# shellcheck source=labeler/src/test/packaging/mishaps.sh
source "${BASH_SOURCE[0]%/*}/mishaps.sh"
# shellcheck source=labeler/src/test/packaging/poor-hosts.sh
source "${BASH_SOURCE[0]%/*}/poor-hosts.sh"

# Cockpit itself is not here: by dpkg alone, which does not ask for it.
cockpit_package() {
	local round
	for round in installed updated; do
		dpkg -i --force-depends /packages/cockpit.deb >/tmp/dpkg.log 2>&1 || fail "dpkg -i: $(cat /tmp/dpkg.log)"
		fact "the page in Cockpit is $round" test -s /usr/share/cockpit/labeler/manifest.json
		fact "with no file that differs" test -z "$(dpkg -V labeler-cockpit)"
	done
	fact "each part that the page loads is there, and the licences" parts_are_there
	dpkg -P labeler-cockpit >/tmp/dpkg.log 2>&1 || fail "dpkg -P: $(cat /tmp/dpkg.log)"
	fact "and a purge leaves none of it" not test -e /usr/share/cockpit
}

# What index.html names beside Cockpit's own library; scripts and styles are packed.
parts_are_there() {
	local part parts
	mapfile -t parts < <(sed -nE 's/.*(src|href)="([^./]+\.[a-z]+)".*/\2/p' /usr/share/cockpit/labeler/index.html)
	for part in "${parts[@]}"; do
		gzip -t "/usr/share/cockpit/labeler/$part.gz" || return 1
	done
	[ "${#parts[@]}" -eq 2 ] && grep -q '^react-dom .*MIT' /usr/share/cockpit/labeler/licences.txt
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

everything >/tmp/before
install_package
check_files
cockpit_package
check_archive
run_vm
update
mishaps
poor_hosts
remove_with_a_vm
install_again
purge_leaves_nothing
