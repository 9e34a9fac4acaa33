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

# bed_junit TAP…: the results, with one JUnit report for each theme.
bed_junit() {
	local file name
	for file in "$@"; do
		name=$(basename "$file" .tap)
		awk -v name="$name" -f "$root/vagrant/acceptance/programs/junit.awk" "$file" >"$bed_reports/TEST-$name.xml"
	done
}

# bed_count PATTERN: lines of the results.
bed_count() {
	cat -- "$bed_reports"/*.tap 2>/dev/null | grep -cE "$1" || true
}

# bed_document THEME…: the page that the themes side-by-side and libvirt-domains write, each its part, into docs/. Its times
# vary. So if side-by-side was not named and the tables are the same, the page does not change.
bed_document() {
	local page=$root/docs/libvirt-side-by-side.md new=$bed_reports/page.md
	bed_page "$page" "$bed_reports/libvirt-side-by-side.md" "$bed_reports/libvirt-domains.md" >"$new"
	if [[ " $* " != *' side-by-side '* ]] && cmp -s <(bed_without_times "$new") <(bed_without_times "$page"); then
		return 0
	fi
	cp -- "$new" "$page"
	say "bed: wrote docs/libvirt-side-by-side.md"
}

# bed_page PAGE FIRST SECOND: the page with the parts that were made; the others stay.
bed_page() {
	if [ -e "$2" ]; then
		cat "$2"
	else
		sed '/^<!-- domains -->$/,$d' "$1"
	fi
	if [ -e "$3" ]; then
		printf '<!-- domains -->\n'
		cat "$3"
	else
		sed -n '/^<!-- domains -->$/,$p' "$1"
	fi
}

bed_without_times() {
	sed '/^## Times$/,/^<!-- domains -->$/d' "$1"
}

bed_test() {
	local began=$SECONDS status=0 up
	rm -rf -- "$bed_reports"
	mkdir -p "$bed_reports"
	bed_up
	up=$((SECONDS - began))
	bed_run rm -rf /root/acceptance /var/lib/labeler-acceptance
	bed_push "$root/vagrant/acceptance" /root/acceptance
	while true; do
		status=0
		bed_run bash /root/acceptance/run.sh "$@" || status=$?
		[ "$status" -eq "$bed_reboot_status" ] || break
		say "bed: the tests ask for a reboot"
		bed_reboot
	done
	bed_fetch
	bed_junit "$bed_reports"/*.tap
	bed_document "$@"
	printf 'bed: image and boot %d s, tests %d s\n' "$up" $((SECONDS - began - up))
	printf 'bed: %d passed, %d failed\n' "$(bed_count '^ok ')" "$(bed_count '^not ok ')"
	[ "$status" -eq 0 ] || die 1 "the acceptance tests failed; results in ${bed_reports#"$root"/}"
	[ "$(bed_count '^ok ')" -gt 0 ] || die 1 "no acceptance test ran"
}

# Files of the guest for finding the reason of a failure.
bed_fetch() {
	local options
	mapfile -t options < <(bed_ssh_options)
	scp -q "${options[@]}" "root@127.0.0.1:/var/lib/labeler-acceptance/results/*" "$bed_reports/" ||
		die 1 "the acceptance tests left no results"
	bed_run cat /var/log/audit/audit.log >"$bed_reports/audit.log" || true
	bed_run journalctl --no-pager -u labelerd >"$bed_reports/labelerd.log" || true
}
