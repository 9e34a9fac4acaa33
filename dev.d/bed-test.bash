# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and bed come from the script and from bed.bash
# ./dev bed test: the acceptance tests in the guest, and their results here.

readonly bed_reports=$root/vagrant/target/bed-reports

# The status with which vagrant/acceptance/run.sh asks for a reboot.
readonly bed_reboot_status=194

bed_reboot() {
	local before
	before=$(bed_run cat /proc/sys/kernel/random/boot_id)
	# A reset: nothing is stopped, also not the VMs. It is no power cut, since file systems are synced.
	bed_run systemctl reboot --force --force >/dev/null 2>&1 || true
	bed_wait "$before"
}

# bed_junit TAP…: the results, with one JUnit report for each theme beside them.
bed_junit() {
	local file name
	for file in "$@"; do
		name=$(basename "$file" .tap)
		awk -v name="$name" -f "$root/vagrant/acceptance/programs/junit.awk" "$file" >"${file%/*}/TEST-$name.xml"
	done
}

# bed_count PATTERN: lines of the results.
bed_count() {
	cat -- "$bed_reports"/*/*.tap 2>/dev/null | grep -cE "$1" || true
}

# bed_themes PATTERN: the names of the themes whose numbers match this extended regular expression.
bed_themes() {
	local file
	for file in "$root"/vagrant/acceptance/[0-9]*.sh; do
		file=${file##*/}
		file=${file%.sh}
		[[ ! ${file%%-*} =~ ^($1)$ ]] || printf '%s\n' "${file#*-}"
	done
}

# bed_document [--whole] THEME…: the page that the themes side-by-side and libvirt-domains write, each its part, into docs/.
# Only the long form measures: without it the page keeps its times.
bed_document() {
	local page=$root/docs/libvirt-side-by-side.md new=$bed_reports/page.md part first=$root/docs/libvirt-side-by-side.md
	local times=$page domains=''
	for part in "$bed_reports"/*/libvirt-*.md; do
		case $part in
		*/libvirt-side-by-side.md) first=$part ;;
		*/libvirt-domains.md) domains=$part ;;
		esac
	done
	[[ " $* " != *' --whole '* ]] || times=$first
	bed_page "$page" "$first" "$times" "$domains" >"$new"
	if cmp -s "$new" "$page"; then
		return 0
	fi
	cp -- "$new" "$page"
	say "bed: wrote docs/libvirt-side-by-side.md"
}

# bed_page PAGE FIRST TIMES DOMAINS: the page with the parts that were made; the others stay.
bed_page() {
	sed '/^## Times$/,$d' "$2"
	sed -n '/^## Times$/,$p' "$3" | sed '/^<!-- domains -->$/,$d'
	if [ -n "$4" ]; then
		printf '<!-- domains -->\n'
		cat "$4"
	else
		sed -n '/^<!-- domains -->$/,$p' "$1"
	fi
}

# bed_bring_tests: into the guest of $bed_running.
bed_bring_tests() {
	bed_run rm -rf /root/acceptance /var/lib/labeler-acceptance
	bed_push "$root/vagrant/acceptance" /root/acceptance
	bed_push "$root/README.md" /root/README.md
}

