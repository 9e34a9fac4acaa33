#!/usr/bin/env bash
# Installs the product on this host: install-product.sh PRODUCT…
#
# PRODUCT is its packages for Debian, or the runnable tree, which is installed by hand, as docs/operations.md has it.
# Runs in the bed's image while that is made (no systemd, no SELinux in the kernel), and on a Vagrant guest.
set -euo pipefail

# Whether there is a systemd to talk to: not in a change of root.
booted() {
	[ -d /run/systemd/system ]
}

# by_hand TREE
by_hand() {
	rm -rf /opt/labeler
	cp -r "$1" /opt/labeler
	/opt/labeler/libexec/archive-classes
	ln -sf /opt/labeler/bin/labeler /opt/labeler/bin/labelerd /usr/bin/
	install -D -m 644 /opt/labeler/etc/labeler.toml /etc/labeler/labeler.toml
	install -m 644 /opt/labeler/systemd/labelerd.* /etc/systemd/system/
	install -D -m 644 /opt/labeler/systemd/labeler.sysusers.conf /usr/lib/sysusers.d/labeler.conf
	systemd-sysusers
}

if [ -d "$1" ]; then
	by_hand "$1"
else
	# The bed's image leaves documents out; these have an example that a theme uses.
	dpkg --path-include='/usr/share/doc/labeler/*' --install "$@"
fi
# The acceptance tests ask for the kernel's answer where the guard would refuse: by qemu's human monitor.
sed -i '/^\[guard\]/a allow = ["human-monitor-command *", "-mon"]' /etc/labeler/labeler.toml
if booted; then
	labeler policy install
	systemctl daemon-reload
	systemctl enable --now labelerd.socket labelerd.service
else
	# The policy of an image is built by build-product.sh, from outside (labeler policy install --root).
	systemctl enable labelerd.socket labelerd.service
fi
