# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev coverage-argv: how many of the command lines that libvirt's own tests expect are understood.

readonly coverage_argv_cache=$cache/libvirt-source

coverage-argv_usage() {
	cat <<END
usage: ./dev coverage-argv
       ./dev coverage-argv --fetch

Fetches the source of the libvirt that is installed (apt, from a list of its own; it stays in .cache), reads each
command line that libvirt's own tests expect, and prints how many are understood, and why the others are refused.

  --fetch   only prints the directory of the source
END
}

# coverage_argv_fetch: prints the directory of the source of the installed version.
coverage_argv_fetch() {
	local version directory option=()
	version=$(dpkg-query -W -f '${source:Version}' libvirt0 2>/dev/null) ||
		die 1 "libvirt is not installed from a Debian package: its source is not known"
	directory=$coverage_argv_cache/argv-${version//[^0-9a-zA-Z.+]/-}
	if [ ! -e "$directory/done" ]; then
		mkdir -p "$directory/lists/partial"
		coverage_argv_sources >"$directory/sources.list"
		option=(-q -o Dir::Etc::sourcelist="$directory/sources.list" -o Dir::Etc::sourceparts=-
			-o Dir::State::lists="$directory/lists" -o Dir::Cache="$directory/cache")
		(
			cd -- "$directory" || exit
			quietly "apt source index of libvirt" apt-get "${option[@]}" update
			# A mirror may lack the description or the signature; the archive alone is enough.
			apt-get "${option[@]}" source --download-only "libvirt=$version" >"$directory/log" 2>&1 || true
			tar xf libvirt_*.orig.tar.xz --wildcards '*/tests/qemuxmlconfdata' --strip-components=1 2>>"$directory/log" ||
				die 1 "the source of libvirt $version cannot be fetched; see $directory/log"
		)
		rm -rf -- "$directory/lists" "$directory/cache" "$directory"/libvirt_*
		touch "$directory/done"
	fi
	printf '%s\n' "$directory"
}

coverage_argv_sources() {
	local release
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] http://deb.debian.org/%s main\n' \
		"debian $release" "debian-security $release-security"
}

coverage-argv_main() {
	local source
	case ${1:-} in
	--fetch)
		coverage_argv_fetch
		return
		;;
	-*) die 2 "coverage-argv takes no option '$1'" ;;
	esac
	source=$(coverage_argv_fetch)
	test_java_prepare
	test_java labeler.vm.qemu.option.LibvirtCommandLines "$source/tests/qemuxmlconfdata"
}
