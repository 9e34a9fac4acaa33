#!/usr/bin/env bash
# Prepares a host for the acceptance tests, beside the product. Runs in the bed's image and on a Vagrant guest.
set -euo pipefail

# libvirt's mount namespace for each VM was seen to fail on Debian's policy; the labels are the same without.
if [ -f /etc/libvirt/qemu.conf ] && grep -q '^ID=debian' /etc/os-release; then
	sed -i '/^namespaces =/d' /etc/libvirt/qemu.conf
	printf 'namespaces = []\n' >>/etc/libvirt/qemu.conf
fi