# bed_test_in GUEST ARGUMENT…: run.sh with these arguments in the guest of $bed_running, and its results in a directory of
# that name. Fails if a test does.
bed_test_in() {
	local results=$bed_reports/$1 status
	shift
	mkdir -p "$results"
	bed_up
	bed_bring_tests
	while true; do
		status=0
		bed_run bash /root/acceptance/run.sh "$@" || status=$?
		[ "$status" -eq "$bed_reboot_status" ] || break
		say "bed: the tests ask for a reboot"
		bed_reboot
	done
	bed_fetch "$results"
	bed_junit "$results"/*.tap
	return "$status"
}

# The second guest's tests, and what they printed. It ends with them.
bed_test_second() {
	(
		# shellcheck disable=SC2034  # bed.bash reads it
		bed_running=$bed/running-2
		trap bed_end EXIT
		bed_test_in second "$@"
	) >"$bed_reports/second.log" 2>&1
}

# bed_host_boots NAME LAST-OF-ITS-ADDRESS NETDEV: one of two hosts, with a second card that leads to the other.
bed_host_boots() {
	# shellcheck disable=SC2034  # bed.bash reads them
	bed_devices=(-netdev "$3,id=link,addr.type=unix,addr.path=$bed/link"
		-device "virtio-net-pci,netdev=link,mac=52:54:00:00:00:0$2") bed_kernel="systemd.hostname=$1"
	bed_boot
}

# bed_has_address LAST-OF-IT: on the second card.
bed_has_address() {
	bed_run ip link set eth1 up
	bed_run ip address replace "10.9.0.$1/24" dev eth1
}

bed_link_is_there() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		[ ! -S "$bed/link" ] || return 0
		sleep 0.1
	done
	die 1 "the first guest's qemu did not make the network"
}

# The second of two hosts, in its own process. (The one that runs the tests has the first, whose end is its end.)
bed_second_host() {
	# shellcheck disable=SC2034  # bed.bash reads it
	bed_running=$bed/running-2
	"$@"
}

# bed_test_hosts THEME: in two guests at once, which a Unix socket connects and nothing else does. The first's qemu makes
# it, so it boots first. The first guest has the tests, and logs in at the second with the bed's key. Both end with them.
bed_test_hosts() {
	local status=0
	bed_down
	rm -f -- "$bed/link"
	trap bed_down EXIT
	bed_host_boots one 1 stream,server=on
	bed_link_is_there
	(bed_second_host bed_host_boots two 2 stream,server=off)
	bed_arrives
	(bed_second_host bed_arrives)
	bed_has_address 1
	(bed_second_host bed_has_address 2)
	(bed_second_host bed_bring_tests)
	bed_push "$bed/key" /root/bed-key
	set +e
	(
		set -e
		bed_test_in first host "$1" audit
	)
	status=$?
	set -e
	mkdir -p "$bed_reports/second"
	(
		bed_second_host bed_fetch "$bed_reports/second"
		bed_junit "$bed_reports"/second/*.tap
	)
	return "$status"
}

# Which themes a guest has if none is named: patterns of their numbers. The short form has those in which only a kernel that
# enforces can tell. Both guests begin with a look at the host and end with the audit log. The second one has libvirt.
readonly bed_first_short='10|20|30|34|60|70|99' bed_second_short='10|50|57|62|99'
readonly bed_first_whole='[^56].|6[^2]' bed_second_whole='10|5.|62|99'

# bed_test [--whole] [THEME…]: two guests have a half each, if no theme is named: one keeps one processor busy.
bed_test() {
	local began=$SECONDS status=0 second='' arguments=("$@") whole=() themes=() run=(bed_test_in first)
	local in_first=$bed_first_short in_second=$bed_second_short
	rm -rf -- "$bed_reports"
	mkdir -p "$bed_reports"
	bed_build
	[ "${1:-}" != --whole ] || whole=("$1") in_first=$bed_first_whole in_second=$bed_second_whole
	if [ $# -eq ${#whole[@]} ]; then
		mapfile -t themes < <(bed_themes "$in_second")
		bed_test_second "${whole[@]}" "${themes[@]}" &
		second=$!
		mapfile -t themes < <(bed_themes "$in_first")
		arguments=("${whole[@]}" "${themes[@]}")
	fi
	if [ -f "$root/vagrant/acceptance/hosts/${1:-}.sh" ]; then
		[ $# -eq 1 ] || die 2 "bed test: $1 runs alone, in guests of its own"
		run=(bed_test_hosts)
	fi
	# Not with `||`, which would let it continue after an error.
	set +e
	(
		set -e
		"${run[@]}" "${arguments[@]}"
	)
	status=$?
	if [ -n "$second" ]; then
		wait "$second" || status=1
		cat -- "$bed_reports/second.log"
	fi
	set -e
	# What a failed test wrote is no measurement.
	[ "$status" -ne 0 ] || bed_document "$@"
	printf 'bed: %d s, %d passed, %d failed\n' $((SECONDS - began)) "$(bed_count '^ok ')" "$(bed_count '^not ok ')"
	[ "$status" -eq 0 ] || die 1 "the acceptance tests failed; results in ${bed_reports#"$root"/}"
	[ "$(bed_count '^ok ')" -gt 0 ] || die 1 "no acceptance test ran"
}

# bed_fetch DIRECTORY: the results, and files of the guest for finding the reason of a failure.
bed_fetch() {
	local options
	mapfile -t options < <(bed_ssh_options)
	scp -q "${options[@]}" "root@127.0.0.1:/var/lib/labeler-acceptance/results/*" "$1/" ||
		die 1 "the acceptance tests left no results"
	bed_run cat /var/log/audit/audit.log >"$1/audit.log" || true
	bed_run journalctl --no-pager -u labelerd >"$1/labelerd.log" || true
}
