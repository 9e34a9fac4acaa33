# shellcheck shell=bash
# shellcheck disable=SC2154  # root and dist come from the script
# ./dev bench guard: the cost of the guard, beside the same without one.

# The targets. A limit is in microseconds, megabytes or times.
readonly bench_limit_guard=300       # microseconds that the guard adds to a command that passes, median
readonly bench_limit_guard_most=1000 # the same, 99th percentile
readonly bench_limit_guard_growth=16 # MB after a hundred thousand commands
readonly bench_limit_libvirt=1.1     # times a start of a domain without the guard
readonly bench_limit_guard_vms=230   # MB with five hundred guarded VMs, each with a client

# bench_guard QUICK: measures, and writes the report.
bench_guard() {
	local load report
	load=$(cut -d' ' -f1-3 /proc/loadavg)
	test_java_prepare
	report=$(
		printf '# The cost of the guard\n\n'
		# shellcheck disable=SC2016 # marks of the report
		printf 'Written by `./dev bench guard`. %s Load before it: %s.\n\n' "$(bench_machine)" "$load"
		printf '| | target | measured | | |\n|---|---|---|---|---|\n'
		bench_guard_commands
		bench_guard_libvirt ${1:+2 5}
		bench_guard_many "${1:+20}"
	) || die 1 "the guard was not measured"
	printf '%s\n' "$report"
	[ -n "$1" ] || printf '%s\n' "$report" >"$root/docs/bench-guard.md"
}

# Rows of the table. The monitor of a qemu and the guarded one of another are asked in turn; the guard is that of a service.
bench_guard_commands() {
	local measured median most ratio growth
	# The tests find the program from labeler's directory.
	measured=$(cd "$root/labeler" && test_java labeler.it.GuardedCommands) || die 1 "could not measure the guard"
	printf '%s\n' "$measured" >&2
	read -r median most ratio growth < <(awk '
		$1 == "direct" { direct = $2 } $1 == "guarded" { guarded = $2 }
		$1 == "added" { median = $2; most = $3 } $1 == "resident" { growth = ($3 - $2) / 1024 }
		END { printf "%d %d %.1f %.0f\n", median, most, guarded / direct, growth }' <<<"$measured")
	printf '| a command that passes: added by the guard, median | at most %s ms | %s ms | %s× | %s |\n' \
		"$(bench_divide "$bench_limit_guard" 1000)" "$(bench_divide "$median" 1000)" "$ratio" \
		"$(bench_verdict "$median" "$bench_limit_guard")"
	printf '| the same, 99th percentile | at most %s ms | %s ms | | %s |\n' "$(bench_divide "$bench_limit_guard_most" 1000)" \
		"$(bench_divide "$most" 1000)" "$(bench_verdict "$most" "$bench_limit_guard_most")"
	printf '| growth of the service by 100,000 commands, after the same number | at most %s MB | %s MB | | %s |\n' "$bench_limit_guard_growth" "$growth" \
		"$(bench_verdict "$growth" "$bench_limit_guard_growth")"
}

# bench_guard_libvirt [EARLY PAIRS]: virsh start of a domain behind the guard, and of one without it, in turn; medians. The
# service is warm after the early ones, as it is on a host that has run for some hours. One start may take half more than
# the next of the same kind: with 25 pairs the ratio varies by 0.05 from run to run.
bench_guard_libvirt() {
	local measured early
	measured=$(unshare --mount --pid --fork --kill-child --mount-proc \
		bash "$root/labeler/src/test/resources/labeler/it/libvirt-starts.sh" "$dist" "${1:-15}" "${2:-75}") ||
		die 1 "could not measure libvirt"
	printf '%s\n' "$measured" >&2
	early=$(grep '^early ' <<<"$measured")
	bench_guard_starts "virsh start of a domain behind the guard" "at most $bench_limit_libvirt× without" \
		"$bench_limit_libvirt" < <(grep '^start ' <<<"$measured")
	bench_guard_starts "the first $(wc -l <<<"$early") of them after the service has begun" '' '' <<<"$early"
}

# bench_guard_starts WHAT TARGET LIMIT: a row for the pairs of standard input; no verdict without a limit.
bench_guard_starts() {
	local pairs guarded alone ratio verdict=''
	pairs=$(cat)
	guarded=$(bench_guard_median 2 <<<"$pairs") alone=$(bench_guard_median 3 <<<"$pairs")
	ratio=$(bench_divide "$guarded" "$alone")
	[ -z "$3" ] || verdict=$(bench_verdict "$ratio" "$3")
	printf '| %s | %s | %s ms | %s× | %s |\n' "$1" "$2" "$guarded" "$ratio" "$verdict"
}

# bench_guard_median COLUMN: of the lines of standard input.
bench_guard_median() {
	awk -v column="$1" '{ print $column }' | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# bench_guard_many [VMS]
bench_guard_many() {
	local count=${1:-500} measured resident median most
	# The tests find the program from labeler's directory.
	measured=$(cd "$root/labeler" && test_java labeler.it.ManyGuardedVms "$count") || die 1 "could not measure guarded VMs"
	printf '%s\n' "$measured" >&2
	read -r resident median most < <(awk '
		$1 == "resident" { resident = $3 / 1024 } $1 == "asked" { median = $2; most = $3 }
		END { printf "%.0f %d %d\n", resident, median, most }' <<<"$measured")
	printf '| memory of one service with %s guarded VMs, each with a client | at most %s MB | %s MB | | %s |\n' "$count" \
		"$bench_limit_guard_vms" "$resident" "$(bench_verdict "$resident" "$bench_limit_guard_vms")"
	printf '| a command to one of them in turn | | %s ms (99th percentile %s ms) | | |\n' \
		"$(bench_divide "$median" 1000)" "$(bench_divide "$most" 1000)"
}
