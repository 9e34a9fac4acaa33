# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev iotests: qemu's own tests of its block layer, with the guard before each qemu that they start.

readonly iotests_list=$root/labeler/src/test/resources/labeler/guard/iotests/tests.txt
readonly iotests_cases=$root/labeler/src/test/resources/labeler/guard/iotests/cases.txt
readonly iotests_wrapper=$root/labeler/src/test/resources/labeler/guard/iotests/guarded-qemu

# Seconds for one test. Those of the list take 1 to 40, and many times that on a busy machine; one that is refused in the
# middle may wait for ever.
readonly iotests_timeout=400

iotests_usage() {
	cat <<END
usage: ./dev iotests [TEST[@FORMAT]…]
       ./dev iotests --at DIRECTORY TEST…
       ./dev iotests --fetch

Fetches the source of the qemu that is installed (apt, from a list of its own; it stays in .cache), and runs its tests
with the installed programs, on qcow2 images, or those of a FORMAT: 045@raw, 147@nbd (raw on a server). The guard stands before the monitor of each qemu. Each line of
${iotests_list#"$root"/} says how a test has to end: it passes, or the guard refuses by these rules.
${iotests_cases#"$root"/} names the cases of a refused test that fail by it; its other cases have to pass.
Needs root, to set labels.

  --at      a guard serves already, with its socket in that directory
  --fetch   only prints the directory of the source
END
}

# iotests_fetch: prints the directory of the source of the installed version.
iotests_fetch() {
	source_fetch qemu qemu-system-x86 '*/tests/qemu-iotests' '*/python/qemu'
}

# iotests_expected TEST: "pass", "unguarded", "absent", or "refused RULE[,RULE…]", the rules in their order.
iotests_expected() {
	local end rules
	read -r end rules < <(awk -v test="$1" '$1 == test { print $2, ($2 == "refused" ? $3 : "") }' "$iotests_list") || return 0
	[ -z "$rules" ] || rules=$(tr , '\n' <<<"$rules" | LC_ALL=C sort | paste -sd,)
	printf '%s\n' "$end${rules:+ $rules}"
}

# iotests_failed LOG: the cases of Python's unittest that did not pass. A test of another kind has none.
iotests_failed() {
	sed -nE 's/^\+?(FAIL|ERROR): .*\(__main__\.([^ )]*)\).*/\2/p' "$1" | LC_ALL=C sort -u
}

# iotests_as_listed TEST: whether just these cases failed; else prints the difference, "<" where one is listed and passed.
iotests_as_listed() {
	diff <(awk -v test="$1" '$1 == test { print $2 }' "$iotests_cases" | LC_ALL=C sort -u) <(iotests_failed "$cache/logs/iotests-$1.log") |
		grep '^[<>]'
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# iotests_run SOURCE DIRECTORY TEST[@FORMAT]: prints how it ended.
iotests_run() {
	local name=${3%@*} format=(-qcow2)
	case $3 in
	*@nbd) format=(-raw -nbd) ;;
	*@*) format=("-${3#*@}") ;;
	esac
	local source=$1 directory=$2 test=$3 log=$cache/logs/iotests-$3.log judged=$cache/logs/iotests-$3-judged.log before status=0 rule
	before=$(wc -l <"$directory/log")
	(
		cd -- "$source/tests/qemu-iotests" || exit
		LABELER_IOTESTS=$directory TEST_DIR=$directory/t SOCK_DIR=$directory/s/a QEMU_PROG=$iotests_wrapper \
			QEMU_IMG_PROG=$(command -v qemu-img) QEMU_IO_PROG=$(command -v qemu-io) QEMU_NBD_PROG=$(command -v qemu-nbd) \
			QSD_PROG=$(command -v qemu-storage-daemon) PYTHONDONTWRITEBYTECODE=1 \
			timeout "$iotests_timeout" python3 ./check "${format[@]}" "$name"
	) >"$log" 2>&1 || status=$?
	tail -n "+$((before + 1))" "$directory/log" >"$judged"
	if [ "$status" -eq 124 ]; then
		printf 'not at an end\n'
	elif [ "$status" -ne 0 ]; then
		rule=$(sed -n 's/.*"REFUSED \([A-Z][0-9]*\)".*/\1/p;s/^\["START","refused".*/START/p' "$judged" | LC_ALL=C sort -u | paste -sd,)
		printf '%s\n' "${rule:+refused }${rule:-failed}"
	elif ! grep -q "^Passed all [1-9]" "$log"; then
		printf 'not run\n'
	elif [ -s "$judged" ]; then
		printf 'pass\n'
	else
		# No monitor at a socket, so no guard before it.
		printf 'unguarded\n'
	fi
}

# iotests_serve DIRECTORY: a guard in a process of its own.
iotests_serve() {
	test_java_prepare
	(test_java labeler.guard.judge.GuardedQemus "$1" "human-monitor-command qemu-io *" 2>"$1/errors") &
	iotests_guard=$!
	until [ -S "$1/control" ]; do
		sleep 0.2
		kill -0 "$iotests_guard" || die 1 "the guard does not start: $(head -n 3 "$1/errors")"
	done
}
iotests_guard='' iotests_directory=''

iotests_clean_up() {
	if [ -n "$iotests_guard" ]; then
		kill "$iotests_guard" 2>/dev/null || true
		wait "$iotests_guard" 2>/dev/null || true
	fi
	[ -z "$iotests_directory" ] || rm -rf --one-file-system -- "$iotests_directory"
}

iotests_main() {
	local source directory='' test expected ended cases wrong=0 tests=()
	case ${1:-} in
	--fetch)
		iotests_fetch
		return
		;;
	--at)
		directory=${2:-}
		shift 2 || die 2 "--at needs a directory"
		;;
	-*) die 2 "iotests takes no option '$1'" ;;
	esac
	[ "$EUID" -eq 0 ] || die 1 "the guard sets security.* attributes, which takes root"
	source=$(iotests_fetch)
	mkdir -p "$cache/logs"
	if [ -z "$directory" ]; then
		# Short: the names of sockets below it have to fit.
		iotests_directory=$(mktemp -d /tmp/iotests.XXX)
		directory=$iotests_directory
		trap iotests_clean_up EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		iotests_serve "$directory"
	fi
	tests=("$@")
	[ $# -gt 0 ] || mapfile -t tests < <(awk '!/^#/ && NF && $2 != "absent" { print $1 }' "$iotests_list")
	for test in "${tests[@]}"; do
		expected=$(iotests_expected "$test")
		ended=$(iotests_run "$source" "$directory" "$test")
		if [ "$ended" != "$expected" ]; then
			printf '%-28s %s, and not %s; see .cache/logs/iotests-%s.log\n' "$test" "$ended" "${expected:-listed}" "$test"
			wrong=1
		elif ! cases=$(iotests_as_listed "$test"); then
			printf '%-28s %s, but not in the cases that are listed:\n%s\n' "$test" "$ended" "$cases"
			wrong=1
		else
			printf '%-28s %s\n' "$test" "$ended"
		fi
	done
	return "$wrong"
}
