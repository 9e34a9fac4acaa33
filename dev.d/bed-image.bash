# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# The bed's images. Each is kept below .cache/bed/ under the hash of everything that it is made from, so that no image
# is used after an input has changed: base-HASH/ (packages), product-HASH/ (the base with the product installed).

readonly bed_suite=trixie

# The apt sources of this machine that a guest can also use: those with HTTP. Empty on a machine of another
# distribution, where mmdebstrap then takes its own default.
bed_sources() {
	local file
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		[ -r "$file" ] || continue
		case $file in
		*.sources) awk 'BEGIN { RS = ""; ORS = "\n\n" } /URIs:[^\n]*https?:/ && /Suites:[^\n]*'"$bed_suite"'/' "$file" ;;
		*.list) awk '$1 == "deb" && /https?:/ && / '"$bed_suite"'/' "$file" ;;
		esac
	done
}

bed_packages() {
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$root/vagrant/packages/debian.txt" "$root/vagrant/packages/debian-bed.txt"
}

# The versions that apt would install of the packages and their dependencies: an update in the archive is a changed
# input.
bed_versions() {
	local packages
	mapfile -t packages < <(bed_packages)
	apt-get --simulate -o Dir::State::status=/dev/null -o APT::Install-Recommends=false install "${packages[@]}" |
		sed -n 's/^Inst //p' | LC_ALL=C sort
}

# bed_hash FILE…: of the names, kinds, modes and contents of files, directories and links, and of standard input. The
# class archives are left out: each installation makes new ones, and no two of them are equal.
bed_hash() {
	{
		cat
		find "$@" ! -name '*.jsa' -printf '%y %m %p %l\n' | LC_ALL=C sort
		find "$@" -type f ! -name '*.jsa' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum --
	} | sha256sum | cut -c1-16
}

# The reason why this machine cannot have a bed, or nothing.
bed_lacks() {
	local tool
	[ "$(uname -m)" = x86_64 ] || {
		echo "the bed is made for x86_64"
		return
	}
	[ "$EUID" -eq 0 ] || {
		echo "making the bed's image takes root"
		return
	}
	for tool in qemu-system-x86_64 qemu-img ssh ssh-keygen jq flock; do
		have "$tool" || {
			echo "the bed needs the program $tool"
			return
		}
	done
	for tool in mmdebstrap apt-get mkfs.ext4 unshare; do
		have "$tool" || {
			echo "the bed's image is made from Debian's packages with $tool, which is not here"
			return
		}
	done
	[ -e /dev/loop-control ] || echo "the bed's image is made on a loop device, and there are none"
}

# bed_make NAME COMMAND…: runs COMMAND with a new directory in $BED_DIRECTORY, and gives that its name after success. It
# has a mount namespace of its own: a command that is killed leaves a directory, and nothing mounted.
bed_make() {
	local name=$1 began=$SECONDS work
	shift
	rm -rf -- "$bed"/making.*
	work=$(mktemp -d "$bed/making.XXXXXX")
	BED_DIRECTORY=$work quietly "bed-${name%%-*}" unshare --mount --propagation private -- "$@"
	mv -- "$work" "$bed/$name"
	say "bed: ${name%%-*} image made in $((SECONDS - began)) s"
}

# bed_forget KIND NAME: removes the images of one kind that are not NAME; each takes gigabytes.
bed_forget() {
	local directory
	for directory in "$bed/$1"-*; do
		[ "$directory" = "$bed/$2" ] || rm -rf -- "$directory"
	done
}

bed_key() {
	[ -s "$bed/key" ] || ssh-keygen -q -t ed25519 -N '' -C bed -f "$bed/key"
}

# Sets $bed_base.
bed_build_base() {
	local packages
	bed_key
	bed_sources >"$bed/apt-sources"
	bed_versions >"$bed/versions" 2>/dev/null || {
		# The lists of a new machine are empty.
		quietly bed-lists apt-get update -q
		bed_versions >"$bed/versions"
	}
	[ -s "$bed/versions" ] || die 1 "apt does not know the bed's packages"
	bed_base=base-$(cat "$bed/apt-sources" "$bed/versions" "$bed/key.pub" |
		bed_hash vagrant/packages vagrant/bed/root vagrant/bed/build-base.sh)
	[ -e "$bed/$bed_base" ] || {
		mapfile -t packages < <(bed_packages)
		bed_make "$bed_base" "$root/vagrant/bed/build-base.sh" "$bed_suite" "$bed/apt-sources" "$bed/key.pub" "${packages[@]}"
	}
	bed_forget base "$bed_base"
}

# Sets $bed_product.
bed_build_product() {
	bed_product=product-$(printf '%s\n' "$bed_base" |
		bed_hash "$dist" labeler/src/main/packaging labeler/src/main/cockpit dev.d/cockpit.bash dev.d/package.bash vagrant/bed/build-product.sh vagrant/install-product.sh \
			vagrant/prepare-host.sh)
	[ -e "$bed/$bed_product" ] || {
		"$root/dev" package --from "$dist" --into "$bed/package" deb
		bed_make "$bed_product" "$root/vagrant/bed/build-product.sh" "$bed/$bed_base" "$root/vagrant" \
			"$bed"/package/{labeler,labeler-cockpit}_*.deb
	}
	bed_forget product "$bed_product"
}
