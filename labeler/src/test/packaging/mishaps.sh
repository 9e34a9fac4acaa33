# shellcheck shell=bash
# shellcheck disable=SC2154  # image comes from the script that sources this
# Sourced by life.sh: updates to another version, changes to the other package, and removals at bad moments. What the host lacks
# is in poor-hosts.sh.
# Beside the package are two that package-test.bash has made of it: newer.deb with a higher version, another name of the jar
# a mark in its unit and a line more in its settings, and other.deb, which is named labeler-bundled.

readonly hook=/etc/libvirt/hooks/qemu.d/labeler hook_removed=/etc/labeler/hook-removed

# apt_get ARGUMENT…: its output is in /tmp/apt.log, and here.
apt_get() {
	local code=0
	apt-get -y -q "$@" >/tmp/apt.log 2>&1 </dev/null || code=$?
	cat /tmp/apt.log
	return "$code"
}

says() {
	grep -q -- "$1" /tmp/apt.log
}

service_pid() {
	systemctl show -P MainPID labelerd.service
}

is_new_service() {
	tr '\0' ' ' <"/proc/$(service_pid)/cmdline" | grep -q 'labeler-newer\.jar' &&
		tr '\0' '\n' <"/proc/$(service_pid)/environ" | grep -qx 'LABELER_TEST_MARK=newer'
}

# A service that was asked for while the files were replaced is of the new unit, and runs the new jar.
update_to_another_version() {
	local asking
	rm -f /tmp/enough
	ask_on_and_on >/tmp/answers &
	asking=$!
	until_is grep -q answered /tmp/answers
	apt_get install /packages/newer.deb
	until_is systemctl is-active labelerd.service
	: >/tmp/enough
	wait "$asking"
	fact "apt takes the higher version by itself" test "$(dpkg-query -W -f '${Version}' labeler)" = "$(dpkg-deb -f /packages/newer.deb Version)"
	fact "the service that runs after it has the new unit and the new jar" is_new_service
	apt_get install --allow-downgrades "$package"
	until_is systemctl is-active labelerd.service
}

# dpkg asks about settings that both the administrator and the package have changed, when the new files are there.
an_update_that_asks_a_question() {
	local updating
	cp -a /etc/labeler/labeler.toml /tmp/labeler.toml
	printf '# ours\n' >>/etc/labeler/labeler.toml
	mkfifo /tmp/nobody
	exec 7<>/tmp/nobody
	dpkg --install /packages/newer.deb >/tmp/dpkg.log 2>&1 <&7 &
	updating=$!
	until_is grep -q 'default=N' /tmp/dpkg.log
	fact "while an update asks a question, a request has its answer" timeout 180 labeler status web1
	fact "by the new files" grep -qz 'labeler-newer\.jar' "/proc/$(service_pid)/cmdline"
	printf 'N\n' >&7
	exec 7>&-
	wait "$updating" || fail "dpkg --install: $(cat /tmp/dpkg.log)"
	until_is systemctl is-active labelerd.service
	fact "and with an answer the service is of the new unit" is_new_service
	cp -a /tmp/labeler.toml /etc/labeler/labeler.toml
	rm /tmp/nobody
	apt_get install --allow-downgrades "$package"
	until_is systemctl is-active labelerd.service
}

# What waits goes on with the text of the new version.
waiting_start() {
	local script=/usr/lib/labeler/bin/labelerd waiting
	cp -a "$script" /tmp/labelerd.kept
	: >/run/labeler/update
	labelerd one two >/tmp/waiting.log 2>&1 &
	waiting=$!
	until_is grep -q 'waits for the end of an update' /tmp/waiting.log
	# As dpkg does it: another file gets the name.
	# shellcheck disable=SC2016  # for that script
	printf '#!/bin/sh\necho "pid $$: $*"\n' >/tmp/labelerd.new
	chmod 755 /tmp/labelerd.new
	mv /tmp/labelerd.new "$script"
	rm /run/labeler/update
	wait "$waiting"
	fact "a start that waited is one of the new version, with the same process" grep -qx "pid $waiting: one two" /tmp/waiting.log
	cp -a /tmp/labelerd.kept "$script"
}

