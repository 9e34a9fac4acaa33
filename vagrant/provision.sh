#!/usr/bin/env bash
# Makes a Vagrant guest a host for the acceptance tests, and runs them: provision.sh STEP, as root.
#
#   packages                  packages for the tests, and SELinux for the next boot
#   product                   the built tree in /labeler/dist, installed by hand, as docs/operations.md has it
#   acceptance                the tests, until they ask for a reboot
#   acceptance-after-reboot   the rest of them
set -euo pipefail

readonly shared=/labeler
readonly scripts=$shared/vagrant
# The status with which acceptance/run.sh asks for a reboot.
readonly reboot_status=194

# distribution: debian or fedora.
distribution() {
	(
		# shellcheck source=/dev/null
		source /etc/os-release
		printf '%s' "$ID"
	)
}

# packages_of FILE: without its comments.
packages_of() {
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"
}

install_packages() {
	local packages
	mapfile -t packages < <(packages_of "$scripts/packages/$(distribution).txt")
	case $(distribution) in
	debian)
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -q
		apt-get install -y -q --no-install-recommends "${packages[@]}" selinux-basics
		# Switches the boot to SELinux and asks for a relabelling at the next one.
		selinux-activate
		sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config
		setsebool -N -P virt_use_execmem on
		;;
	fedora)
		dnf install -y -q "${packages[@]}"
		;;
	*)
		echo "provision.sh: neither Debian nor Fedora" >&2
		exit 1
		;;
	esac
}

run_acceptance() {
	local status=0
	bash "$scripts/acceptance/run.sh" || status=$?
	case $status in
	0 | "$reboot_status") ;;
	*) exit "$status" ;;
	esac
}

case ${1:-} in
packages) install_packages ;;
product)
	"$scripts/install-product.sh" "$shared/dist"
	"$scripts/prepare-host.sh"
	;;
acceptance) run_acceptance ;;
# If the first run did not ask for a reboot, it has failed before, and Vagrant has stopped there.
acceptance-after-reboot) bash "$scripts/acceptance/run.sh" ;;
*)
	sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
