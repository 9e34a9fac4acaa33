# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev coverage: how many of the domains of libvirt's own tests are understood, and why not the others.

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
	source_fetch libvirt libvirt-daemon-driver-qemu '*/tests/qemuxmlconfdata' '*/tests/qemufirmwaredata' \
		'*/tests/storagepoolxml2xmlout'
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
