# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# ./dev build: compiles, and leaves a runnable tree.

build_usage() {
	cat <<'END'
usage: ./dev build

Runs ./dev setup and then `mvn package` without the tests. Leaves labeler/target/dist/ with bin/labeler and
bin/labelerd, which run from there or through symbolic links, and the class-data archives that make them start fast.
END
}

build_main() {
	[ $# -eq 0 ] || die 2 "build takes no argument '$1'"
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	# shellcheck disable=SC2119  # it takes no argument
	setup_main
	maven build package -DskipTests
}
