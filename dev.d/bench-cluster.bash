# shellcheck shell=bash
# shellcheck disable=SC2154  # root and dist come from the script
# ./dev bench cluster: a VM on shared storage beside one on local files, and a thousand hosts of one cluster.

# The targets. A limit is in microseconds, megabytes or times.
readonly bench_limit_shared=10000     # microseconds that a start on shared storage takes longer, median
readonly bench_limit_lost=1.1         # times a local start with a quorum; the tenth is the machine's noise
readonly bench_limit_shared_memory=40 # MB more with a thousand VMs on shared storage

# bench_cluster QUICK: measures one service, and writes its section of the page.
bench_cluster() {
	local load rounds=(150 200 1000) measured report
	[ -z "$1" ] || rounds=(5 10 20)
	load=$(cut -d' ' -f1-3 /proc/loadavg)
	test_java_prepare
	# The tests find the program from labeler's directory.
	measured=$(cd "$root/labeler" && test_java labeler.it.SharedStarts "${rounds[@]}") || die 1 "the cluster was not measured"
	printf '%s\n' "$measured" >&2
	report=$(bench_cluster_report "$load" "${rounds[@]}" <<<"$measured")
	printf '%s\n' "$report"
	[ -n "$1" ] || bench_cluster_write '## One VM' "$report"
}

# bench_cluster_number NAME COLUMN: of the lines in measured.
bench_cluster_number() {
	awk -v name="$1" -v column="$2" '$1 == name { print $column }' <<<"$measured"
}

# bench_cluster_ms NAME: median, and in brackets the 99th percentile.
bench_cluster_ms() {
	awk -v name="$1" '$1 == name { printf "%.2f ms (%.2f)", $2 / 1000, $3 / 1000 }' <<<"$measured"
}

