# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# ./dev bench: the cost of a start, compared with the least possible cost.

# shellcheck source=dev.d/bench-against.bash
source "$root/dev.d/bench-against.bash"
# shellcheck source=dev.d/bench-cluster.bash
source "$root/dev.d/bench-cluster.bash"
# shellcheck source=dev.d/bench-cold.bash
source "$root/dev.d/bench-cold.bash"
# shellcheck source=dev.d/bench-descriptors.bash
source "$root/dev.d/bench-descriptors.bash"
# shellcheck source=dev.d/bench-formats.bash
source "$root/dev.d/bench-formats.bash"
# shellcheck source=dev.d/bench-frozen.bash
source "$root/dev.d/bench-frozen.bash"
# shellcheck source=dev.d/bench-guard.bash
source "$root/dev.d/bench-guard.bash"
# shellcheck source=dev.d/bench-plan.bash
source "$root/dev.d/bench-plan.bash"
# shellcheck source=dev.d/bench-profile.bash
source "$root/dev.d/bench-profile.bash"
# shellcheck source=dev.d/bench-scale.bash
source "$root/dev.d/bench-scale.bash"
# shellcheck source=dev.d/bench-trees.bash
source "$root/dev.d/bench-trees.bash"
# shellcheck source=dev.d/bench-warm.bash
source "$root/dev.d/bench-warm.bash"

bench_usage() {
	cat <<'END'
usage: ./dev bench [cold|formats|descriptors|plan|guard|cluster|trees|scale|profile] [--quick]
       ./dev bench cluster scale [-DPROPERTY=VALUE…] [--quick]
       ./dev bench against DIST…

Builds, measures on this machine and writes docs/bench.md: each target, its measurement, and whether it holds; and
docs/bench-formats.md: all image formats beside qemu-img. Needs root. Takes some minutes. Other work of the machine
shows in the spread.

  cold          only commands from fork to end, each beside its peers; prints its rows of docs/bench.md

  formats       only the image formats
  descriptors   only the start by descriptors, beside the same by labels; prints its rows of docs/bench.md

  plan          only plans: of sixty resources, and of hostile definitions; prints its rows of docs/bench.md

  guard         only the guard: a command that passes and a start of libvirt's, in pairs with the same without a
                guard, a hundred thousand commands, and five hundred VMs; writes docs/bench-guard.md

  cluster       only VMs on shared storage, beside the same on local files, and with the registry's quorum lost; needs
                etcd; writes docs/bench-cluster.md. With "scale": a thousand hosts as clients of one registry, each with
                up to a hundred VMs, until a million have started or an hour is over; writes its section of that page.
                Properties: labeler.real=true (three real members of etcd in place of a model), labeler.hosts,
                labeler.vms, labeler.starts, labeler.seconds, labeler.reserving, labeler.at-once, labeler.end=false
                (not to end the VMs that run at last)

  trees         only directory trees: a hundred thousand files labelled and given back, beside a C program with the
                same calls; writes docs/bench-trees.md

  scale         one to sixty-four clients at once, also with a slow disk, and up to ten thousand VMs; writes
                docs/bench-scale.md and its pictures

  profile       the warm start and stop, as a flame graph: .cache/bench/flame.html

  against       this tree beside other ones, each row in turn with each: DIST is the labeler/target/dist of another
                checkout that is built; prints a table, in which the first DIST is the peer

  --quick       fewer runs, no microbenchmarks (JMH), and docs/ does not change: to see whether it works
END
}

# The targets. A limit is in microseconds or times.
readonly bench_limit_start_stop=5.5   # times the floor, ten disks of five files each, nothing else held
readonly bench_limit_held=1.1         # times itself with nothing else held; the tenth is the machine's noise
readonly bench_limit_plan=0.2         # times qemu-img info --backing-chain, 200 deep, asked of the running service
readonly bench_limit_first=60000      # microseconds for the first start some seconds after the service has begun
readonly bench_limit_handed=0.8       # times the same start with labels, ten disks of five files each
readonly bench_limit_handover=50000   # microseconds for a thousand descriptors, from the connection to the last

# After some 2,000 starts and stops the JVM compiles hardly anything any more.
readonly bench_warm=25
readonly bench_disks=10 bench_handed_disks=200 bench_depth=5 bench_others=1000 bench_others_files=10 bench_chain=200

bench_place='' bench_service=''
declare -A bench_result=()

