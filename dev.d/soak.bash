# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev soak: the unit tests many times on a busy machine, to find a test that fails now and then.

soak_usage() {
	cat <<'END'
usage: ./dev soak [ROUNDS] [MAVEN OPTION…]

Compiles once, and runs the unit tests ROUNDS times (20, if none is given), beside two busy loops. A failure ends
nothing. Prints a line for each round, and at the end how often each class failed. Fails if one did.

Maven's output of each round is in .cache/logs/soak-ROUND.log. One class alone, a hundred times:
./dev soak 100 -Dtest=SomeTest -Dsurefire.failIfNoSpecifiedTests=false
END
}

# failed_classes: the classes that failed in this round, from the reports. One element a line, as Surefire breaks them
# over several.
failed_classes() {
	find -- */target/surefire-reports -name 'TEST-*.xml' -exec cat -- {} + 2>/dev/null | tr '\n' ' ' |
		sed 's/<testsuite /\n<testsuite /g' | sed -n 's/^\(<testsuite [^>]*>\).*/\1/p' |
		sed -nE '/ (errors|failures)="[1-9]/s/.* name="([^"]*)".*/\1/p' | LC_ALL=C sort
}

# soak_round NUMBER MAVEN-OPTION…: appends the classes that failed to $soak_failures. A round in which Maven fails and no
# class does (a test process that crashed) counts for itself.
soak_round() {
	local number=$1 status=0 failed counted
	shift
	remove_reports
	# Not by maven(), which prints the end of each failure. Up to the tests, since Maven does not find the modules' classes
	# without the phases before. These must compile nothing again: a module whose sibling is a directory now and was a jar
	# in the last build would count as changed.
	mvn -B -ntp -o test -Dmaven.main.skip=true -Dmaven.compiler.useIncrementalCompilation=false \
		-Dmaven.test.failure.ignore=true "$@" >"$cache/logs/soak-$number.log" 2>&1 || status=$?
	failed=$(failed_classes)
	[ "$status" -eq 0 ] || [ -n "$failed" ] || failed="Maven itself (status $status)"
	if [ -n "$failed" ]; then
		printf '%s\n' "$failed" >>"$soak_failures"
		soak_failed=$((soak_failed + 1))
	fi
	counted=$(summary 2>/dev/null | tail -n 1) || true
	printf 'round %d of %d: %s, %s; load %s\n' "$number" "$rounds" "$([ -z "$failed" ] && echo green || echo RED)" \
		"${counted:-no test ran}" "$(cut -d' ' -f2 /proc/loadavg)"
}

soak_main() {
	local rounds=20 round soak_failed=0 soak_failures=$cache/logs/soak-failures.txt
	load_pids=()
	case ${1:-} in
	-* | '') ;;
	*)
		[[ $1 =~ ^[1-9][0-9]{0,3}$ ]] || die 2 "soak takes a number of rounds, 1 to 9999, not '$1'"
		rounds=$1
		shift
		;;
	esac
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	# shellcheck source=dev.d/test.bash
	source "$root/dev.d/test.bash"
	# shellcheck disable=SC2119  # it takes no argument
	setup_main
	prepare_kernel
	maven soak-build test-compile
	: >"$soak_failures"
	trap load_stop EXIT
	load_start
	for ((round = 1; round <= rounds; round++)); do
		soak_round "$round" "$@"
	done
	load_stop
	if [ "$soak_failed" -gt 0 ]; then
		printf 'failed, and how often in %d rounds:\n' "$rounds"
		LC_ALL=C sort "$soak_failures" | uniq -c | sort -rn
		die 1 "$soak_failed of $rounds rounds failed"
	fi
	printf 'no class failed in %d rounds\n' "$rounds"
}
