# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache, dist and bench_place come from the script
# ./dev bench against DIST…: this tree beside other ones, in one run: each row in turn with each of them.

# The trees: the first one is the peer, and the last one is this one.
bench_trees_measured=()
# The process of the service of each tree.
bench_services=()

# bench_against_begin NUMBER: the service of a tree, in a directory of its own.
bench_against_begin() {
	local at=$bench_place/$1 tries
	mkdir -p "$at/run"
	mkdir -m 700 "$at/state"
	"${bench_trees_measured[$1]}/bin/labelerd" --socket "$at/run/labeler.sock" --state-dir "$at/state" --run-dir "$at/run" \
		--enforcement optional >"$at/labelerd.log" 2>&1 &
	bench_services[$1]=$!
	for ((tries = 0; tries < 3000; tries++)); do
		curl -sf --max-time 5 -o /dev/null --unix-socket "$at/run/labeler.sock" http://labeler/v1/health && return
		sleep 0.02
	done
	cat "$at/labelerd.log" >&2
	die 1 "the service of ${bench_trees_measured[$1]} does not answer"
}

# bench_against_end: the services by their processes, before the directory goes.
bench_against_end() {
	local pid
	for pid in "${bench_services[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
	bench_clean_up
}

# bench_against_row NAME ROUNDS LINE FUNCTION ARGUMENT…: FUNCTION with the directory of each tree before its arguments, in
# turn; LINE is the name of that line of its output that counts.
bench_against_row() {
	local name=$1 rounds=$2 line=$3 round number at
	shift 3
	for ((round = 0; round <= rounds; round++)); do
		for number in "${!bench_trees_measured[@]}"; do
			at=$bench_place/$number
			"$1" "$at" "${@:2}" | awk -F'\t' -v line="$line" '$1 == line { print $2 }' >"$at/latest"
			[ -s "$at/latest" ] || die 1 "nothing was measured for '$name' with ${bench_trees_measured[$number]}"
			# The first round is for warming up.
			[ "$round" -eq 0 ] || cat "$at/latest" >>"$at/measured"
		done
	done
	bench_against_print "$name"
}

# bench_against_print NAME [UNIT]: the medians, and for each tree after the first the median of its ratios to the first, by rounds.
bench_against_print() {
	local number unit=${2:-ms}
	printf '| %s ' "$1"
	for number in "${!bench_trees_measured[@]}"; do
		bench_median_of "$bench_place/$number/measured" | awk -v unit="$unit" '{ printf "| %.2f %s ", $1 / 1000, unit }'
	done
	for number in "${!bench_trees_measured[@]}"; do
		[ "$number" -gt 0 ] || continue
		paste "$bench_place/0/measured" "$bench_place/$number/measured" | awk '{ print $2 / $1 }' >"$bench_place/ratios"
		bench_median_of "$bench_place/ratios" | awk '{ printf "| %.2f× (%.2f to %.2f) ", $1, $2, $3 }'
	done
	printf '|\n'
	rm -f "$bench_place"/*/measured
}

bench_against_ask() {
	local at=$1 warm_up=$2 runs=$3
	shift 3
	"$cache/bench/http" "$at/run/labeler.sock" "$warm_up" "$runs" "$@"
}

bench_against_launch() { "$cache/bench/launch" "$1/run/labeler.sock" "${4:+$1/$4}" 1 "$2" measured "$3"; }

bench_against_command() {
	local at=$1 command=$2
	shift 2
	LABELER_SOCKET=$at/run/labeler.sock "$cache/bench/turns" 0 1 it /dev/null "$(<"$at/dist")/bin/$command" "$@"
}

# What the hook takes besides the service's own work.
bench_against_hook() {
	local at=$1 whole service
	whole=$(LABELER_SOCKET=$at/run/labeler.sock "$cache/bench/spawn" 10 0 measured.xml sh "$at/hook.sh" measured release end -)
	service=$("$cache/bench/http" "$at/run/labeler.sock" 1 10 POST /v1/hooks/libvirt/measured/release/end/- measured.xml)
	printf '%s\n%s\n' "$whole" "$service" | awk -F'\t' '{ all[$1] = $2 } END { print "it\t" all["whole"] - all["all"] }'
}

# One of the VMs that this service holds.
bench_against_one() { bench_against_command "$1" labeler status "other-$((bench_others * ${1##*/} + 1))"; }

