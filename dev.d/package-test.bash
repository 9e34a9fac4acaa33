# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and package_output come from the scripts that source this
# The checks of the packages, for ./dev package --test and ./dev test --packages.

readonly package_scripts=$root/labeler/src/test/packaging
readonly package_suite=trixie
# What the fresh Debian may install: what the package depends on, and a qemu for the first VM. Fetched with the base, so
# that the test itself needs no network.
readonly package_fetched=(openjdk-25-jre-headless systemd qemu-system-x86 attr)

# The reason why this machine cannot check packages, or nothing.
package_lacks() {
	local tool
	[ "$EUID" -eq 0 ] || {
		echo "the packages are installed into a fresh Debian, which takes root"
		return
	}
	for tool in dh dpkg-buildpackage lintian mmdebstrap apt-get unshare getfattr; do
		have "$tool" || {
			echo "the check of the packages needs the program $tool"
			return
		}
	done
}

# Sets $package_base.
package_build_base() {
	local options work sources=$cache/package/apt-sources
	if ! declare -F bed_sources >/dev/null; then
		# shellcheck source=dev.d/bed-image.bash
		source "$root/dev.d/bed-image.bash"
	fi
	mkdir -p "$cache/package"
	bed_sources >"$sources"
	package_base=$cache/package/base-$({
		cat "$sources"
		printf '%s\n' "${package_fetched[@]}"
	} | sha256sum | cut -c1-16)
	[ ! -e "$package_base" ] || return 0
	mapfile -t options < <(apt-config dump |
		sed -nE 's/^(Acquire::(Check-Valid-Until|Check-Date|Retries|https?::Proxy) .*);$/--aptopt=\1/p')
	work=$(mktemp -d "$cache/package/base.XXXXXX")
	quietly package-base unshare --mount --propagation private -- \
		mmdebstrap --quiet --mode=root --variant=minbase "${options[@]}" --aptopt='APT::Install-Recommends "false"' \
		--skip=cleanup/apt --customize-hook="chroot \"\$1\" apt-get install -q -y --download-only ${package_fetched[*]}" \
		"$package_suite" "$work/root" "$sources"
	rm -rf -- "$cache"/package/base-*
	mv -- "$work" "$package_base"
}

# package_lint: each finding is explained in an override, or is an error.
package_lint() {
	local found
	found=$(lintian --allow-root --fail-on error,warning "$package_output"/*.deb 2>&1) || {
		printf '%s\n' "$found" >&2
		die 1 "lintian found something in the packages"
	}
	printf 'packages: lintian finds nothing\n'
}

# package_again TREE KIND…: the same bytes from another directory, with another umask, time zone and language.
package_again() {
	local tree=$1 other file name
	shift
	other=$(mktemp -d "$cache/package/again.XXXXXX")
	(
		umask 077
		export TZ=Pacific/Kiritimati LC_ALL=C.UTF-8
		cp -R "$tree" "$other/another-tree"
		package_make "$other/another-tree" "$other/packages" "$@"
	)
	for file in "$package_output"/*; do
		name=${file##*/}
		cmp -- "$file" "$other/packages/$name" || die 1 "$name has other bytes when it is packed again: see $other"
	done
	rm -rf -- "$other"
	printf 'packages: the same bytes again\n'
}

# package_install: the life of the package in a fresh Debian.
package_install() {
	local work deb=("$package_output"/labeler_*.deb)
	package_build_base
	work=$(mktemp -d "$cache/package/debian.XXXXXX")
	cp -a --reflink=auto "$package_base/root" "$work/root"
	install -D -t "$work/root/packages" "${deb[0]}" "$package_scripts/life.sh"
	# Namespaces of its own: what it starts and mounts ends with it, and it reaches no network.
	if ! unshare --mount --pid --net --ipc --uts --fork --kill-child --propagation private -- \
		bash "$package_scripts/enter.sh" "$work/root" bash /packages/life.sh "/packages/${deb[0]##*/}" \
		>"$cache/logs/package-life.log" 2>&1; then
		tail -n 40 "$cache/logs/package-life.log" >&2
		die 1 "the package failed in a fresh Debian; all of its output is in .cache/logs/package-life.log, the system in $work"
	fi
	sed -n 's/^fact: /  /p' "$cache/logs/package-life.log"
	printf 'packages: %d facts in a fresh Debian\n' "$(grep -c '^fact: ' "$cache/logs/package-life.log")"
	rm -rf --one-file-system -- "$work"
}

# package_test TREE KIND…
package_test() {
	local lack
	lack=$(package_lacks)
	[ -z "$lack" ] || die 1 "$lack"
	mkdir -p "$cache/logs"
	package_lint
	package_again "$@"
	package_install
}
