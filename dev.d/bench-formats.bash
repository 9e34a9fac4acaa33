# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script, bench_result from bench.bash
# ./dev bench, the part about image formats: the cost to know an image's files, compared with qemu-img and the least.

# The images that qemu-img makes of each format: a name for the row, the format, options, and the number of files.
readonly bench_formats=(
	"raw|raw||1"
	"qcow2, version 2|qcow2|compat=0.10|1"
	"qcow2, version 3|qcow2|compat=1.1|1"
	"qcow2, extended L2|qcow2|extended_l2=on|1"
	"qcow2, data file|qcow2|data_file=FILE.data|2"
	"qcow|qcow||1"
	"qed|qed||1"
	"vmdk, monolithicSparse|vmdk|subformat=monolithicSparse|1"
	"vmdk, monolithicFlat|vmdk|subformat=monolithicFlat|2"
	"vmdk, twoGbMaxExtentSparse|vmdk|subformat=twoGbMaxExtentSparse|4"
	"vmdk, streamOptimized|vmdk|subformat=streamOptimized|1"
	"vdi|vdi||1"
	"vpc, dynamic|vpc|subformat=dynamic|1"
	"vpc, fixed|vpc|subformat=fixed|1"
	"vhdx|vhdx||1"
	"parallels|parallels||1"
	"luks|luks|key-secret=secret,iter-time=10|1"
)

# Formats that qemu-img reads and does not make: the tests' builders make them.
readonly bench_built_formats=(bochs cloop dmg)

# Formats in which a header names a backing file together with its format, so that a chain can be followed.
readonly bench_chain_formats=(qcow2 vmdk) bench_chain_lengths=(1 10 100 200)

bench_format_rows=()

# bench_format KEY RUNS FORMAT IMAGE FILE…: the least, qemu-img, ours from fork to end, and ours in a warm JVM.
bench_format() {
	local key=$1 runs=$2 format=$3 image=$4
	shift 4
	bench_run "$key.least" "$cache/bench/read" $((runs * 5)) "$@"
	bench_run "$key.qemu" "$cache/bench/spawn" "$runs" 0 /dev/null qemu-img info --backing-chain -f "$format" "$image"
	bench_run "$key.cold" "$cache/bench/spawn" $(((runs + 3) / 4)) 0 /dev/null \
		"$dist/bin/labeler" chain --json --format "$format" "$image"
	bench_run "$key" bench_java \
		-cp "$cache/bench/walks:$dist/lib/*" labeler.bench.Walks $((runs * 5)) "$format" "$image" $#
}

bench_measure_formats() {
	local runs=$1 row what format options count length layer files key=0
	mkdir -p "$cache/bench/walks"
	quietly "compiling the walks" "$JAVA_HOME/bin/javac" -d "$cache/bench/walks" -cp "$dist/lib/*" \
		"$root/labeler/src/bench/java/labeler/bench/Walks.java"
	say "each format"
	for row in "${bench_formats[@]}"; do
		IFS='|' read -r what format options count <<<"$row"
		key=$((key + 1))
		mkdir "format$key"
		# A data file's name is taken from qemu-img's directory, and kept as it is.
		options=${options/FILE/$PWD/format$key/image}
		qemu-img create -q --object secret,id=secret,data=password -f "$format" ${options:+-o "$options"} "format$key/image" 5G
		mapfile -t files < <(find "format$key" -type f | sort)
		[ "${#files[@]}" -eq "$count" ] || die 1 "qemu-img made ${#files[@]} files of $what, not $count"
		bench_format "format$key" "$runs" "$format" "format$key/image" "${files[@]}"
		bench_format_rows+=("format$key|$what|$count")
	done
	mkdir built
	bench_java -cp "$root/chain-model/target/test-classes:$dist/lib/*" labeler.chain.testing.WriteImages built
	for format in "${bench_built_formats[@]}"; do
		bench_format "built$format" "$runs" "$format" "built/$format" "built/$format"
		bench_format_rows+=("built$format|$format, one of 1 MiB|1")
	done
	say "hostile images"
	mkdir hostile
	bench_run hostile bench_java \
		-cp "$root/chain-model/target/test-classes:$dist/lib/*" labeler.chain.testing.HostileWalks hostile "$runs"
	for format in "${bench_chain_formats[@]}"; do
		say "chains of $format"
		mkdir "$format"
		qemu-img create -q -f "$format" "$format/1" 5G
		for ((layer = 2; layer <= bench_chain_lengths[-1]; layer++)); do
			qemu-img create -q -f "$format" -F "$format" -b $((layer - 1)) "$format/$layer"
		done
		for length in "${bench_chain_lengths[@]}"; do
			mapfile -t files < <(seq -f "$format/%.0f" 1 "$length")
			bench_format "$format$length" "$runs" "$format" "$format/$length" "${files[@]}"
			bench_format_rows+=("$format$length|$format, a chain of $length|$length")
		done
	done
}

# bench_in_us KEY: as bench_in_ms, for shorter times.
bench_in_us() {
	awk '{ printf "%.1f µs (%.1f to %.1f)", $1, $2, $3 }' <<<"${bench_result[$1]}"
}

# bench_format_row KEY WHAT FILES
bench_format_row() {
	local least qemu cold warm
	least=$(bench_get "$1.least.all") qemu=$(bench_get "$1.qemu.whole")
	cold=$(bench_get "$1.cold.whole") warm=$(bench_get "$1.warm")
	printf '| %s | %d | %s | %s | %s | %s | %s× | %s× | %s× |\n' "$2" "$3" "$(bench_in_us "$1.least.all")" \
		"$(bench_in_ms "$1.qemu.whole")" "$(bench_in_ms "$1.cold.whole")" "$(bench_in_ms "$1.warm")" \
		"$(bench_divide "$cold" "$qemu")" "$(bench_divide "$warm" "$qemu")" "$(bench_divide "$warm" "$least")"
}

# bench_formats_report LOAD_BEFORE: the measurements, and how busy the machine was.
bench_formats_report() {
	local row key what count
	cat <<-END
		# What it costs to know an image's files

		Written by \`./dev bench formats\`, in one run. Medians; in brackets the lowest and the 90th percentile. The least is
		labeler/src/bench/c/read.c: open, read 4 KiB, close, for each file. \`qemu-img info --backing-chain\` and \`labeler
		chain --json\` are from fork to end ("cold": a new process, with its files in the page cache). "Warm" is the same walk
		in a JVM that has done it before, with the settings of the service, as in a start; every file is opened safely and
		looked at again at the end. The images are empty and have 5 GB.

		$(bench_machine)
		Load average before: $1; after: $(cut -d' ' -f1-3 /proc/loadavg). A load above the number
		of processors comes from other work, and affects the numbers: compare columns, not runs.

		| image | files | the least | qemu-img info | labeler chain, cold | walk, warm | cold / qemu-img | warm / qemu-img | warm / least |
		|---|---|---|---|---|---|---|---|---|
	END
	for row in "${bench_format_rows[@]}"; do
		IFS='|' read -r key what count <<<"$row"
		bench_format_row "$key" "$what" "$count"
	done
	cat <<-END

		The slowest answer to any of the hostile images of the tests (HostileInputs), warm: $(bench_in_ms hostile.slowest); the
		target is 100 ms.

		Chains of qcow and qed are left out: their headers cannot record the format of a backing file, so no chain of them is
		followed.
	END
}
