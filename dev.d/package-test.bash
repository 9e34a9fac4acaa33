# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and package_output come from the scripts that source this
# The checks of the packages, for ./dev package --test and ./dev test --packages.

readonly package_scripts=$root/labeler/src/test/packaging
readonly package_suite=trixie
# One life: a few minutes, and twenty where much else runs. A system that hangs is ended.
readonly package_patience=1h
# What the fresh Debian may install: what the package depends on, a qemu for the first VM, and rpm for the other package. Fetched with the base, so
# that the test itself needs no network.
readonly package_fetched=(openjdk-25-jre-headless systemd qemu-system-x86 qemu-utils curl attr rpm)

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
	[ -n "$(package_groups)" ] || echo "the fresh Debian's systemd needs control groups of version 2, which are mounted nowhere"
}

# Sets $package_base.
package_build_base() {
	local options sources=$cache/package/apt-sources
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
	# In a process of its own, whose end removes what it worked with.
	(
		work=$(mktemp -d "$cache/package/base.XXXXXX")
		trap 'rm -rf --one-file-system -- "$work"' EXIT
		quietly package-base unshare --mount --propagation private -- \
			mmdebstrap --quiet --mode=root --variant=minbase "${options[@]}" --aptopt='APT::Install-Recommends "false"' \
			--skip=cleanup/apt --customize-hook="chroot \"\$1\" apt-get install -q -y --download-only ${package_fetched[*]}" \
			"$package_suite" "$work/root" "$sources"
		rm -rf -- "$cache"/package/base-*
		mv -- "$work" "$package_base"
	)
}