# An update that is killed removes no file.
updater_is_gone() {
	local updater waiting
	sleep infinity &
	updater=$!
	printf '%s %s\n' "$updater" "$(sed 's/.*) //' "/proc/$updater/stat" | cut -d ' ' -f 20)" >/run/labeler/update
	labelerd --config /does/not/exist >/tmp/waiting.log 2>&1 &
	waiting=$!
	until_is grep -q 'waits for the end of an update' /tmp/waiting.log
	kill "$updater"
	not wait "$updater"
	not wait "$waiting" || fail "labelerd has taken settings that do not exist"
	fact "a start waits no longer than the updater lives" grep -q "process $updater, which updated this program, has ended" /tmp/waiting.log
	printf '%s %s complete\n' "$$" "$(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 20)" >/run/labeler/update
	not labelerd --config /does/not/exist >/tmp/waiting.log 2>&1
	fact "and not at all when the new files are there" not grep -q waits /tmp/waiting.log
	rm /run/labeler/update
}

# An update that could replace no file, by a program that does not end, such as packagekitd. (Not after five minutes, but after
# three seconds.)
updater_never_ends() {
	local script=/usr/lib/labeler/bin/labelerd updater
	cp -a "$script" /tmp/labelerd.kept
	sed -i 's/-mmin +5 /-mmin +0.05 /' "$script"
	sleep infinity &
	updater=$!
	printf '%s %s\n' "$updater" "$(sed 's/.*) //' "/proc/$updater/stat" | cut -d ' ' -f 20)" >/run/labeler/update
	not timeout 120 labelerd --config /does/not/exist >/tmp/waiting.log 2>&1 || fail "labelerd has taken settings that do not exist"
	fact "a start does not wait for an update that replaces nothing" grep -q "process $updater began an update and has replaced no file" /tmp/waiting.log
	fact "but has waited for it" grep -q 'waits for the end of an update' /tmp/waiting.log
	kill "$updater"
	not wait "$updater"
	rm /run/labeler/update
	cp -a /tmp/labelerd.kept "$script"
}

# Whether the service's process is still its script.
is_script() {
	tr '\0' ' ' <"/proc/$(service_pid)/cmdline" | grep -q '^/bin/sh .*labelerd'
}

# A request has started a service, which waits. libvirt is ordered after it, and its package restarts it.
libvirt_while_a_service_waits() {
	local asking began
	printf '[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/libvirtd.service
	systemctl daemon-reload
	systemctl stop labelerd.service
	: >/run/labeler/update
	labeler status web1 >/tmp/answer 2>&1 &
	asking=$!
	until_is is_script
	began=$(service_pid)
	fact "libvirt is restarted while a service waits for an update" timeout 60 systemctl restart libvirtd.service
	fact "which is a service to systemd" systemctl is-active labelerd.service
	rm /run/labeler/update
	wait "$asking" || fail "the request: $(cat /tmp/answer)"
	fact "and the process that waited has answered then" test "$began" = "$(service_pid)"
	systemctl stop libvirtd.service
	rm /etc/systemd/system/libvirtd.service
	systemctl daemon-reload
}

# status_is PATTERN
status_is() {
	systemctl show -P StatusText labelerd.service | grep -q "$1"
}

# restarts_at_least NUMBER: by systemd itself, since the service was last started in another way.
restarts_at_least() {
	[ "$(systemctl show -P NRestarts labelerd.service)" -ge "$1" ]
}

# A process with a thread in a file system that does not answer keeps its locks, whatever signal it gets.
service_of_before_hangs() {
	local holder asking kept
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	# It waits for the lock of the service that runs, and has it before the next one asks.
	# shellcheck disable=SC2016  # Perl's
	perl -MFcntl -e 'open(my $file, "+<", "/var/lib/labeler/journal.lock") or die; my $lock = pack("ssx4qqix4", F_WRLCK, 0, 0, 0, 0);
		fcntl($file, F_SETLKW, $lock) or die; $| = 1; print "locked\n"; sleep' >/tmp/holder.log &
	holder=$!
	until_is grep -q " WRITE *$holder .*:$(stat -c %i /var/lib/labeler/journal.lock) " /proc/locks
	fact "a restart is over while the service of before has not ended" timeout 60 systemctl restart labelerd.service
	grep -q locked /tmp/holder.log || fail "the lock is not held"
	fact "and the next one says that it waits" status_is 'waits for the end of another labelerd.*/var/lib/labeler/journal.lock'
	labeler status web1 >/tmp/answer 2>&1 &
	asking=$!
	kill "$holder"
	wait "$asking" || fail "the request: $(cat /tmp/answer)"
	fact "when that has ended, the next one answers" labelled
	fact "and was never started again" not restarts_at_least 1
	fact "the guard's connections are kept: $kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	fact "and its status is empty again" status_is '^$'
}

