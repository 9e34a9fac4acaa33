# shellcheck shell=bash
# shellcheck disable=SC2154  # package, name, image and before come from the script that sources this
# Sourced by life.sh and bundled-life.sh, after facts.sh: the steps of a package's life that are the same for both. $package is
# its file and $name its name.

install_package() {
	apt-get install -y -q "$@" "$package" >/tmp/apt.log 2>&1 || {
		cat /tmp/apt.log
		fail "apt-get install"
	}
	cat /tmp/apt.log
}

check_files() {
	fact "apt installs no other package than those that it depends on" grep -q ' 1 newly installed\| 1 neu' /tmp/apt.log
	fact "no file differs from the package's" test -z "$(dpkg -V "$name")"
	fact "the group is there" getent group labeler
	fact "labeler --version answers" grep -q "^labeler $(dpkg-deb -f "$package" Version | sed 's/[-~+].*//')" <(labeler --version)
	fact "the units are right" systemd-analyze verify --man=no /usr/lib/systemd/system/labelerd.{socket,service}
	fact "the socket is enabled" systemctl is-enabled labelerd.socket
	fact "the service is enabled" systemctl is-enabled labelerd.service
	fact "the service runs" systemctl is-active labelerd.service
	fact "each command has its manual page" test -s /usr/share/man/man1/labeler-run.1.gz
	fact "bash completes the commands" bash -c 'source /usr/share/bash-completion/completions/labeler && complete -p labeler'
}

# Requests all the time: none may fail.
ask_on_and_on() {
	while [ ! -e /tmp/enough ]; do
		if labeler status web1 >/tmp/answer 2>&1; then echo answered; else cat /tmp/answer; fi
		sleep 0.1
	done
}

update() {
	local socket kept old asking
	socket=$(stat -c %i /run/labeler/labeler.sock)
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	old=$(systemctl show -P MainPID labelerd.service)
	ask_on_and_on >/tmp/answers &
	asking=$!
	until_is grep -q answered /tmp/answers
	install_package --reinstall
	until_is systemctl is-active labelerd.service
	: >/tmp/enough
	wait "$asking"
	fact "an update leaves the VM running" is_qemu
	fact "and starts a new service" test "$old" != "$(systemctl show -P MainPID labelerd.service)"
	fact "which knows the VM" labelled
	fact "the socket is the same" test "$socket" = "$(stat -c %i /run/labeler/labeler.sock)"
	fact "the guard's connections are kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	fact "and no request has failed meanwhile ($(grep -c answered /tmp/answers) were answered)" not grep -v answered /tmp/answers
	fact "a start waits no longer" not test -e /run/labeler/update
}

remove_with_a_vm() {
	mkdir -p /etc/libvirt/hooks
	labeler hook install libvirt
	join_cluster
	apt-get remove -y -q "$name" >/tmp/apt.log 2>&1
	cat /tmp/apt.log
	fact "a removal takes the hook along" not test -e /etc/libvirt/hooks/qemu.d/labeler
	fact "and names the VMs that are on record" grep -q 'on record: VM web1: holds' /tmp/apt.log
	fact "and that the host is still in its cluster" grep -q 'alpha is still in its cluster.*labeler cluster leave' /tmp/apt.log
	fact "and leaves no archive" not test -e /var/cache/labeler
	fact "and is one of a package that was set up" not grep -q 'before it was set up' /tmp/apt.log
	apt-get purge -y -q "$name" >/tmp/apt.log 2>&1
	cat /tmp/apt.log
	fact "the disk still has its label" has_label '*:svirt_image_t:s0:c*,c*'
	fact "a purge keeps a record of labels" test -s /var/lib/labeler/journal.db
	fact "and says so" grep -q '/var/lib/labeler stays' /tmp/apt.log
	fact "it takes the unit's way to the cluster along" not test -e /etc/systemd/system/labelerd.service.d
	fact "and the settings" not test -e /etc/labeler
	rmdir /etc/libvirt/hooks /etc/libvirt
}

install_again() {
	install_package
	fact "installed again, it knows the VM" labelled
	systemctl stop web1
	until_is has_label "$before"
	fact "and gives its label back" has_label "$before"
}

purge_leaves_nothing() {
	# As the removal of the policy module leaves it on a host with SELinux.
	: >/etc/labeler/policy-booleans
	apt-get purge -y -q "$name" >/tmp/apt.log 2>&1
	cat /tmp/apt.log
	everything >/tmp/after
	diff /tmp/before /tmp/after || fail "something is left"
	printf 'fact: a purge leaves nothing\n'
}
