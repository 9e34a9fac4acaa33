# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev test: everything that can fail.

test_usage() {
	cat <<'END'
usage: ./dev test [--require-all] [--packages] [--pages] [--bed] [--long] [--repeat ROUNDS] [--load] [MAVEN OPTION…]

Runs ./dev setup, the checks of the shell scripts, and `mvn verify`: compilation with its checkers, unit tests,
the runnable tree, integration tests, source format. Starts a container engine of its own, in .cache/, if a test
needs one, and stops it. Options go to Maven: ./dev test -Dtest=SomeTest -Dsurefire.failIfNoSpecifiedTests=false

A test whose machine lacks something (root, a loop device) is skipped and says why.
  --require-all   makes it fail instead (so does CI=true)
  --packages      also makes the package and checks it in a fresh Debian (./dev package --test)
  --pages         also tries the page in Cockpit in a real browser (./dev pages test)
  --bed           also runs the acceptance tests in the bed
  --long          runs the tests of chance in their long forms (CONTRIBUTING.md), which takes some ten minutes more
  --repeat ROUNDS runs `mvn verify` that many times, with a line for each round, and fails if one of them did. All
                  rounds are run; Maven's output of each is in .cache/logs/test-ROUND.log. The tests of chance have
                  another seed in each
  --load          runs two busy loops beside `mvn verify`, and ends them: a test must not depend on time

To find a unit test that fails sometimes: ./dev soak

The bed (./dev bed test: two guests with SELinux enforcing) takes half an hour, so it runs only on request, and in its
short form: ./dev bed test --whole has all of its tests.
END
}

readonly long_forms=(-Dlabeler.chains=2000 -Dlabeler.label-sequences=200 -Dlabeler.lines=500 -Dlabeler.sequences=30
	-Dlabeler.all-kill-points=true -Dlabeler.test.vms=10000)

# shell_files: every shell script of the checkout, NUL-terminated.
shell_files() {
	local file first
	find "$root" \( -name target -o -name .git -o -name .cache \) -prune -o -type f -print0 |
		while IFS= read -r -d '' file; do
			case $file in
			*.sh | *.bash)
				printf '%s\0' "$file"
				continue
				;;
			*/labeler/src/*/bin/* | */packaging/debian/p* | */dev | */.ci/run | */libexec/* | */hook*) ;;
			*.*) continue ;;
			esac
			IFS= read -r first <"$file" 2>/dev/null || true
			case $first in
			'#!/bin/sh'* | '#!/usr/bin/env bash'* | '#!/bin/bash'*) printf '%s\0' "$file" ;;
			esac
		done
}

