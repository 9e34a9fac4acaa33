# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# ./dev setup: installs only missing packages.

setup_usage() {
	cat <<END
usage: ./dev setup

Installs missing packages for all commands, with apt or dnf, as root or through sudo: a JDK $minimum_java or later, Maven,
qemu, gcc with the C headers, and the tools that the tests and scripts call. A command brings by itself what it needs, so
this is not needed before one: ./dev build brings a JDK and Maven alone.
On Debian it also installs podman with runc, which the container tests run in, and the SELinux policy in whose copy the
policy module is tested; it does not switch SELinux on. Debian's package of etcd starts a member on the loopback device, which
no test uses: systemctl disable --now etcd ends it.
If nothing is missing, it ends within a second and needs no network.
END
}

# Tables say what to look for (a command, or a file by its absolute path), and the package that brings it: apt, dnf.

# For ./dev build, beside a JDK.
setup_build_table() {
	cat <<'END'
mvn  maven  maven
END
}

# For the emulator of ./dev build, without which one command refuses.
setup_compiler_table() {
	cat <<'END'
gcc                      gcc              gcc
/usr/include/stdio.h     libc6-dev        glibc-devel
/usr/lib64/libc.a        -                glibc-static
/usr/include/linux/fs.h  linux-libc-dev   kernel-headers
END
}

# For the demo and for measurements, beside those.
setup_demo_table() {
	cat <<'END'
qemu-system-x86_64       qemu-system-x86  qemu-system-x86-core
qemu-img                 qemu-utils       qemu-img
getfattr                 attr             attr
curl                     curl             curl
jq                       jq               jq
socat                    socat            socat
sqlite3                  sqlite3          sqlite
mkfs.ext4                e2fsprogs        e2fsprogs
losetup                  mount            util-linux
flock                    util-linux       util-linux
END
}

# For the tests, beside those.
setup_test_table() {
	cat <<'END'
strace                   strace           strace
semodule                 policycoreutils  policycoreutils
seinfo                   setools          setools-console
selabel_lookup           selinux-utils    libselinux-utils
shellcheck               shellcheck       ShellCheck
zsh                      zsh              zsh
fish                     fish             fish
etcd                     etcd-server      etcd
spin                     spin             -
nft                      nftables         nftables
ip                       iproute2         iproute
openssl                  openssl          openssl
END
}

# For the guest of ./dev bed, beside those of the demo.
setup_bed_table() {
	cat <<'END'
ssh-keygen  openssh-client  openssh-clients
mmdebstrap  mmdebstrap      -
END
}

# The container engine: runc, since crun refuses hybrid cgroups. vagrant checks the Vagrantfile; a private libvirt runs guarded domains.
setup_container_table() {
	cat <<'END'
podman                           podman         podman
runc                             runc           runc
/usr/bin/conmon                  conmon         conmon
/usr/lib/podman/netavark         netavark       -
/usr/lib/podman/aardvark-dns     aardvark-dns   -
nft                              nftables       nftables
iptables                         iptables       iptables-nft
/usr/libexec/podman/catatonit    catatonit      -
virsh                            libvirt-clients  -
/usr/sbin/libvirtd               libvirt-daemon   -
/usr/share/doc/libvirt-daemon-driver-qemu  libvirt-daemon-driver-qemu  -
vagrant                          vagrant        -
END
}

package_manager() {
	if have apt-get; then
		echo apt
	elif have dnf; then
		echo dnf
	else
		echo none
	fi
}

# The policy in whose copy the module is tested. Its package does not change the kernel: Debian's starts without SELinux
# unless its command line says otherwise.
setup_policy_table() {
	cat <<'END'
/usr/share/selinux/default       selinux-policy-default  -
END
}

# missing_packages MANAGER TABLE…: one package a line.
missing_packages() {
	local manager=$1 probe apt dnf package
	shift
	while read -r probe apt dnf; do
		case $probe in
		/*) [ -e "$probe" ] && continue ;;
		*) have "$probe" && continue ;;
		esac
		case $manager in
		apt) package=$apt ;;
		dnf) package=$dnf ;;
		*) package=$probe ;;
		esac
		[ "$package" = - ] || printf '%s\n' "$package"
	done < <(
		for table in "$@"; do
			"$table"
		done
	)
	if ! (find_jdk); then
		case $manager in
		apt) echo openjdk-25-jdk-headless ;;
		dnf) echo java-25-openjdk-devel ;;
		*) echo "a JDK $minimum_java" ;;
		esac
	fi
}

# as_root COMMAND…
as_root() {
	if [ "$EUID" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

apt_install() {
	export DEBIAN_FRONTEND=noninteractive
	# The lists of a new machine are empty or old: they are fetched only if the first try does not find everything.
	as_root apt-get install -y -q --no-install-recommends "$@" || {
		as_root apt-get update -q
		as_root apt-get install -y -q --no-install-recommends "$@"
	}
}

# setup_install TABLE…: installs what is missing of these, and a JDK.
setup_install() {
	local manager missing
	manager=$(package_manager)
	mapfile -t missing < <(missing_packages "$manager" "$@" | sort -u)
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$manager" != none ] || die 1 "neither apt nor dnf here; please install: ${missing[*]}"
	if [ "$EUID" -ne 0 ] && ! { have sudo && sudo -n true 2>/dev/null; }; then
		die 1 "not root and no sudo without a password; please run: ${manager/apt/apt-get} install ${missing[*]}"
	fi
	say "installing ${missing[*]}"
	case $manager in
	apt) quietly apt apt_install "${missing[@]}" ;;
	dnf) quietly dnf as_root dnf install -y -q "${missing[@]}" ;;
	esac
	mapfile -t missing < <(missing_packages "$manager" "$@" | sort -u)
	[ ${#missing[@]} -eq 0 ] || die 1 "still missing after the installation: ${missing[*]}"
}

setup_build() {
	setup_install setup_build_table
}

# What is distributed or measured is whole.
setup_whole() {
	setup_install setup_build_table setup_compiler_table
}

setup_demo() {
	setup_install setup_build_table setup_compiler_table setup_demo_table
}

setup_bed() {
	setup_install setup_build_table setup_compiler_table setup_demo_table setup_bed_table
}

setup_main() {
	local tables=(setup_build_table setup_compiler_table setup_demo_table setup_bed_table setup_test_table)
	[ $# -eq 0 ] || die 2 "setup takes no argument '$1'"
	[ "$(package_manager)" != apt ] || tables+=(setup_container_table setup_policy_table)
	setup_install "${tables[@]}"
}