bench_clean_up() {
	local mount pid
	[ -z "$bench_place" ] || fsfreeze -u "$bench_place/frozen" 2>/dev/null || true
	# By its file: a part that runs in a shell of its own may have started it, and failed.
	if [ -s "$bench_place/service.pid" ] && read -r pid <"$bench_place/service.pid" &&
		grep -aFqs "$bench_place" "/proc/$pid/cmdline"; then
		kill "$pid"
		timeout 30 tail --pid="$pid" -f /dev/null || true
	fi
	for mount in tmpfs ramfs frozen; do
		[ -z "$bench_place" ] || umount "$bench_place/$mount" 2>/dev/null || true
	done
	[ -z "$bench_place" ] || rm -rf --one-file-system -- "$bench_place"
}

bench_tools() {
	local tool
	mkdir -p "$cache/bench"
	for tool in floor images read spawn http launch clients; do
		quietly "gcc $tool" gcc -O2 -Wall -Wextra -Werror -o "$cache/bench/$tool" "$root/labeler/src/bench/c/$tool.c"
	done
	quietly "gcc slowsync" gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$cache/bench/slowsync.so" \
		"$root/labeler/src/bench/c/slowsync.c"
}

# bench_java OPTION…: Java as the service has it: see bin/labelerd.
bench_java() {
	local native
	native=$dist/lib/native/$(uname -m)
	"$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx120m -XX:MaxNewSize=16m \
		--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
		--add-exports java.base/sun.nio.ch=ALL-UNNAMED \
		-Djna.nounpack=true -Djna.boot.library.path="$native" -Dorg.sqlite.lib.path="$native" "$@"
}

# bench_keep PREFIX: keeps the lines of a tool (name, median, lowest, 90th percentile, count, highest), by PREFIX and name.
bench_keep() {
	local prefix=$1 what rest
	while IFS=$'\t' read -r what rest; do
		bench_result[$prefix.$what]=$rest
	done
}

# bench_get KEY: the median in microseconds.
bench_get() {
	local median
	read -r median _ <<<"${bench_result[$1]:-}"
	[ -n "$median" ] || die 1 "nothing was measured for $1"
	printf '%s\n' "$median"
}

# bench_run PREFIX TOOL ARGUMENT…: the lines are also shown, so that a failure is seen where it happens.
bench_run() {
	local prefix=$1 lines
	shift
	lines=$("$@") || die 1 "could not measure $prefix"
	bench_keep "$prefix" <<<"$lines"
	printf '  %s %s\n' "$prefix" "${lines//$'\n'/$'\n'  "$prefix" }" >&2
}

bench_start_service() {
	local tries
	mkdir -p run
	mkdir -m 700 -p state
	"$dist/bin/labelerd" --socket "$bench_place/run/labeler.sock" --state-dir "$bench_place/state" \
		--run-dir "$bench_place/run" --enforcement optional >labelerd.log 2>&1 &
	bench_service=$!
	printf '%s\n' "$bench_service" >service.pid
	for ((tries = 0; tries < 3000; tries++)); do
		curl -sf --max-time 5 -o /dev/null --unix-socket run/labeler.sock http://labeler/v1/health && return
		sleep 0.02
	done
	cat labelerd.log >&2
	die 1 "the service does not answer"
}

# bench_body FILE NAME IMAGE…: a request with one -drive for each image. A plan has its name in the body.
bench_body() {
	local file=$1 name=$2
	shift 2
	jq -n --arg name "$name" --arg directory "$bench_place" '{
		argv: (["qemu-system-x86_64"] + [$ARGS.positional[] | "-drive", "file=\(.),format=qcow2,if=virtio"]),
		workingDirectory: $directory
	} + if $name == "" then {} else {name: $name} end' --args -- "$@" >"$file"
}

bench_start_stop() {
	"$cache/bench/http" run/labeler.sock "$1" "$2" \
		POST /v1/vms/measured/start measured.json POST /v1/vms/measured/stop /dev/null
}

# bench_body_of_other NUMBER: the request of a VM with two chains of five files.
bench_body_of_other() {
	printf '{"argv":["qemu-system-x86_64","-drive","file=other-%d-4.qcow2,format=qcow2,if=virtio","-drive","file=other-%d-4.qcow2,format=qcow2,if=virtio"],"workingDirectory":"%s"}' \
		$((2 * $1)) $((2 * $1 + 1)) "$bench_place" >"other-$1.json"
}

# The other VMs: a thousand, each with two chains of five files.
bench_hold_others() {
	local vm arguments=()
	"$cache/bench/images" "$bench_place" other $((bench_others * 2)) $((bench_others_files / 2))
	for ((vm = 0; vm < bench_others; vm++)); do
		bench_body_of_other "$vm"
		arguments+=(POST "/v1/vms/other-$vm/start" "other-$vm.json")
	done
	bench_run load bench_last_line "$cache/bench/http" run/labeler.sock 0 1 "${arguments[@]}"
}