# Each start fails, and a client waits. By default systemd would end service and socket after five starts.
settings_are_wrong_for_a_while() {
	local asking kept began=$SECONDS
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	cp -a /etc/labeler/labeler.toml /tmp/labeler.toml
	printf 'nonsense = 1\n' >/etc/labeler/labeler.toml
	fact "systemctl says that a start with wrong settings fails" not systemctl restart labelerd.service
	labeler status web1 >/tmp/answer 2>&1 &
	asking=$!
	until_is restarts_at_least 6
	fact "a client that waits does not start it without a pause" test $((SECONDS - began)) -ge 25
	fact "the socket listens on" systemctl is-active labelerd.socket
	cp -a /tmp/labeler.toml /etc/labeler/labeler.toml
	wait "$asking" || fail "the request: $(cat /tmp/answer)"
	fact "with the settings mended the client has its answer, and nobody has started the service" grep -q "$image" /tmp/answer
	fact "the guard's connections are kept: $kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
}

# systemd before 254 knows no FileDescriptorStorePreserve=: it keeps the connections of guards over a restart, and not over a
# stop.
update_on_an_older_systemd() {
	local drop_in=/run/systemd/system/labelerd.service.d/older.conf kept
	mkdir -p "${drop_in%/*}"
	printf '[Service]\nFileDescriptorStorePreserve=restart\n' >"$drop_in"
	systemctl daemon-reload
	systemctl restart labelerd.service
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	apt_get install --reinstall "$package"
	until_is systemctl is-active labelerd.service
	fact "an update with an older systemd: the guard's connections are kept: $kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	rm -r "${drop_in%/*}"
	systemctl daemon-reload
}

# As libvirt has it on record.
domain_starts() {
	mkdir -p /run/libvirt/qemu
	printf '<emulator>/etc/labeler/emulators/web9/qemu</emulator>\n' >/run/libvirt/qemu/web9.xml
	sleep infinity &
	printf '%s\n' "$!" >/run/libvirt/qemu/web9.pid
}

domain_ends() {
	kill "$(cat /run/libvirt/qemu/web9.pid)"
	rm -r /run/libvirt
}

guarded_domain() {
	domain_starts
	fact "no removal while libvirt runs a guarded domain" not apt_get remove labeler
	fact "it names that domain" says 'monitors labeler guards: web9'
	fact "and the service runs on" systemctl is-active labelerd.service
	domain_ends
}

# change_to PACKAGE FILE: by apt, which removes the one before it installs the other, and then purge what is left.
change_to() {
	local from=labeler
	[ "$1" = labeler-bundled ] || from=labeler-bundled
	apt_get install "$2"
	fact "apt changes to $1, and the hook is there again" test -x "$hook" -a ! -e "$hook_removed"
	apt_get purge "$from"
	fact "a purge of $from then leaves the units enabled" systemctl is-enabled labelerd.socket labelerd.service
	fact "the settings" test -s /etc/labeler/labeler.toml
	fact "and the service, which knows the VM" labelled
}

change_both_ways() {
	mkdir -p /etc/libvirt/hooks
	labeler hook install libvirt
	change_to labeler-bundled /packages/other.deb
	change_to labeler "$package"
}

# By dpkg, which tells the package that another takes its place.
change_in_one_step() {
	local kept
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	dpkg --install /packages/other.deb
	fact "dpkg changes to labeler-bundled, and the hook was never gone" test -x "$hook" -a ! -e "$hook_removed"
	fact "the service knows the VM" labelled
	fact "the guard's connections are kept: $kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	dpkg --install "$package"
	dpkg --purge labeler-bundled
	fact "and back" labelled
}

# postinst ARGUMENT…: as dpkg calls it.
postinst() {
	DPKG_MAINTSCRIPT_PACKAGE=labeler DPKG_MAINTSCRIPT_NAME=postinst /var/lib/dpkg/info/labeler.postinst "$@" >/tmp/apt.log 2>&1
}

# abort-remove, by hand: dpkg calls it if a removal fails after the hook has gone.
failed_removal() {
	rm "$hook"
	: >"$hook_removed"
	postinst abort-remove
	fact "a removal that fails leaves the hook" test -x "$hook" -a ! -e "$hook_removed"
}

units_by_hand() {
	cp /usr/lib/systemd/system/labelerd.service /etc/systemd/system
	postinst configure
	fact "a unit of an installation by hand is named" says '/etc/systemd/system/labelerd.service is used in place'
	rm /etc/systemd/system/labelerd.service
	systemctl daemon-reload
}

# The settings name another directory than the one that has the record.
journal_elsewhere() {
	sed -i 's|^#\(state-directory = \).*|\1"/srv/labeler"|' /etc/labeler/labeler.toml
	grep -q '^state-directory' /etc/labeler/labeler.toml || fail "no such setting"
	# As after an update that was killed: nothing may wait for its end.
	: >/run/labeler/update
	mount --bind "${hook%/*}" "${hook%/*}"
	timeout 300 apt-get remove -y -q labeler >/tmp/apt.log 2>&1 </dev/null || fail "apt-get remove"
	umount "${hook%/*}"
	rmdir "${hook%/*}"
	cat /tmp/apt.log
	fact "a removal after an update that was killed ends" not test -e /run/labeler/update
	fact "a record in the directory of before is found" says 'on record: VM web1: holds'
	fact "and named" says 'stays in /var/lib/labeler, also at a purge'
	fact "and no purge will delete it" not test -e /var/lib/labeler/nothing-recorded
	mv /var/lib/labeler /srv/labeler
	mkdir /var/lib/labeler
	apt_get install "$package"
	apt_get remove labeler
	fact "a record in the configured directory is found" says 'on record: VM web1: holds'
	fact "and named" says 'stays in /srv/labeler, also at a purge'
	rm -r /var/lib/labeler
	mv /srv/labeler /var/lib/labeler
	apt_get purge labeler
	apt_get install "$package"
	fact "installed again, it knows the VM" labelled
}

# A typing error, for example. The directory of before is read all the same.
record_cannot_be_read() {
	cp -a /etc/labeler/labeler.toml /tmp/labeler.toml
	printf 'nonsense = 1\n' >>/etc/labeler/labeler.toml
	apt_get remove labeler
	fact "a record that cannot be read is told, with the reason" says 'the record in /var/lib/labeler could not be read'
	fact "and the reason is not taken for a record" not says 'on record: labelerd'
	fact "the VM is named all the same" says 'on record: VM web1: holds'
	fact "and no purge will delete the record" not test -e /var/lib/labeler/nothing-recorded
	cp -a /tmp/labeler.toml /etc/labeler/labeler.toml
	apt_get install "$package"
	fact "installed again, it knows the VM" labelled
}

# The unit's sandbox hides no file that a VM may have.
kernel_of_the_host() {
	local modules=/usr/lib/modules had=no
	[ ! -d "$modules" ] || had=yes
	mkdir -p "$modules/1.2.3"
	printf 'kernel' >"$modules/1.2.3/vmlinuz"
	systemd-run -q --unit=web2 labeler run web2 -- qemu-system-x86_64 -M none -S -nodefaults -display none \
		-blockdev "driver=file,node-name=disk,read-only=on,filename=$modules/1.2.3/vmlinuz"
	until_is labeler status web2
	fact "a VM may have a kernel in $modules" systemctl is-active web2
	systemctl stop web2
	until_is not labeler status web2
	rm -r "$modules/1.2.3"
	[ "$had" = yes ] || rmdir "$modules"
}

mishaps() {
	kernel_of_the_host
	waiting_start
	updater_is_gone
	updater_never_ends
	libvirt_while_a_service_waits
	service_of_before_hangs
	settings_are_wrong_for_a_while
	update_to_another_version
	an_update_that_asks_a_question
	update_on_an_older_systemd
	guarded_domain
	change_both_ways
	change_in_one_step
	failed_removal
	units_by_hand
	journal_elsewhere
	record_cannot_be_read
}
