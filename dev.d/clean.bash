# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# ./dev clean: removes what the build made.

clean_usage() {
	cat <<'END'
usage: ./dev clean [--all]

Removes the target/ directories. --all removes .cache/ as well: logs, and the container images of the tests.
END
}

clean_main() {
	rm -rf -- target */target
	case ${1:-} in
	'') ;;
	--all) rm -rf -- "$cache" ;;
	*) die 2 "clean takes no argument '$1'" ;;
	esac
}
