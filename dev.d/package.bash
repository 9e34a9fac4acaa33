# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# ./dev package: the packages for Debian and Fedora, out of the runnable tree.

package_usage() {
	cat <<'END'
usage: ./dev package [--from DIRECTORY] [--into DIRECTORY] [deb|bundled|rpm …]
       ./dev package --test [--from DIRECTORY]

Builds the runnable tree and packs it into labeler/target/packages/. Installs the tools for that. By default all of:
  deb      labeler_VERSION_ARCHITECTURE.deb, for the distribution's Java 25
  bundled  labeler-bundled_….deb, with a Java of its own, for a host whose distribution has no Java 25
  rpm      labeler-VERSION-1.ARCHITECTURE.rpm, labeler-selinux-VERSION-1.noarch.rpm with the policy module, and
           labeler-cockpit-VERSION-1.noarch.rpm with the page in Cockpit

Beside a .deb comes labeler-cockpit_VERSION_all.deb, the page in Cockpit. What it is made of comes by npm, once.

The same commit gives the same bytes. Its version is VERSION if the commit has the tag vVERSION. Before that tag it is
VERSION~gitTIME, which sorts before VERSION, and after it VERSION+gitTIME. So a later commit is an update.

  --from DIRECTORY  packs this runnable tree, and builds none
  --into DIRECTORY  puts the packages there, in place of those of before
  --test            then checks the packages. Needs root. lintian, and the same bytes a second time. In a fresh Debian
                    made by mmdebstrap (kept in .cache/package): install, a first VM, update, remove, purge, and that
                    nothing is left; labeler-bundled where there is no Java; the rpm's scripts by a real rpm.
                    ./dev test --packages does this for the .deb
END
}

readonly packaging=$root/labeler/src/main/packaging
readonly package_output=$root/labeler/target/packages
# What the program needs of Java, by jdeps, without java.desktop: only Jackson names it, for a class that is not used.
readonly package_modules=java.base,java.compiler,java.management,java.naming,java.sql,java.xml,jdk.unsupported

# What packing needs (a command, or a file), and its package: apt, dnf.
package_deb_table() {
	cat <<'END'
dh                 debhelper  debhelper
dpkg-buildpackage  dpkg-dev   dpkg-dev
objdump            binutils   binutils
END
}

package_rpm_table() {
	cat <<'END'
rpmbuild  rpm  rpm-build
END
}

package_test_table() {
	cat <<'END'
lintian     lintian     -
rpmlint     rpmlint     rpmlint
mmdebstrap  mmdebstrap  -
getfattr    attr        attr
END
}

# The version in the POM, which is the first one there after the model's.
package_pom_version() {
	sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$root/pom.xml" | head -n 1
}

# The time that all files of the packages have: that of the last commit, and without git that which the jars have.
package_epoch() {
	if [ -e "$root/.git" ]; then
		git -C "$root" log -1 --format=%ct || die 1 "git does not say which commit this is, which gives the packages their time and version"
	else
		date -u -d "$(sed -n 's/.*<project.build.outputTimestamp>\(.*\)<.*/\1/p' "$root/pom.xml")" +%s
	fi
}

# package_version POM-VERSION EPOCH
package_version() {
	local version=${1%-SNAPSHOT} time
	time=$(date -u -d "@$2" +%Y%m%d%H%M%S)
	if [ ! -e "$root/.git" ] && [ "$version" = "$1" ]; then
		printf '%s' "$version"
	elif [ ! -e "$root/.git" ]; then
		printf '%s~git%s' "$version" "$time"
	elif [ -n "$(git -C "$root" tag --points-at HEAD -l "v$version")" ]; then
		printf '%s' "$version"
	elif [ -n "$(git -C "$root" tag -l "v$version")" ]; then
		printf '%s+git%s' "$version" "$time"
	else
		printf '%s~git%s' "$version" "$time"
	fi
}

