# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# ./dev clean: removes the build's files.

clean_usage() {
	cat <<'END'
usage: ./dev clean [--all]

Removes the target/ directories. --all removes .cache/ as well: logs, the container images of the tests, the bed's
images (a running bed is ended first) and the finds and inputs of fuzzing.
END
}

clean_main() {
	case ${1:-} in
	'' | --all) ;;
	*) die 2 "clean takes no argument '$1'" ;;
	esac
	rm -rf -- target */target
	[ "${1:-}" = --all ] || return 0
	if [ -e "$cache/bed/running" ]; then
		# shellcheck source=dev.d/bed.bash
		source "$root/dev.d/bed.bash"
		bed_lock
		bed_down
	fi
	rm -rf -- "$cache"
}