# package_lint: each finding is explained in an override, or is an error.
package_lint() {
	local found
	if compgen -G "$package_output/*.deb" >/dev/null; then
		found=$(lintian --allow-root --fail-on error,warning "$package_output"/*.deb 2>&1) || {
			printf '%s\n' "$found" >&2
			die 1 "lintian found something in the packages"
		}
		printf 'packages: lintian finds nothing\n'
	fi
	if compgen -G "$package_output/*.rpm" >/dev/null; then
		found=$(rpmlint -r "$packaging/rpm/rpmlintrc" "$package_output"/*.rpm 2>&1) || :
		grep -q ' 0 errors, 0 warnings' <<<"$found" || {
			printf '%s\n' "$found" >&2
			die 1 "rpmlint found something in the packages"
		}
		printf 'packages: rpmlint finds nothing\n'
	fi
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

# package_enter ROOT COMMAND…: in another root, with namespaces of its own: what it starts and mounts ends with it, and it
# reaches no network. Its control group is one of its own too, for systemd.
package_enter() {
	local group
	group=$(package_groups)/labeler-package-$$
	mkdir "$group"
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		exec timeout --kill-after=10s "$package_patience" \
			unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child --propagation private -- \
			bash "$package_scripts/enter.sh" "$@" </dev/null
	) || true
	find "$group" -depth -type d -exec rmdir '{}' + 2>/dev/null || true
}

# Where control groups of version 2 are mounted.
package_groups() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

# package_others DEB INTO: two packages out of this one, for its updates and changes: newer.deb with a higher version, another
# name of the jar, a mark in its unit and a line more in its settings, and other.deb, with the name and the relations of labeler-bundled. (Not the real
# one: to make its runtime and to compress it takes minutes on a small machine.)
package_others() {
	local deb=$1 into=$2 work tree version
	work=$(mktemp -d "$cache/package/others.XXXXXX")
	tree=$work/tree
	dpkg-deb -R "$deb" "$tree"
	version=$(dpkg-deb -f "$deb" Version)
	sed -i "s/^Version: .*/Version: $version+newer/" "$tree/DEBIAN/control"
	mv "$tree"/usr/lib/labeler/lib/labeler-[0-9]*.jar "$tree/usr/lib/labeler/lib/labeler-newer.jar"
	grep -rlE 'lib/labeler-[0-9][^/"]*\.jar' "$tree/usr/lib/labeler/bin" "$tree/usr/lib/labeler/libexec" |
		xargs sed -i -E 's|lib/labeler-[0-9][^/"]*\.jar|lib/labeler-newer.jar|'
	sed -i 's/^\[Service\]$/&\nEnvironment=LABELER_TEST_MARK=newer/' "$tree/usr/lib/systemd/system/labelerd.service"
	printf '# newer\n' >>"$tree/etc/labeler/labeler.toml"
	package_sums "$tree"
	dpkg-deb -Z none -b "$tree" "$into/newer.deb"
	rm -r "$tree"
	dpkg-deb -R "$deb" "$tree"
	sed -i -e 's/^Package: .*/Package: labeler-bundled/' -e 's/^\(Conflicts\|Replaces\): .*/\1: labeler/' \
		-e "/^Replaces:/a Provides: labeler (= $version)" "$tree/DEBIAN/control"
	rm -f "$tree/DEBIAN/triggers"
	package_sums "$tree"
	dpkg-deb -Z none -b "$tree" "$into/other.deb"
	rm -r "$work"
}

package_sums() {
	(cd "$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

# Sets $package_work: a fresh Debian with the scripts of the tests in /packages.
package_system() {
	package_build_base
	package_work=$(mktemp -d "$cache/package/debian.XXXXXX")
	cp -a --reflink=auto "$package_base/root" "$package_work/root"
	install -D -m 644 -t "$package_work/root/packages" "$package_scripts"/*.sh
	install -m 644 -t "$package_work/root/etc/systemd/system" "$package_scripts/life.service"
}

# package_life NAME LAST SCRIPT ARGUMENT…: runs a script in $package_work, with systemd. LAST is its last fact.
package_life() {
	local name=$1 last=$2 log=$cache/logs/$1-life.log fresh=$package_work/root
	shift 2
	sed -i "s|^ExecStart=.*|ExecStart=/bin/bash $*|" "$fresh/etc/systemd/system/life.service"
	package_enter "$fresh" bash /packages/prepare.sh "$name" >"$log" 2>&1
	package_enter "$fresh" /usr/lib/systemd/systemd --log-target=console --unit=life.service >>"$log" 2>&1
	cat "$fresh/packages/console" "$fresh/packages/log" >>"$log" 2>/dev/null || true
	if [ "$(tail -n 1 "$log")" != "fact: $last" ]; then
		tail -n 40 "$log" >&2
		die 1 "the $name failed in a fresh Debian; all of its output is in $log, the system in $package_work"
	fi
	sed -n 's/^fact: /  /p' "$log"
	printf 'packages: %d facts of the %s in a fresh Debian\n' "$(grep -c '^fact: ' "$log")" "$name"
	rm -rf --one-file-system -- "$package_work"
}

package_install_deb() {
	local deb=("$package_output"/labeler_*.deb) page=("$package_output"/labeler-cockpit_*.deb)
	package_system
	install -m 644 "${deb[0]}" "$package_work/root/packages/labeler.deb"
	install -m 644 "${page[0]}" "$package_work/root/packages/cockpit.deb"
	quietly package-others package_others "${deb[0]}" "$package_work/root/packages"
	package_life deb "a purge leaves nothing" /packages/life.sh /packages/labeler.deb
}

# The README, as a person follows it.
package_first_minutes() {
	local deb=("$package_output"/labeler_*.deb)
	package_system
	install -D -m 644 -t "$package_work/root/root/labeler/target/packages" "${deb[0]}"
	install -m 644 "$root/README.md" "$root/vagrant/acceptance/programs/paste_readme.sh" "$package_work/root/packages"
	package_life first "the doctor finds no fault" /packages/first-minutes.sh /packages/README.md
}

# Without mishaps: the scripts are those of the other package.
package_install_bundled() {
	local deb=("$package_output"/labeler-bundled_*.deb)
	package_system
	install -m 644 "${deb[0]}" "$package_work/root/packages/labeler.deb"
	package_life bundled "a purge leaves nothing" /packages/bundled-life.sh /packages/labeler.deb
}

package_install_rpm() {
	package_system
	install -m 644 -t "$package_work/root/packages" "$package_output"/labeler-*.rpm
	package_life rpm "a removal leaves nothing else" /packages/rpm-life.sh /packages
}

# package_test TREE KIND…
package_test() {
	local lack
	lack=$(package_lacks)
	[ -z "$lack" ] || die 1 "$lack"
	mkdir -p "$cache/logs"
	package_lint
	package_again "$@"
	shift
	case " $* " in *" deb "*)
		package_first_minutes
		package_install_deb
		;;
	esac
	case " $* " in *" bundled "*) package_install_bundled ;; esac
	case " $* " in *" rpm "*) package_install_rpm ;; esac
}
