# shellcheck shell=bash
# ./dev format: the Java sources into the project's format.

format_usage() {
	cat <<'END'
usage: ./dev format

Rewrites the Java sources in the project's format (palantir-java-format). `./dev test` fails if that is not done.
END
}

format_main() {
	[ $# -eq 0 ] || die 2 "format takes no argument '$1'"
	maven format spotless:apply
}