# package_layout TREE ROOT EPOCH: the files of the runnable tree in the places that a package has for them; the page in Cockpit,
# which has a package of its own, is made in ROOT-cockpit.
package_layout() {
	local tree=$1 into=$2 home=$2/usr/lib/labeler machine file
	machine=$(uname -m)
	mkdir -p "$home/share" "$into/usr/bin" "$into/usr/share/bash-completion/completions" "$into/usr/lib/systemd/system" \
		"$into/usr/lib/sysusers.d" "$into/etc/labeler" "$into/var/cache/labeler" "$into/usr/share/doc/labeler/examples"
	cp -R "$tree/bin" "$tree/libexec" "$tree/lib" "$home"
	rm -f "$home"/lib/*.jsa
	find_jdk || die 1 "no JDK $minimum_java or later: run ./dev setup"
	# The zone of times in a jar is that of the program that writes them.
	TZ=UTC quietly stored-jars "$JAVA_HOME/bin/java" "$packaging/StoredJars.java" "$home/lib" "$3"
	for file in "$home"/lib/native/*; do
		[ "${file##*/}" = "$machine" ] || rm -r "$file"
	done
	strip --strip-unneeded --remove-section=.comment "$home"/lib/native/*/*.so
	cockpit_build "$into-cockpit/usr/share/cockpit/labeler"
	cp -R "$tree/share/selinux" "$tree/share/contexts" "$home/share"
	cp -R "$tree/share/man" "$into/usr/share/man"
	for file in "$tree"/share/completions/*; do
		case ${file##*/} in
		*.fish) install -D -t "$into/usr/share/fish/vendor_completions.d" "$file" ;;
		_*) install -D -t "$into/usr/share/zsh/vendor-completions" "$file" ;;
		*) install -t "$into/usr/share/bash-completion/completions" "$file" ;;
		esac
	done
	ln -s ../lib/labeler/bin/labeler ../lib/labeler/bin/labelerd "$into/usr/bin"
	install -t "$into/etc/labeler" "$tree/etc/labeler.toml"
	install -t "$into/usr/lib/systemd/system" "$tree/systemd/labelerd.service" "$tree/systemd/labelerd.socket"
	install "$tree/systemd/labeler.sysusers.conf" "$into/usr/lib/sysusers.d/labeler.conf"
	install -t "$into/usr/share/doc/labeler/examples" "$tree/systemd/root-squash-owner.conf"
	cp -R "$tree/share/monitoring" "$into/usr/share/doc/labeler/examples"
	# Of the jars' content, so that an archive of other jars is never taken for theirs: the times of all files are the same.
	printf '/var/cache/labeler/%s.jsa\n' "$(find "$home/lib" -maxdepth 1 -name '*.jar' -print0 | LC_ALL=C sort -z |
		xargs -0 cat | sha256sum | cut -c1-16)" >"$home/lib/archive"
}

# package_settle DIRECTORY EPOCH: modes that do not depend on the umask, and times that do not depend on the clock.
package_settle() {
	find "$1" -type d -exec chmod 755 '{}' +
	find "$1" -type f -perm /111 -exec chmod 755 '{}' +
	find "$1" -type f ! -perm /111 -exec chmod 644 '{}' +
	find "$1" -path '*/labeler/lib/*' -type f -exec chmod 644 '{}' +
	find "$1" \( -path '*/usr/share/*' -o -path '*/etc/*' -o -path '*/usr/lib/systemd/*' -o -path '*/usr/lib/sysusers.d/*' \) \
		-type f -exec chmod 644 '{}' +
	find "$1" -exec touch -h -d "@$2" '{}' +
}

# package_runtime INTO: a Java with what the program needs.
package_runtime() {
	find_jdk || die 1 "no JDK $minimum_java or later: run ./dev setup"
	quietly jlink "$JAVA_HOME/bin/jlink" --add-modules "$package_modules" --strip-debug --no-man-pages --no-header-files \
		--release-info="add:OS_ARCH=$(uname -m)" --output "$1"
}