check_scripts() {
	local files
	mapfile -d '' -t files < <(shell_files)
	[ ${#files[@]} -gt 0 ] || die 1 "found no shell script to check"
	printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" shellcheck -x || die 1 "shellcheck found something in a script"
	printf 'scripts: %d checked\n' "${#files[@]}"
}

check_vagrantfile() {
	have vagrant || {
		[ -z "${LABELER_TEST_REQUIRE_ALL:-}" ] || die 1 "the Vagrantfile is checked with vagrant, which is not here"
		say "no vagrant here: the Vagrantfile is not checked"
		return 0
	}
	# It keeps state in its working directory.
	VAGRANT_HOME=$cache/vagrant VAGRANT_DOTFILE_PATH=$cache/vagrant/state VAGRANT_CHECKPOINT_DISABLE=1 \
		VAGRANT_CWD=$root/vagrant quietly vagrant vagrant validate --ignore-provider
}

# Parts of the kernel that tests use, and that root can load.
prepare_kernel() {
	[ "$EUID" -eq 0 ] || return 0
	[ -e /dev/loop-control ] || modprobe loop 2>/dev/null || say "no loop devices here: the tests that mount images need them"
	grep -qw ramfs /proc/filesystems || say "no ramfs here: the tests of file systems without attributes need it"
}

# sum_of ATTRIBUTE FILE: the sum of one attribute over the <testsuite> elements of test reports.
sum_of() {
	local attribute=$1
	shift
	sed -n "s/^<testsuite .*[[:space:]]$attribute=\"\([0-9]*\)\".*/\1/p" "$@" | awk '{ n += $1 } END { print n + 0 }'
}

# The tests that ran, counted from the reports: Maven's own lines are in the log.
summary() {
	local reports tests failures errors skipped
	mapfile -d '' -t reports < <(find -- */target/surefire-reports */target/failsafe-reports vagrant/target/bed-reports \
		-name 'TEST-*.xml' -print0 2>/dev/null)
	[ ${#reports[@]} -gt 0 ] || die 1 "no test ran"
	# One element a line, with its attributes: the reports break theirs over several.
	local flat=$cache/logs/suites.txt
	cat -- "${reports[@]}" | tr '\n' ' ' | sed 's/<testsuite /\n<testsuite /g' | sed -n 's/^\(<testsuite [^>]*>\).*/\1/p' >"$flat"
	tests=$(sum_of tests "$flat") failures=$(sum_of failures "$flat")
	errors=$(sum_of errors "$flat") skipped=$(sum_of skipped "$flat")
	[ "$tests" -gt 0 ] || die 1 "no test ran"
	if [ "$skipped" -gt 0 ]; then
		printf 'skipped:\n'
		cat -- "${reports[@]}" | grep -o '<skipped[^>]*message="[^"]*"' | sed 's/.*message="/  /; s/"$//' | sort | uniq -c
	fi
	printf '%d passed, %d failed, %d skipped\n' $((tests - failures - errors - skipped)) $((failures + errors)) "$skipped"
}

# The packages of the tree that Maven has left, in a process of its own: a failure must not prevent the rest. Sets
# $packages_failed.
test_packages() {
	packages_failed=''
	if [ -z "$with_packages" ]; then
		say "packages: left out (./dev test --packages, or ./dev package --test)"
		return 0
	fi
	"$root/dev" package --test --from "$dist" deb || packages_failed=yes
}

# The page in Cockpit, in a process of its own as well. Sets $pages_failed.
test_pages() {
	pages_failed=''
	if [ -z "$with_pages" ]; then
		say "pages: left out (./dev test --pages, or ./dev pages test)"
		return 0
	fi
	"$root/dev" pages test --from "$dist" || pages_failed=yes
}

# Two busy loops. They end with this script, even if it is killed.
load_start() {
	local loop
	for loop in 1 2; do
		while kill -0 "$$" 2>/dev/null; do :; done >/dev/null &
		load_pids+=("$!")
	done
	say "load: $loop busy loops run beside the tests"
}

load_stop() {
	[ ${#load_pids[@]} -gt 0 ] || return 0
	kill "${load_pids[@]}" 2>/dev/null || true
	wait "${load_pids[@]}" 2>/dev/null || true
	load_pids=()
}

remove_reports() {
	rm -rf -- */target/surefire-reports */target/failsafe-reports vagrant/target/bed-reports
}

# test_rounds ROUNDS MAVEN-OPTION…: runs all rounds, even if the first ones fail.
test_rounds() {
	local rounds=$1 round status counted failed=0
	shift
	for ((round = 1; round <= rounds; round++)); do
		remove_reports
		# Not with `||`, which would let it continue after an error.
		set +e
		(
			set -e
			maven "test-$round" verify "$@"
		)
		status=$?
		counted=$(summary 2>/dev/null | tail -n 1)
		set -e
		[ "$status" -eq 0 ] || failed=$((failed + 1))
		printf 'round %d of %d: %s, %s\n' "$round" "$rounds" "$([ "$status" -eq 0 ] && echo green || echo RED)" \
			"${counted:-no test ran}"
	done
	[ "$failed" -eq 0 ] || die 1 "$failed of $rounds rounds failed"
}

# Begins the guest's base image, if the machine can have a guest. It takes minutes of downloads and unpacking, beside
# Maven. Sets $bed_making.
test_bed_begin() {
	local lack
	[ -n "$with_bed" ] || return 0
	# shellcheck source=dev.d/bed.bash
	source "$root/dev.d/bed.bash"
	# shellcheck source=dev.d/bed-test.bash
	source "$root/dev.d/bed-test.bash"
	lack=$(bed_lacks)
	[ -z "$lack" ] || die 1 "$lack"
	(
		set -e
		bed_lock
		bed_build_base
	) &
	bed_making=$!
}

# A failure shows when the image is needed, and is made once more then.
test_bed_made() {
	[ -z "$bed_making" ] || wait "$bed_making" || true
	bed_making=''
}

# The acceptance tests in the guest. Sets $bed_failed.
test_bed() {
	local status
	bed_failed=''
	if [ -z "$with_bed" ]; then
		say "bed: left out (./dev test --bed, or ./dev bed test)"
		return 0
	fi
	test_bed_made
	# In a subshell: a failure there must not prevent counting the rest. Not with `||`, which would let it continue after
	# an error.
	set +e
	(
		set -e
		bed_lock
		trap bed_down EXIT
		bed_test
	)
	status=$?
	set -e
	[ "$status" -eq 0 ] || bed_failed=yes
}

test_main() {
	local options=() bed_failed packages_failed pages_failed with_bed='' with_packages='' with_pages='' with_load='' rounds=''
	load_pids=() bed_making=''
	case ${CI:-} in true | 1) export LABELER_TEST_REQUIRE_ALL=1 ;; esac
	while [ $# -gt 0 ]; do
		case $1 in
		--require-all) export LABELER_TEST_REQUIRE_ALL=1 ;;
		--bed) with_bed=yes ;;
		--packages) with_packages=yes ;;
		--pages) with_pages=yes ;;
		--load) with_load=yes ;;
		--long) options+=("${long_forms[@]}") ;;
		--repeat)
			shift
			rounds=${1:-}
			[[ $rounds =~ ^[1-9][0-9]{0,3}$ ]] || die 2 "--repeat takes a number of rounds, 1 to 9999, not '$rounds'"
			;;
		-*) options+=("$1") ;;
		*) die 2 "test takes no argument '$1'" ;;
		esac
		shift
	done
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	# shellcheck source=dev.d/engine.bash
	source "$root/dev.d/engine.bash"
	# shellcheck disable=SC2119  # it takes no argument
	setup_main
	check_scripts
	prepare_kernel
	remove_reports
	trap 'load_stop; engine_stop; test_bed_made' EXIT
	test_bed_begin
	if engine_needed; then
		engine_start
	fi
	[ -z "$with_load" ] || load_start
	if [ -n "$rounds" ]; then
		test_rounds "$rounds" "${options[@]}"
	else
		maven test verify "${options[@]}"
	fi
	load_stop
	# It shares the runnable tree, which exists now.
	check_vagrantfile
	test_packages
	test_pages
	test_bed
	summary
	[ -z "$packages_failed" ] || die 1 "the checks of the packages failed"
	[ -z "$pages_failed" ] || die 1 "the tests of the page in Cockpit failed"
	[ -z "$bed_failed" ] || die 1 "the acceptance tests in the bed failed"
}