bench_domain_xml() {
	local disk
	printf '<domain type="kvm"><name>measured</name><devices>\n'
	for ((disk = 0; disk < bench_disks; disk++)); do
		printf '<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="%s/measured-%d-4.qcow2"/><target dev="vd%c"/></disk>\n' \
			"$bench_place" "$disk" "${bench_letters:disk:1}"
	done
	printf '</devices></domain>\n'
}
readonly bench_letters=abcdefghijklmnopqrstuvwxyz

# bench_prepare: the VM that is measured, as a command line and as libvirt's XML, and the plan of a long chain.
bench_prepare() {
	local disk images=()
	"$cache/bench/images" "$bench_place" measured "$bench_disks" "$bench_depth"
	"$cache/bench/images" "$bench_place" deep 1 "$bench_chain"
	for ((disk = 0; disk < bench_disks; disk++)); do
		images+=("measured-$disk-$((bench_depth - 1)).qcow2")
	done
	bench_body measured.json '' "${images[@]}"
	bench_body plan.json planned "deep-0-$((bench_chain - 1)).qcow2"
	bench_domain_xml >measured.xml
}

bench_measure() {
	local runs=$1
	bench_prepare

	say "the least: $bench_disks disks, $bench_depth files each"
	say "sixty-four clients at once"
	bench_of_clients $((runs / 4))
	say "the first start of a service, and the service with nothing else held"
	bench_firsts
	bench_run warm_up bench_start_stop $((runs * bench_warm)) 1
	bench_in_turn $((runs / 10 + 1)) 20
	[ -z "$micro" ] || bench_parts "$runs"
	say "by labels and by descriptors, $bench_disks disks of $bench_depth files"
	bench_descriptors "$runs"
	say "a chain of $bench_chain files"
	bench_run plan "$cache/bench/http" run/labeler.sock "$runs" "$runs" POST /v1/plan plan.json
	bench_run qemu_img "$cache/bench/spawn" "$runs" 0 /dev/null qemu-img info --backing-chain "deep-0-$((bench_chain - 1)).qcow2"
	say "the service, with $bench_others other VMs held"
	bench_hold_others
	bench_run held bench_start_stop "$runs" "$runs"
	say "commands from fork to end"
	bench_cold_tools
	bench_cold_measure $((runs / 4))
	bench_frozen "$runs"
	bench_stop_service
	rm -rf state
	bench_start_service
	bench_plan_measure "$runs"
}

# bench_in_ms KEY: median, and in brackets the lowest and the 90th percentile.
bench_in_ms() {
	awk '{ printf "%.2f ms (%.2f to %.2f)", $1 / 1000, $2 / 1000, $3 / 1000 }' <<<"${bench_result[$1]}"
}

# bench_verdict VALUE LIMIT: VALUE may not be above LIMIT.
bench_verdict() {
	awk -v value="$1" -v limit="$2" 'BEGIN { print (value <= limit ? "holds" : "**missed**") }'
}

bench_divide() {
	awk -v one="$1" -v other="$2" 'BEGIN { printf "%.2f", one / other }'
}

# bench_ratio_row WHAT TARGET KEY BASE_KEY LIMIT
bench_ratio_row() {
	local ratio
	ratio=$(bench_divide "$(bench_get "$3")" "$(bench_get "$4")")
	printf '| %s | at most %s× %s | %s | %s× | %s |\n' "$1" "$5" "$2" "$(bench_in_ms "$3")" "$ratio" "$(bench_verdict "$ratio" "$5")"
}

bench_machine() {
	printf 'Machine: %s processors, %s of memory, Linux %s, %s, Java %s, %s.' "$(nproc)" \
		"$(awk '/^MemTotal:/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)" "$(uname -r | cut -d- -f1)" \
		"$(stat -f -c %T .)" "$(java_version "$JAVA_HOME")" \
		"$(qemu-img --version | sed -n '1s/qemu-img version \([0-9.]*\).*/qemu \1/p')"
}