# package_natives DIRECTORY…: what the programs and libraries there need of Debian: the C library, from the newest version
# on that one of them asks for, and zlib, which some JDKs take from the system.
package_natives() {
	local file wanted name newest zlib='' versions=''
	while IFS= read -r -d '' file; do
		wanted=$(LC_ALL=C objdump -p "$file" 2>/dev/null) || continue
		while read -r name; do
			case $name in
			libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | ld-linux*.so.*) ;;
			libz.so.1) zlib=', zlib1g' ;;
			*) find "$@" -name "$name" -print -quit | grep -q . ||
				die 1 "${file##*/} needs $name of this system: take a JDK that brings its libraries along" ;;
			esac
		done < <(sed -n 's/^ *NEEDED *//p' <<<"$wanted")
		versions+=$(grep -o 'GLIBC_[0-9.]*' <<<"$wanted" || true)$'\n'
	done < <(find "$@" -type f \( -name '*.so' -o -perm /111 \) -print0)
	newest=$(sed -n 's/^GLIBC_//p' <<<"$versions" | sort -uV | tail -n 1)
	printf 'libc6 (>= %s)%s\n' "$newest" "$zlib"
}

# package_deb WORK VERSION EPOCH [bundled]: with bundled both packages.
package_deb() {
	local work=$1 version=$2 epoch=$3 bundled=${4:-} name file profiles=pkg.labeler.nobundled
	cp -R "$packaging/debian" "$work/debian"
	chmod 755 "$work/debian/rules"
	cp "$root/CHANGELOG.md" "$work"
	[ -z "$bundled" ] || profiles=''
	for name in labeler labeler-bundled; do
		for file in preinst postinst prerm postrm install lintian-overrides; do
			[ ! -e "$packaging/debian/$file" ] || cp "$packaging/debian/$file" "$work/debian/$name.$file"
		done
	done
	# With its own name: lintian takes no other.
	sed -i 's/^labeler:/labeler-bundled:/' "$work/debian/labeler-bundled.lintian-overrides"
	printf 'runtime /usr/lib/labeler\n' >>"$work/debian/labeler-bundled.install"
	cat >>"$work/debian/labeler-bundled.lintian-overrides" <<-'END'
		# The runtime is as jlink made it.
		labeler-bundled: unstripped-binary-or-object [usr/lib/labeler/runtime/*]
		labeler-bundled: jar-not-in-usr-share [usr/lib/labeler/runtime/*]
	END
	for file in preinst postinst prerm postrm install lintian-overrides; do
		rm -f "$work/debian/$file"
	done
	printf 'root-cockpit/usr /\n' >"$work/debian/labeler-cockpit.install"
	# The package is the project's own, and not Debian's.
	printf 'labeler-cockpit: initial-upload-closes-no-bugs [usr/share/doc/*]\n' >"$work/debian/labeler-cockpit.lintian-overrides"
	: >"$work/labeler-cockpit.natives"
	package_natives "$work/root" >"$work/labeler.natives"
	[ -z "$bundled" ] || package_natives "$work/root" "$work/runtime" >"$work/labeler-bundled.natives"
	cat >"$work/debian/changelog" <<-END
		labeler ($version-1) unstable; urgency=medium

		  * Built from the project's own sources; changelog.gz has the changes.

		 -- labeler developers <developers@labeler.invalid>  $(LC_ALL=C date -u -R -d "@$epoch")
	END
	(
		cd -- "$work" || exit
		DEB_BUILD_PROFILES=$profiles SOURCE_DATE_EPOCH=$epoch DEB_BUILD_OPTIONS=noautodbgsym \
			quietly debhelper dpkg-buildpackage -b -us -uc -d
	)
}

# package_rpm WORK VERSION EPOCH
package_rpm() {
	local work=$1 version=$2 epoch=$3 tree=$1/rpm-root archive
	cp -a "$work/root" "$tree"
	cp -a "$work/root-cockpit/." "$tree"
	install -D -m 644 -t "$tree/usr/share/licenses/labeler" "$root/LICENSE"
	install -m 644 -t "$tree/usr/share/doc/labeler" "$root/CHANGELOG.md"
	find "$tree/usr/share/man" -type f -exec gzip -9n '{}' +
	if [ -d "$tree/usr/share/zsh/vendor-completions" ]; then
		mv "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/zsh/site-functions"
	fi
	package_settle "$tree" "$epoch"
	read -r archive <"$tree/usr/lib/labeler/lib/archive"
	SOURCE_DATE_EPOCH=$epoch LC_ALL=C TZ=UTC quietly rpmbuild rpmbuild -bb --define "_topdir $work/rpm" --define "_rpmdir $work/rpm" \
		--define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
		--define "labeler_version $version" --define "labeler_root $tree" --define "labeler_archive ${archive##*/}" \
		--define "labeler_service_archive $(basename "$archive" .jsa)-service.jsa" \
		--define "labeler_changelog * $(LC_ALL=C date -u -d "@$epoch" '+%a %b %d %Y') labeler developers <developers@labeler.invalid> - $version-1" \
		--define "use_source_date_epoch_as_buildtime 1" --define "build_mtime_policy clamp_to_source_date_epoch" \
		--define "_buildhost labeler.invalid" --define "_binary_payload w19.zstdio" "$packaging/rpm/labeler.spec"
}

