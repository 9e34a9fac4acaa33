# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev coverage: how many of the domains of libvirt's own tests are understood, and why not the others.

readonly coverage_cache=$cache/libvirt-source

coverage_usage() {
	cat <<'END'
usage: ./dev coverage [--names]
       ./dev coverage --fetch

Fetches the source of the libvirt that is installed (apt, from a list of its own; it stays in .cache), reads each
domain of its tests that libvirt accepts, and prints the numbers, and each reason for which one is refused. The
numbers are written into docs/coverage.md as well. Then it does the same with each command line that the tests expect.

  --names   also prints each file of the command lines that libvirt makes which no definition names
  --fetch   only prints the directory of the source
END
}

# coverage_fetch: prints the directory of the source of the installed version.
coverage_fetch() {
	local version directory option=()
	version=$(dpkg-query -W -f '${source:Version}' libvirt-daemon-driver-qemu 2>/dev/null) ||
		die 1 "libvirt is not installed from a Debian package: its source is not known"
	directory=$coverage_cache/${version//[^0-9a-zA-Z.+]/-}
	if [ ! -e "$directory/done" ]; then
		mkdir -p "$directory/lists/partial"
		apt_source_list >"$directory/sources.list"
		option=(-q -o Dir::Etc::sourcelist="$directory/sources.list" -o Dir::Etc::sourceparts=-
			-o Dir::State::lists="$directory/lists" -o Dir::Cache="$directory/cache")
		(
			cd -- "$directory" || exit
			quietly "apt source index" apt-get "${option[@]}" update
			# A mirror may lack the description or the signature, of which nothing is needed here.
			apt-get "${option[@]}" source --download-only "libvirt=$version" >>"$cache/logs/apt-source-libvirt.log" 2>&1 ||
				[ -s libvirt_"${version%%-*}".orig.tar.xz ] || die 1 "the source of libvirt $version cannot be fetched"
			tar xf libvirt_*.orig.tar.xz --wildcards '*/tests/qemuxmlconfdata' '*/tests/qemufirmwaredata' \
				'*/tests/storagepoolxml2xmlout' --strip-components=1
		)
		rm -rf -- "$directory/lists" "$directory/cache" "$directory"/libvirt_*
		touch "$directory/done"
	fi
	printf '%s\n' "$directory"
}

coverage_main() {
	local source option=()
	case ${1:-} in
	--fetch)
		coverage_fetch
		return
		;;
	--names) option=(--names) ;;
	'') ;;
	*) die 2 "coverage takes no option '$1'" ;;
	esac
	source=$(coverage_fetch)
	test_java_prepare
	(test_java labeler.vm.libvirt.Coverage "$source/tests" "$root/docs/coverage.md" "${option[@]}")
	(test_java labeler.vm.qemu.option.LibvirtCommandLines "$source/tests/qemuxmlconfdata")
}
