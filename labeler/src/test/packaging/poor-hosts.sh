# shellcheck shell=bash
# shellcheck disable=SC2154  # package, hook and hook_removed come from the scripts that source this
# Sourced by life.sh after mishaps.sh: what the package's scripts do where the host, or dpkg, does not give them what they need.

# With the /sys of a host with SELinux, and without its systemd.
in_a_chroot() {
	export -f postinst
	unshare --mount bash -c 'mount -t tmpfs tmpfs /run/systemd && mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux &&
		touch /sys/fs/selinux/enforce && postinst configure' || fail "postinst in a chroot"
	fact "in a chroot no policy is loaded" not says SELinux
}

# As in an image that somebody mounts to update it.
without_proc() {
	# shellcheck disable=SC2016  # for that shell
	unshare --mount bash -c 'mount -t tmpfs tmpfs /run/systemd && mount -t tmpfs tmpfs /proc && dpkg --install "$1"' dpkg "$package" >/tmp/apt.log 2>&1 ||
		fail "dpkg --install without /proc: $(cat /tmp/apt.log)"
	cat /tmp/apt.log
	fact "an update needs no /proc" test "$(dpkg-query -W -f '${db:Status-Abbrev}' labeler)" = "ii "
	fact "and lets nothing wait" not test -e /run/labeler/update
	systemctl restart labelerd.service
	until_is labelled
}

# dpkg itself fails there, and puts nothing right.
read_only_usr() {
	local began
	began=$(service_pid)
	labeler hook install libvirt
	mount --bind /usr /usr
	mount -o remount,bind,ro /usr
	fact "no removal where /usr is read-only" not apt_get remove labeler
	fact "it says why" says 'nothing is done: /usr/lib/labeler cannot be written'
	fact "and the hook stays" test -x "$hook" -a ! -e "$hook_removed"
	fact "no update either" not apt_get install --reinstall "$package"
	fact "it says why, too" says 'nothing is done: /usr/lib/labeler cannot be written'
	fact "nothing waits" not test -e /run/labeler/update
	fact "and the service of before runs on" test "$began" = "$(service_pid)"
	umount -l /usr
	apt_get install --reinstall "$package"
	until_is labelled
}

# as_with_selinux COMMAND…: with the /sys of a host whose SELinux enforces.
as_with_selinux() {
	unshare --mount bash -c 'mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux && echo 1 >/sys/fs/selinux/enforce && exec "$@"' bash "$@"
}

# Debian has no D-Bus where nobody has asked for it.
under_systemd() {
	local under_systemd=/usr/lib/labeler/libexec/under-systemd code=0
	fact "there is no D-Bus here" not test -e /run/dbus/system_bus_socket
	as_with_selinux "$under_systemd" sh -c 'cat /proc/self/cgroup; echo fault >&2; exit 3' >/tmp/out 2>/tmp/err || code=$?
	fact "with SELinux systemd runs what the scripts need Java for" grep -q '/labeler-package-[0-9]*\.service$' /tmp/out
	fact "its faults come as such" grep -qx fault /tmp/err
	fact "and its failure" test "$code" -ne 0
	fact "its success too" as_with_selinux "$under_systemd" true
	# shellcheck disable=SC2016  # for that shell
	fact "an end by a signal is none" not as_with_selinux "$under_systemd" sh -c 'kill -TERM $$'
	fact "and nothing is left of it" not compgen -G '/run/labeler/.package*'
}

# As an administrator forbids packages to start and stop services.
no_restart_is_allowed() {
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	apt_get install --reinstall "$package"
	rm /usr/sbin/policy-rc.d
	fact "where a restart is not allowed, an update says how to do it" says 'run: systemctl restart labelerd.service'
	systemctl restart labelerd.service
	until_is labelled
}

# dpkg calls no prerm for a package that was unpacked and not configured.
unpacked() {
	labeler hook install libvirt
	dpkg --unpack "$package" &
	local unpacking=$!
	wait "$unpacking"
	fact "an update names the process that does it" grep -q "^$unpacking [0-9]*$" /run/labeler/update
	dpkg --remove labeler
	fact "a removal of what was never configured takes the hook along" not test -e "$hook"
	fact "and stops the socket" not systemctl is-active labelerd.socket
	fact "and lets nothing wait" not test -e /run/labeler/update
	apt_get install "$package"
	fact "and the next installation puts the hook back" test -x "$hook" -a ! -e "$hook_removed"
	fact "and knows the VM" labelled
	removed_while_a_domain_runs
	labeler hook remove libvirt
	rmdir --ignore-fail-on-non-empty /etc/libvirt/hooks/qemu.d /etc/libvirt/hooks /etc/libvirt 2>/dev/null || true
}

# Of what was unpacked and never set up: nobody asks, and libvirt must not lose the monitors that the service guards.
removed_while_a_domain_runs() {
	local kept began
	dpkg --unpack "$package"
	until_is labelled
	kept=$(systemctl show -P NFileDescriptorStore labelerd.service)
	began=$(service_pid)
	domain_starts
	dpkg --remove labeler >/tmp/apt.log 2>&1 || fail "dpkg --remove: $(cat /tmp/apt.log)"
	cat /tmp/apt.log
	# As the next package does.
	systemctl daemon-reload
	fact "while libvirt runs a guarded domain, the service runs on" test "$began" = "$(service_pid)"
	fact "the guard's connections are kept: $kept" test "$kept" -gt 0 -a "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	fact "the domain is named" says 'monitors labeler guards: web9'
	fact "and that labels may be on record" says 'labels may be on record in /var/lib/labeler'
	fact "no archive is left" not test -e /var/cache/labeler
	apt_get install "$package"
	until_is labelled
	fact "the next installation has a service of its own" test "$began" != "$(service_pid)"
	fact "with the unit of its own" test "$(systemctl show -P FragmentPath labelerd.service)" = /usr/lib/systemd/system/labelerd.service
	fact "with the connections: $kept" test "$kept" = "$(systemctl show -P NFileDescriptorStore labelerd.service)"
	domain_ends
}

poor_hosts() {
	in_a_chroot
	without_proc
	under_systemd
	no_restart_is_allowed
	read_only_usr
	unpacked
}
