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

# bed_document THEME…: the page that the theme side-by-side writes, into docs/. Its times vary. So if the theme was not
# named and the table is the same, the page does not change.
bed_document() {
	local made=$bed_reports/libvirt-side-by-side.md page=$root/docs/libvirt-side-by-side.md
	[ -e "$made" ] || return 0
	if [[ " $* " != *' side-by-side '* ]] && [ -e "$page" ] &&
		cmp -s <(sed '/^## Times$/,$d' "$made") <(sed '/^## Times$/,$d' "$page"); then
		return 0
	fi
	cp -- "$made" "$page"
	say "bed: wrote docs/libvirt-side-by-side.md"
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
