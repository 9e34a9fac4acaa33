# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script, bench_place from bench.bash
# ./dev bench trees: the labels of a directory tree, beside a C program with the same calls.

# The targets. A limit is in microseconds or times.
readonly bench_limit_tree=2         # times the C program, a hundred thousand files labelled and given back
readonly bench_limit_tree_skip=5000 # microseconds to see that a tree is right already

# bench_trees RUNS FILES: measures in pairs, so that other work of the machine meets both; prints the report.
bench_trees() {
	local runs=$1 files=$2 run load
	load=$(cut -d' ' -f1-3 /proc/loadavg)
	mkdir -p "$cache/bench/trees"
	quietly "gcc tree" gcc -O2 -Wall -Wextra -Werror -o "$cache/bench/tree" "$root/labeler/src/bench/c/tree.c"
	quietly "compiling the bench of trees" "$JAVA_HOME/bin/javac" -d "$cache/bench/trees" -cp "$dist/lib/*" \
		"$root/labeler/src/bench/java/labeler/bench/TreeLabels.java"
	mkdir "$bench_place/tree"
	"$cache/bench/tree" make "$files" "$bench_place/tree"
	for ((run = 0; run < runs; run++)); do
		"$cache/bench/tree" 1 "$bench_place/table" "$bench_place/tree" | sed 's/^/c\t/'
		bench_java \
			-cp "$cache/bench/trees:$dist/lib/*" labeler.bench.TreeLabels \
			1 "$bench_place/tables" "$bench_place/tree" "$files" | sed 's/^/java\t/'
	done >"$bench_place/trees.txt"
	cat "$bench_place/trees.txt" >&2
	bench_trees_report "$files" "$load"
}

# bench_trees_median PROGRAM WHAT: of all pairs, in microseconds.
bench_trees_median() {
	awk -v program="$1" -v what="$2" '$1 == program && $2 == what { print $3 }' "$bench_place/trees.txt" | sort -n |
		awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# bench_trees_report FILES LOAD
bench_trees_report() {
	local what c java ratio skip
	cat <<-END
		# Measurements of directory trees

		Written by \`./dev bench trees\`. Medians of pairs: first labeler/src/bench/c/tree.c, which makes the same calls without
		a thought of its own, then the service's own code in a warm JVM with the service's options. $(bench_machine) Load
		before it: $2.

		| $1 files | target | C | labeler | ratio | verdict |
		|---|---|---|---|---|---|
	END
	for what in label back both; do
		c=$(bench_trees_median c "$what") java=$(bench_trees_median java "$what")
		ratio=$(bench_divide "$java" "$c")
		printf '| %s | %s | %.2f s | %.2f s | %s× | %s |\n' "${what/both/labelled and given back}" \
			"$([ "$what" != both ] || printf 'at most %s×' "$bench_limit_tree")" \
			"$(bench_divide "$c" 1000000)" "$(bench_divide "$java" 1000000)" "$ratio" \
			"$([ "$what" != both ] || bench_verdict "$ratio" "$bench_limit_tree")"
	done
	skip=$(bench_trees_median java skip)
	printf '| passed over, since it is right already | at most %d ms | | %.3f ms | | %s |\n' \
		$((bench_limit_tree_skip / 1000)) "$(bench_divide "$skip" 1000)" "$(bench_verdict "$skip" "$bench_limit_tree_skip")"
}