bench_report() {
	cat <<-END
		# Measurements

		Written by \`./dev bench\`. Medians; in brackets the lowest and the 90th percentile, which shows the noise of the
		machine. "Floor" is labeler/src/bench/c/floor.c: open, read 4 KiB, get and set the label, close, for each file, and
		one fsync for each start, in C and without checks; it and the service are measured in turn. The service is warm: it has
		started and stopped $((runs * bench_warm)) VMs before. Each request has a connection of its own, as the service closes it with its
		answer. A launcher's time ends with the answer to its start or, by descriptors, with the
		last descriptor. The start of its own JVM, and of qemu, are the same either way and left out. Labels are set on a tmpfs,
		descriptors come from a ramfs: both are memory.

		$(bench_machine) Load before it: $load.

		A row that misses its target: [why, and where its time goes](costs.md).

		| what | target | measured | ratio | verdict |
		|---|---|---|---|---|
		| floor: start and stop, $bench_disks disks × $bench_depth files | | $(bench_in_ms floor.both) | | |
	END
	bench_ratio_row "start and stop of the same, nothing else held" "the floor" alone.all floor.both "$bench_limit_start_stop"
	bench_firsts_report
	bench_ratio_row "the same, $bench_others VMs ($((bench_others * bench_others_files)) files) held" "that with none" held.all alone.all "$bench_limit_held"
	bench_clients_report
	bench_descriptors_report
	printf '| qemu-img info --backing-chain, %d deep | | %s | | |\n' "$bench_chain" "$(bench_in_ms qemu_img.whole)"
	bench_ratio_row "plan of a VM with that chain, by the running service" "qemu-img" plan.all qemu_img.whole "$bench_limit_plan"
	bench_plan_report
	bench_cold_report
	bench_frozen_report
	printf '| start of each of the %d VMs, on average | | %.2f ms | | |\n' "$bench_others" \
		"$(bench_divide "$(bench_get load.all)" $((bench_others * 1000)))"
	# shellcheck disable=SC2016 # marks of the report
	printf '\nMany clients and many VMs: [bench-scale.md](bench-scale.md), by `./dev bench scale`. A start beside libvirt'"'"'s own labelling, in a\n'
	printf 'guest: [libvirt-side-by-side.md](libvirt-side-by-side.md). The guard: [bench-guard.md](bench-guard.md).\n'
}

# The parts of it, in bench_place; they use the variables of bench_main.

bench_only_trees() {
	report=$(if [ -n "$quick" ]; then bench_trees 1 10000; else bench_trees 5 100000; fi)
	printf '%s\n' "$report"
	[ -n "$quick" ] || printf '%s\n' "$report" >"$root/docs/bench-trees.md"
}

bench_only_scale() { bench_scale "$quick"; }

bench_only_profile() { bench_profile "$runs"; }

bench_only_against() {
	[ "${#against[@]}" -gt 0 ] || die 2 "bench against needs the labeler/target/dist of another checkout"
	bench_cold_tools
	bench_against "$runs" "${against[@]}"
}

bench_only_cold() { bench_cold $((runs / 4)); }

bench_only_descriptors() {
	bench_start_service
	bench_descriptors "$runs"
	bench_descriptors_report
}

bench_main() {
	local runs=100 quick='' micro=1 services=1 part='' load report against=() properties=()
	while [ $# -gt 0 ]; do
		case $1 in
		formats) services='' micro='' ;;
		against)
			shift
			[ $# -eq 0 ] || mapfile -t against < <(realpath -- "$@")
			part=against
			break
			;;
		scale) if [ "$part" = cluster ]; then part=cluster_scale; else part=scale; fi ;;
		cold | descriptors | plan | guard | cluster | trees | profile) part=$1 ;;
		-Dlabeler.*=*) properties+=("$1") ;;
		--quick) quick=1 micro='' runs=12 ;;
		*) die 2 "bench takes no argument '$1'" ;;
		esac
		shift
	done
	[ "$EUID" -eq 0 ] || die 1 "the measurements set security.* attributes, which takes root"
	# shellcheck source=dev.d/build.bash
	source "$root/dev.d/build.bash"
	build_tree demo
	# These have places of their own.
	case $part in
	guard | cluster)
		"bench_$part" "$quick"
		return 0
		;;
	cluster_scale)
		bench_cluster_scale "$quick" "${properties[@]}"
		return 0
		;;
	esac
	bench_tools
	trap bench_clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	bench_place=$(mktemp -d "$cache/bench/work.XXXXXX")
	cd -- "$bench_place" || exit
	export LABELER_SOCKET=$bench_place/run/labeler.sock
	load=$(cut -d' ' -f1-3 /proc/loadavg)
	if [ -n "$part" ]; then
		"bench_only_$part"
		return 0
	fi
	bench_measure_formats "$runs"
	report=$(bench_formats_report "$load")
	printf '%s\n' "$report"
	[ -n "$quick" ] || printf '%s\n' "$report" >"$root/docs/bench-formats.md"
	[ -n "$services" ] || return 0
	bench_measure "$runs"
	report=$(bench_report)
	if [ -n "$micro" ]; then
		bench_micro >&2
		report+=$'\n'$(bench_micro_report)
	fi
	printf '%s\n' "$report"
	[ -n "$quick" ] || printf '%s\n' "$report" >"$root/docs/bench.md"
}
