# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# ./dev build: compiles, and leaves a runnable tree.

build_usage() {
	cat <<'END'
usage: ./dev build

Installs a JDK and Maven where they are missing, and runs `mvn package` without the tests. Leaves labeler/target/dist/ with
bin/labeler and bin/labelerd, which run from there or through symbolic links, and the class archives that make them
start fast. Where gcc with its static C library is missing, `labeler libvirt adopt` is left out, which refuses then.
END
}

# build_tree SETUP: with the packages of setup_SETUP.
build_tree() {
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	"setup_$1"
	maven build package -DskipTests
	[ "$1" = build ] || [ -x "$dist/libexec/labeler-emulator" ] || die 1 "gcc cannot link statically, see .cache/logs/build.log"
}

build_main() {
	[ $# -eq 0 ] || die 2 "build takes no argument '$1'"
	build_tree build
}
