#!/usr/bin/env bash
# Many domains of libvirt's, and operations on them: of libvirt's alone, with libvirt's own labels under our hook, and with
# ours (`labeler libvirt adopt --label`). Under labeler every attribute of every image is as before at the end. The table is
# in libvirt-domains.txt. The short form has its rows with a "c", and no libvirt alone; LABELER_WHOLE=yes all of them.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt-domains.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt-domains.sh"

readonly here=${BASH_SOURCE[0]%/*}
readonly images=$libvirt_images
readonly pristine=$place/pristine
readonly before=$place/domains.before
# For each way and row: what came of it, and each attribute that is another.
readonly seen=$place/domains
# LABELER_ROWS: an extended regular expression for names of rows, to try some.
readonly whole=${LABELER_WHOLE:-} only=${LABELER_ROWS:-.}

readonly kept='--managed-save --snapshots-metadata --checkpoints-metadata --keep-nvram --tpm'

way='' guest='' devices='' system='' around='' after=''

clean_up() {
	setenforce 1
	systemctl start labelerd.socket labelerd.service || true
	settings_again
	forget_domains
	virsh --quiet pool-destroy acceptance >/dev/null 2>&1 || true
	virsh --quiet pool-undefine acceptance >/dev/null 2>&1 || true
	labeler hook remove libvirt >/dev/null 2>&1 || true
	setsebool labeler_libvirt_guard off || true
	restart_libvirt >/dev/null 2>&1 || true
	losetup --detach "$(cat "$place/block-device")" || true
	rm -rf "$images" "$pristine" /etc/labeler/emulators
	vms_end
}
trap clean_up EXIT

forget_domains() {
	local name
	virsh list --all --name | while IFS= read -r name; do
		[ -n "$name" ] || continue
		virsh --quiet destroy "$name" >/dev/null 2>&1 || true
		forget "$name" >/dev/null 2>&1 || true
	done
}

forget() {
	# shellcheck disable=SC2086  # options
	virsh --quiet undefine $kept "$1"
}

make_place() {
	make_pristine
	make_images
	truncate -s 16M "$place/block.img"
	losetup --find --show "$place/block.img" >"$place/block-device"
	virsh --quiet pool-create-as acceptance dir --target "$images"
}

make_images() {
	mkdir -p "$images"
	find "$images" -mindepth 1 -delete
	cp -a "$pristine/." "$images"
}

# attributes: of each file and directory its mode, and each extended attribute byte for byte, a line each. Not its owner,
# which is no label: libvirt changes it and back by itself.
attributes() {
	local places
	places=("$images" "$(cat "$place/block-device")")
	find "${places[@]}" -printf '%p mode=%m\n' | LC_ALL=C sort
	find "${places[@]}" -print0 | LC_ALL=C sort -z |
		xargs -0 getfattr --no-dereference --absolute-names --encoding=hex --dump --match=- -- |
		awk '/^# file: / { file = substr($0, 9); next } NF { print file, $0 }'
}

# left_behind: of each file from before every attribute that is another now, and of each new file a label that is not the
# policy's for a new file there; a line each, with the words for the reader.
left_behind() {
	local file attribute
	attributes >"$place/domains.after"
	diff "$before" "$place/domains.after" >"$place/domains.changed" || [ $? -eq 1 ]
	sed -n 's/^[<>] //p' "$place/domains.changed" | cut -d= -f1 | sort -u | while read -r file attribute; do
		if ! grep -qF -- "$file mode=" "$before"; then
			[ "$attribute" = security.selinux ] || continue
			[ "$(cut -d: -f3- <<<"$(label_of "$file")")" = virt_image_t:s0 ] || printf '%s, new: %s\n' "$(shown "$file")" "$(label_words "$file")"
		elif [ "$attribute" != security.selinux ]; then
			printf '%s: %s\n' "$(shown "$file")" "$attribute"
		elif [ -e "$file" ]; then
			printf '%s: %s\n' "$(shown "$file")" "$(label_words "$file")"
		else
			printf '%s: is gone\n' "$(shown "$file")"
		fi
	done
}

shown() {
	case $1 in
	"$images"/*) printf '%s' "${1#"$images/"}" ;;
	"$images") printf 'the directory' ;;
	*) printf 'the device' ;;
	esac
}

# label_words FILE: no VM runs, so a pair is a dead one.
label_words() {
	label_of "$1" | sed -E -e 's/:s0:c[0-9]+,c[0-9]+$/, at a dead pair/' -e 's/:s0$//' -e 's/^system_u:object_r://' -e 's/:object_r:/ /'
}

# row NUMBER: sets how, guest, operations and words, and the parts of the definition.
row() {
	local parts part call
	IFS='|' read -r how guest parts operations words <<<"${rows[$1]}"
	how=${how// /} guest=${guest// /}
	devices='' system='' around='' after=''
	IFS=';' read -ra parts <<<"$parts"
	for part in "${parts[@]}"; do
		read -ra call <<<"$part"
		"${call[@]}"
	done
}

define() {
	definition >"$place/$guest.xml"
	virsh --quiet define "$place/$guest.xml"
	[ "$way" != labeler ] || exits_with 0 labeler libvirt adopt "$guest" --label
}

# Each call of virsh takes more than a second in a translated guest.
begin() {
	case $how in
	*n*) define ;;
	*t*)
		define
		virsh dumpxml --inactive --security-info "$guest" >"$place/$guest.xml"
		virsh --quiet undefine "$guest"
		virsh --quiet create --paused "$place/$guest.xml"
		;;
	*)
		if [ "$way" = labeler ]; then
			define
			virsh --quiet start --paused "$guest"
		else
			definition >"$place/$guest.xml"
			virsh --quiet "define $place/$guest.xml; start --paused $guest"
		fi
		;;
	esac
}

operate() {
	local list one call said
	IFS=';' read -ra list <<<"$operations"
	for one in "${list[@]}"; do
		read -ra call <<<"$one"
		call=("${call[@]//%\//$images/}")
		call=("${call[@]/#@/$guest}")
		case $one in
		!*) "${call[0]#!}" "${call[@]:1}" ;;
		-*)
			said=$(virsh --quiet "${call[0]#-}" "${call[@]:1}" 2>&1) && wrong "no failure: ${call[*]}"
			grep -q no-such-device <<<"$said" || wrong "a failure for another reason: $said"
			;;
		*) virsh --quiet "${call[@]}" ;;
		esac
	done
}

# A domain that is off already is not destroyed, and its definition goes all the same.
finish() {
	case $how in
	*t*) virsh --quiet destroy "$guest" ;;
	*) virsh --quiet "destroy $guest; undefine $kept $guest" ;;
	esac
	released "$guest"
}

# released NAME: the service holds nothing of it any more.
released() {
	[ "$way" = alone ] || within 180 vm_gone "$1" || wrong "the service still holds $1"
}

# tried NUMBER: one row in the present way; in a subshell of its own.
tried() {
	[ ! -e "$place/unfinished" ] || forget_domains
	touch "$place/unfinished"
	make_images
	row "$1"
	attributes >"$before"
	printf 'does not run\n' >"$seen/$way.$guest"
	begin
	operate
	finish
	rm "$place/unfinished"
	left_behind >"$seen/$way.$guest"
	[ "$way" = alone ] || [ ! -s "$seen/$way.$guest" ] || wrong "$(cat "$seen/$way.$guest")"
}

# go WAY [p]: all rows of an enforcing host, or of a permissive one.
go() {
	local number
	way=$1
	for number in "${!rows[@]}"; do
		IFS='|' read -r how guest _ _ words <<<"${rows[number]}"
		how=${how// /} guest=${guest// /}
		case $how in *p*) [ -n "${2:-}" ] ;; *) [ -z "${2:-}" ] ;; esac || continue
		case $how in *l*) [ "$way" != labeler ] || continue ;; esac
		fact "$words ($guest): ${ways[$way]}" tried "$number"
	done
}

readonly -A ways=([alone]='libvirt alone' [libvirt]='libvirt labels, under the hook' [labeler]='labeler labels')

read_rows() {
	local line name
	while IFS= read -r line; do
		IFS='|' read -r how name _ <<<"$line"
		case $line in '#'* | '') continue ;; esac
		[ -n "$whole" ] || [[ $how == *c* ]] || [ "$only" != . ] || continue
		[[ ${name// /} =~ ^($only)$ ]] || [ "$only" = . ] || continue
		rows+=("$line")
	done <"$here/libvirt-domains.txt"
}

hook_is_there() {
	exits_with 0 labeler hook install libvirt
	restart_libvirt
}

hook_is_away() {
	exits_with 0 labeler hook remove libvirt
	restart_libvirt
}

service_is_away() {
	systemctl stop labelerd.socket labelerd.service
}

service_is_there() {
	systemctl start labelerd.socket labelerd.service
	within 300 api /v1/health
}

page_is_made() {
	printf '%s\n' "${rows[@]}" >"$seen/rows"
	python3 "$here/programs/libvirt_domains.py" "$seen" >"$place/results/libvirt-domains.md"
	grep -c '^|' "$place/results/libvirt-domains.md"
}

rows=()
read_rows
rm -rf "$seen"
mkdir -p "$seen"
mark=$(audit_mark)
fact "the hook is not installed" test ! -e /etc/libvirt/hooks/qemu.d/labeler
fact "libvirt answers" restart_libvirt
fact "there are images of each kind" make_place
if [ -n "$whole" ]; then
	fact "the service is stopped" service_is_away
	go alone
	fact "what the policy denied to libvirt's domains is claimed" nothing_of_that_is_a_fault "$mark"
	fact "the service is there" service_is_there
fi
fact "the hook is installed" hook_is_there
go libvirt
fact "the policy is told that VMs of libvirt's may hand their monitor over" setsebool labeler_libvirt_guard on
go labeler
if [ -n "$whole" ]; then
	mark=$(audit_mark)
	fact "the service asks for no wall, and takes directories" without_enforcement 'tree-files = 100'
	fact "the host is permissive" landlock_alone
	go labeler p
	go libvirt p
	fact "the hook is removed" hook_is_away
	go alone p
	fact "the host enforces again" selinux_again
	fact "the service restarts with its own settings" settings_again
	fact "what a permissive host logged is claimed" nothing_of_that_is_a_fault "$mark"
	fact "the page is made" page_is_made
fi
done_with_facts