# bench_cluster_report LOAD WARM ROUNDS VMS: the section, from the lines of standard input.
bench_cluster_report() {
	local measured added ratio more
	measured=$(cat)
	added=$(bench_cluster_number added-start 2)
	ratio=$(bench_divide "$(bench_cluster_number lost-start 2)" "$(bench_cluster_number kept-start 2)")
	more=$((($(bench_cluster_number memory-clustered 3) - $(bench_cluster_number memory-alone 3)) / 1024))
	cat <<-END
		## One VM

		By \`./dev bench cluster\`: $3 rounds after $2 to get warm. $(bench_machine) Load before it: $1.

		One service, three members of etcd on the same machine, which write to its disk as members do. The VM has a disk and a
		base below it, once on a registered storage and once on a file system that is none; both are ext4. The two are started
		and stopped in turn. Then two members are killed, and begin again, five times. Medians; in brackets the 99th percentile.

		| what | target | measured | verdict |
		|---|---|---|---|
		| start on local files | | $(bench_cluster_ms local-start) | |
		| start on shared storage | | $(bench_cluster_ms shared-start) | |
		| it takes longer than the local one of its round by | at most $((bench_limit_shared / 1000)) ms | $(bench_cluster_ms added-start) | $(bench_verdict "$added" "$bench_limit_shared") |
		| stop on local files | | $(bench_cluster_ms local-stop) | |
		| stop on shared storage | | $(bench_cluster_ms shared-stop) | |
		| it takes longer than the local one of its round by | | $(bench_cluster_ms added-stop) | |
		| start on local files, in turn with the next | | $(bench_cluster_ms kept-start) | |
		| the same, two of the three members killed | at most $bench_limit_lost× with all | $(bench_cluster_ms lost-start), $ratio× | $(bench_verdict "$ratio" "$bench_limit_lost") |
		| the first of them, right after that | | $(bench_cluster_ms lost-first) | |
		| stop on local files, all three members | | $(bench_cluster_ms kept-stop) | |
		| the same, two of the three killed | | $(bench_cluster_ms lost-stop) | |
		| memory with $4 VMs of one disk: local, in no cluster | | $(($(bench_cluster_number memory-alone 3) / 1024)) MB | |
		| on shared storage | at most $bench_limit_shared_memory MB more | $(($(bench_cluster_number memory-clustered 3) / 1024)) MB, $more MB more | $(bench_verdict "$more" "$bench_limit_shared_memory") |

		Without a quorum a host starts as many VMs on local files as it has pairs in reserve: 256 at one time.
	END
}

# bench_cluster_scale QUICK PROPERTY…: measures many hosts, and writes their section of the page: one for the model of etcd
# and one for real members.
bench_cluster_scale() {
	local quick=$1 load measured report
	shift
	[ -z "$quick" ] || set -- -Dlabeler.hosts=20 -Dlabeler.vms=10 -Dlabeler.starts=500 "$@"
	load=$(cut -d' ' -f1-3 /proc/loadavg)
	test_java_prepare
	# The files of hosts and members are in memory: the members are not what is measured.
	measured=$(cd "$root/labeler" && test_java -Xmx2g -Djava.io.tmpdir=/dev/shm "$@" labeler.cluster.ManyHostsRun) ||
		die 1 "a pair or a disk had two VMs, or the hosts were not measured"
	printf '%s\n' "$measured" >&2
	report=$(bench_cluster_scale_report "$load" <<<"$measured")
	printf '%s\n' "$report"
	[ -n "$quick" ] || bench_cluster_write "${report%%$'\n'*}" "$report"
}

# bench_cluster_scale_report LOAD: the section, from the lines of standard input.
bench_cluster_scale_report() {
	local measured starts seconds wanted refused heading store
	measured=$(cat)
	if [ "$(bench_cluster_number real 2)" -eq 1 ]; then
		heading='## Many hosts at three real members'
		store='three members of etcd are on the same machine'
	else
		heading='## Many hosts'
		# shellcheck disable=SC2016 # marks of the report
		store='a model of etcd answers them, which `ModelledEtcdTest` compares with a real one'
	fi
	starts=$(bench_cluster_number starts 2) seconds=$(bench_cluster_number seconds 2)
	wanted=$(bench_cluster_number wanted 2)
	refused=$(awk '$1 ~ /^refused-/ { printf "%s%d %s", (n++ ? ", " : ""), $2, substr($1, 9) }' <<<"$measured")
	cat <<-END
		$heading

		By \`./dev bench cluster scale\`. $(bench_machine) Load before it: $1.

		Each host is a client of its own, with the service's registry and reserve of pairs; $store,
		and all files are in memory. $(bench_cluster_number at-once 2) hosts ask at one time. A VM has a disk, which
		one in twenty shares with VMs of other hosts, and half of them read a base that all hosts read. Nothing is labelled. Who
		has which pair and which disk, a list beside the registry knows; in the end it is compared with the registry, pair by pair.

		| what | number |
		|---|---|
		| hosts, and VMs of each at one time | $(bench_cluster_number hosts 2) × $(bench_cluster_number vms 2) |
		| pairs in reserve, of $(bench_cluster_number reserving 2) hosts, taken in $(bench_cluster_number reserve-seconds 2) s | $(bench_cluster_number reserved 2) |
		| starts, of $wanted wanted | $starts |
		| ends | $(bench_cluster_number ends 2) |
		| seconds, with the ends | $seconds |
		| starts a second | $((starts / (seconds > 0 ? seconds : 1))) |
		| VMs that ran at the end | $(bench_cluster_number running 2) |
		| pairs held at the end, of $(bench_cluster_number pairs 2) | $(bench_cluster_number held 2) |
		| pairs drawn that another host had, and drawn again | $(bench_cluster_number drawn-again 2) |
		| refusals | ${refused:-none} |
		| pairs and disks that two VMs had at one time | $(bench_cluster_number wrong 2) |
	END
	[ "$(bench_cluster_number real 2)" -eq 0 ] || printf '| database of a member | %s MB |\n' "$(bench_cluster_number megabytes 2)"
	# shellcheck disable=SC2016 # marks of the report
	if [ -n "$(bench_cluster_number left 2)" ]; then
		printf '| pairs and files on record after all VMs had ended, without the reserves | %s |\n' "$(bench_cluster_number left 2)"
	else
		printf '\nThe VMs that ran at the end were not ended (`-Dlabeler.end=false`).\n'
	fi
	[ "$starts" -ge "$wanted" ] || printf '\nThe time was over before all starts were made: %d of %d.\n' "$starts" "$wanted"
}

# bench_cluster_write HEADING SECTION: puts the section into the page, in place of the one with its heading.
bench_cluster_write() {
	local page=$root/docs/bench-cluster.md text
	# shellcheck disable=SC2016 # marks of the page
	[ -e "$page" ] || printf '# Hosts that share storage: measurements\n\nWritten by `./dev bench cluster` and `./dev bench cluster scale`.\n' >"$page"
	text=$(heading=$1 section=$2 awk '
		function put() { if (!isThere++) print ENVIRON["section"] "\n" }
		/^## / { isOld = $0 == ENVIRON["heading"]; if (isOld) put() }
		!isOld
		END { print ""; put() }' "$page" | cat -s)
	printf '%s\n' "$text" >"$page"
}
