# shellcheck shell=bash
# shellcheck disable=SC2154  # cache and bench_place come from the script
# ./dev bench and ./dev bench descriptors: a start by labels, and the same by descriptors.

# bench_launch WARM_UP RUNS DESCRIPTOR_SOCKET: a VM as `labeler run` starts it; no socket if all its files have labels.
bench_launch() {
	"$cache/bench/launch" run/labeler.sock "$3" "$1" "$2" measured launch.json
}

# bench_launch_body PLACE DISKS: the request of a launcher, whose pid is filled in.
bench_launch_body() {
	local disk images=()
	for ((disk = 0; disk < $2; disk++)); do
		images+=("$1/handed-$disk-$((bench_depth - 1)).qcow2")
	done
	bench_body body.json '' "${images[@]}"
	jq -c '. + {launch: "run", pid: 0}' body.json >launch.json
}

# The same start by labels, on a tmpfs, and by descriptors, on a ramfs: both are in memory, without a disk.
bench_descriptors() {
	local runs=$1 kind
	for kind in tmpfs ramfs; do
		mkdir "$kind"
		mount -t "$kind" "$kind" "$kind"
		"$cache/bench/images" "$bench_place/$kind" handed "$bench_handed_disks" "$bench_depth"
	done
	bench_launch_body ramfs "$bench_disks"
	# Once without measuring: otherwise the first one would be measured in a colder JVM.
	bench_run warm_up bench_launch "$runs" "$runs" run/descriptors-labeler.sock
	bench_launch_body tmpfs "$bench_disks"
	bench_run by_label bench_launch "$runs" "$runs" ''
	bench_launch_body ramfs "$bench_disks"
	bench_run by_descriptor bench_launch "$runs" "$runs" run/descriptors-labeler.sock
	bench_launch_body ramfs "$bench_handed_disks"
	bench_run thousand bench_launch 5 "$((runs / 4 + 1))" run/descriptors-labeler.sock
}

# bench_descriptors_report: rows of the table.
bench_descriptors_report() {
	printf '| start of %d disks × %d files as a launcher sees it, by labels (tmpfs) | | %s | | |\n' "$bench_disks" "$bench_depth" \
		"$(bench_in_ms by_label.both)"
	bench_ratio_row "the same by descriptors (ramfs), with the hand-over of all $((bench_disks * bench_depth))" "that by labels" \
		by_descriptor.both by_label.both "$bench_limit_handed"
	printf '| hand-over of %d descriptors | at most %d ms | %s | | %s |\n' "$((bench_handed_disks * bench_depth))" \
		$((bench_limit_handover / 1000)) "$(bench_in_ms thousand.handover)" \
		"$(bench_verdict "$(bench_get thousand.handover)" "$bench_limit_handover")"
}
