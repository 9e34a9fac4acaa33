#!/usr/bin/env bash
# Makes the image that a bed boots from: the base with the product's packages installed.
#
#   BED_DIRECTORY=DIRECTORY build-product.sh BASE SCRIPTS PACKAGE…
#
# Leaves root.raw in DIRECTORY. To be run as root in a mount namespace of its own (unshare --mount).
set -euo pipefail

readonly directory=$BED_DIRECTORY base=$1 scripts=$2
shift 2
readonly root=$directory/root

cp --sparse=always --reflink=auto "$base/root.raw" "$directory/root.raw"
mkdir "$root"
mount -o loop,noatime "$directory/root.raw" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/tmp/packages"
cp "$@" "$root/tmp/packages"
# Where apt has what it installed: the theme `package` installs it again.
cp "$@" "$root/var/cache/apt/archives"
cp "$scripts/install-product.sh" "$scripts/prepare-host.sh" "$root/tmp"
chroot "$root" bash -c 'bash /tmp/install-product.sh /tmp/packages/*'
chroot "$root" bash /tmp/prepare-host.sh
umount "$root/tmp"
# Under translation the second compiler's work costs more than it saves in the short life of a service there.
mkdir "$root/etc/systemd/system/labelerd.service.d"
printf '[Service]\nEnvironment=LABELER_JAVA_OPTIONS=-XX:TieredStopAtLevel=1\n' \
	>"$root/etc/systemd/system/labelerd.service.d/bed.conf"
# Built natively, in seconds; in the guest the same takes a minute and more. It also labels our own files.
"$root/usr/lib/labeler/bin/labeler" policy install --root "$root"
# Other files that the installation wrote get the labels that a host with SELinux would have given them, and so does the
# store of modules: it was built anew, and without labels no domain of the guest's may read it.
chroot "$root" setfiles -F /etc/selinux/default/contexts/files/file_contexts \
	/etc /usr/bin /usr/lib/labeler /usr/lib/systemd /usr/lib/sysusers.d /usr/share /var/cache /var/lib >/dev/null
umount -R "$root"
rmdir "$root"