# package_make TREE INTO KIND…
# In a process of its own, whose end removes what it worked with.
package_make() (
	local tree=$1 into=$2 epoch version work
	shift 2
	[ -x "$tree/bin/labelerd" ] || die 1 "$tree is no runnable tree: ./dev build makes one"
	epoch=$(package_epoch)
	version=$(package_version "$(package_pom_version)" "$epoch")
	mkdir -p "$cache/package" "$into"
	work=$(mktemp -d "$cache/package/work.XXXXXX")
	trap 'rm -rf -- "$work"' EXIT
	mkdir "$work/labeler"
	package_layout "$tree" "$work/labeler/root" "$epoch"
	package_settle "$work/labeler/root" "$epoch"
	package_settle "$work/labeler/root-cockpit" "$epoch"
	case " $* " in
	*" bundled "*)
		package_runtime "$work/labeler/runtime"
		find "$work/labeler/runtime" -exec touch -h -d "@$epoch" '{}' +
		package_deb "$work/labeler" "$version" "$epoch" bundled
		;;
	*" deb "*) package_deb "$work/labeler" "$version" "$epoch" ;;
	esac
	case " $* " in *" rpm "*) package_rpm "$work/labeler" "$version" "$epoch" ;; esac
	# Those of before, and nobody else's.
	rm -f -- "$into"/labeler_*.deb "$into"/labeler-*.deb "$into"/labeler-*.rpm
	find "$work" \( -name '*.deb' -o -name '*.rpm' \) -exec mv -t "$into" '{}' +
)

package_main() {
	local from='' into=$package_output with_test='' kinds=()
	while [ $# -gt 0 ]; do
		case $1 in
		--test) with_test=yes ;;
		--from)
			shift
			from=$(cd -- "${1:-/none}" 2>/dev/null && pwd -P) || die 2 "--from takes a directory, not '${1:-}'"
			;;
		--into)
			shift
			[ -n "${1:-}" ] || die 2 "--into takes a directory"
			into=$1
			;;
		deb | bundled | rpm) kinds+=("$1") ;;
		*) die 2 "package takes no argument '$1'" ;;
		esac
		shift
	done
	[ ${#kinds[@]} -gt 0 ] || kinds=(deb bundled rpm)
	[ -z "$with_test" ] || [ "$into" = "$package_output" ] || die 2 "--test checks the packages in their usual place: leave out --into"
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	# shellcheck source=dev.d/cockpit.bash
	source "$root/dev.d/cockpit.bash"
	# Fedora has debhelper too.
	case " ${kinds[*]} " in *" deb "* | *" bundled "*) setup_install package_deb_table ;; esac
	case " ${kinds[*]} " in *" rpm "*) setup_install package_rpm_table ;; esac
	[ -z "$with_test" ] || setup_install package_test_table
	if [ -z "$from" ]; then
		# shellcheck source=dev.d/build.bash
		source "$root/dev.d/build.bash"
		build_tree whole
		from=$dist
	fi
	package_make "$from" "$into" "${kinds[@]}"
	(cd -- "$into" && ls -l -- labeler[-_]*)
	if [ -n "$with_test" ]; then
		# shellcheck source=dev.d/package-test.bash
		source "$root/dev.d/package-test.bash"
		package_test "$from" "${kinds[@]}"
	fi
}