bench_against_memory() {
	local number
	for number in "${!bench_trees_measured[@]}"; do
		awk '/^VmRSS:/ { print $2 }' "/proc/${bench_services[number]}/status" >"$number/measured"
	done
	bench_against_print "memory of the service then" MB
}

# In batches, each in turn.
readonly bench_batch=50
bench_against_hold() {
	local number vm batch arguments
	"$cache/bench/images" "$bench_place" other $((bench_others * 2 * ${#bench_trees_measured[@]})) $((bench_others_files / 2))
	for ((batch = 0; batch < bench_others; batch += bench_batch)); do
		for number in "${!bench_trees_measured[@]}"; do
			arguments=()
			for ((vm = bench_others * number + batch; vm < bench_others * number + batch + bench_batch; vm++)); do
				bench_body_of_other "$vm"
				arguments+=(POST "/v1/vms/other-$vm/start" "other-$vm.json")
			done
			bench_against_ask "$bench_place/$number" 0 1 "${arguments[@]}" | awk -F'\t' -v count="$bench_batch" \
				'$1 == "all" { print $2 / count }' >>"$bench_place/$number/measured"
		done
	done
	bench_against_print "start of each of the $bench_others VMs, on average"
}

# bench_against RUNS DIST…
bench_against() {
	local runs=$1 rounds=$(($1 / 5)) number
	shift
	bench_trees_measured=("$@" "$dist")
	trap bench_against_end EXIT
	for number in "${!bench_trees_measured[@]}"; do
		[ -x "${bench_trees_measured[$number]}/bin/labelerd" ] ||
			die 2 "${bench_trees_measured[$number]} is no built tree; name the labeler/target/dist of a checkout"
	done
	bench_prepare
	for number in "${!bench_trees_measured[@]}"; do
		bench_against_begin "$number"
		printf '%s\n' "${bench_trees_measured[$number]}" >"$number/dist"
		unzip -p "${bench_trees_measured[$number]}"/lib/labeler-[0-9]*.jar labeler/hook/libvirt-qemu.sh >"$number/hook.sh"
		bench_against_ask "$bench_place/$number" $((runs * bench_warm)) 1 POST /v1/vms/measured/start measured.json \
			POST /v1/vms/measured/stop /dev/null >/dev/null
	done
	bench_against_rows "$runs" "$rounds"
}

bench_against_rows() {
	local runs=$1 rounds=$2 kind
	local cycle=(POST /v1/vms/measured/start measured.json POST /v1/vms/measured/stop /dev/null)
	bench_against_row "start and stop, $bench_disks disks × $bench_depth files" "$rounds" all bench_against_ask 1 20 "${cycle[@]}"
	for kind in tmpfs ramfs; do
		mkdir "$kind"
		mount -t "$kind" "$kind" "$kind"
		"$cache/bench/images" "$bench_place/$kind" handed "$bench_handed_disks" "$bench_depth"
	done
	bench_launch_body tmpfs "$bench_disks"
	bench_against_row "start as a launcher sees it, by labels" "$rounds" both bench_against_launch 10 launch.json ''
	bench_launch_body ramfs "$bench_disks"
	bench_against_row "the same by descriptors" "$rounds" both bench_against_launch 10 launch.json run/descriptors-labeler.sock
	bench_launch_body ramfs "$bench_handed_disks"
	bench_against_row "hand-over of $((bench_handed_disks * bench_depth)) descriptors" $((rounds / 2)) handover \
		bench_against_launch 3 launch.json run/descriptors-labeler.sock
	bench_against_row "plan of a chain of $bench_chain" "$rounds" all bench_against_ask 1 10 POST /v1/plan plan.json
	bench_against_row "labeler chain of it, from fork to end" "$runs" it bench_against_command labeler chain --json "deep-0-$((bench_chain - 1)).qcow2"
	bench_against_row "hook of libvirt's, release end, without the service's own time" "$rounds" it bench_against_hook
	bench_against_hold
	bench_against_row "start and stop, with those held" "$rounds" all bench_against_ask 1 20 "${cycle[@]}"
	bench_against_row "labeler status NAME, from fork to end" "$runs" it bench_against_one
	bench_against_row "labeler status, $bench_others VMs, from fork to end" "$rounds" it bench_against_command labeler status
	bench_against_memory
}
