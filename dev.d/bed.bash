# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# ./dev bed: a Debian guest with SELinux enforcing, and the product in it.

bed_usage() {
	cat <<'EOF'
usage: ./dev bed build                make the guest's images, where their inputs have changed
       ./dev bed up                   boot it, enforcing, with the built product's package; does nothing where it is up
       ./dev bed run COMMAND [ARG…]   run a command in it as root; exits with the command's status
       ./dev bed push FILE DEST       copy a file or a directory into it
       ./dev bed test [--whole] [THEME…]
                                      run the acceptance tests in it (vagrant/acceptance/): those of the short form by
                                      default, half of them in a second guest beside it;
                                      --whole: all of them, with facts that take minutes, and the comparison with
                                      libvirt
       ./dev bed test two-hosts       run this one in two guests that share storage, with a network between them
       ./dev bed down                 end it; nothing in it is kept

The guest is built from Debian's packages (as root, from this machine's apt sources), cached in .cache/bed/, and run
by qemu. Its network is qemu's user network, and its ssh is reachable from this machine only. Each boot begins with
the images as they were built. It runs translated, anywhere, and boots in about a minute; LABELER_BED_ACCELERATOR=kvm
takes KVM instead (a /dev/kvm that opens does not say that a guest gets far with it, so that is not tried unasked).
EOF
}

readonly bed=$cache/bed
# The running guest's disk, console, port and process. The tests have a second guest, in running-2.
bed_running=$bed/running
# Further arguments of qemu, and of the guest's kernel.
bed_devices=()
bed_kernel=''
# On a busy machine a translated boot took 100 s.
readonly bed_boot_seconds=400

# shellcheck source=dev.d/bed-image.bash
source "$root/dev.d/bed-image.bash"

# Only one ./dev bed at a time makes changes; the lock ends with the process that has it.
bed_lock() {
	mkdir -p "$bed"
	exec 9>"$bed/lock"
	flock -n 9 || {
		say "bed: waiting for another ./dev bed of this checkout"
		flock 9
	}
}

bed_build() {
	local lack
	lack=$(bed_lacks)
	[ -z "$lack" ] || die 1 "$lack"
	bed_build_base
	bed_build_product
}

# bed_started PID: when a process began, in the kernel's clock ticks since boot. With the pid it identifies the process.
bed_started() {
	local stat fields
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# The name in parentheses may hold anything; the fields begin after it, with the third.
	read -r -a fields <<<"${stat##*) }"
	printf '%s' "${fields[19]}"
}

# Whether the guest's own qemu runs. Sets $bed_pid.
bed_is_up() {
	local began
	[ -r "$bed_running/process" ] || return 1
	read -r bed_pid began <"$bed_running/process" || return 1
	[ "$(bed_started "$bed_pid")" = "$began" ]
}

bed_ssh_options() {
	printf -- '%s\n' -F /dev/null -i "$bed/key" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
		-o "UserKnownHostsFile=$bed_running/known_hosts" -o HostKeyAlias=bed -o StrictHostKeyChecking=yes \
		-o ConnectTimeout=20 -o ServerAliveInterval=30 -o ServerAliveCountMax=10 -o "Port=$(cat "$bed_running/port")"
}

# bed_run COMMAND ARGUMENT…: ssh has one string for the other side's shell, which is bash: each argument is quoted as
# bash reads it.
bed_run() {
	local options
	mapfile -t options < <(bed_ssh_options)
	ssh "${options[@]}" root@127.0.0.1 -- "$(printf '%q ' "$@")"
}

bed_push() {
	local options
	mapfile -t options < <(bed_ssh_options)
	scp -q -r "${options[@]}" -- "$1" "root@127.0.0.1:$2"
}

# The best processor for translation: without features that only slow it down here (five-level page tables, mitigations,
# pages of 2 MiB), and one alone. Each page that one of two processors unmaps stops the other one, whose translations have
# to be looked up anew; a start of the service takes two thirds of the time without that. And HotSpot changes the entry of
# a method in one store while other processors run it: qemu's translator reads an instruction in parts, and would see half.
bed_qemu() {
	local accelerator processor
	case ${LABELER_BED_ACCELERATOR:-tcg} in
	tcg) accelerator=tcg processor=max,la57=off ;;
	kvm) accelerator=kvm processor=host ;;
	*) die 2 "LABELER_BED_ACCELERATOR is tcg or kvm" ;;
	esac
	# fd 9 is the lock, which must not outlive this command.
	setsid nohup qemu-system-x86_64 -name labeler-bed -accel "$accelerator" -cpu "$processor" -smp 1 -m 3072 \
		-nodefaults -no-user-config -display none -serial "file:$bed_running/console.log" \
		-kernel "$bed/$bed_base/vmlinuz" -initrd "$bed/$bed_base/initrd.img" \
		-append "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 fsck.mode=skip mitigations=off
 transparent_hugepage=never security=selinux selinux=1 enforcing=1 audit=1 audit_backlog_limit=8192 $bed_kernel" \
		-drive "file=$bed_running/disk.qcow2,format=qcow2,if=virtio,cache=unsafe,discard=unmap" \
		-netdev "user,id=net,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:$1-:22" -device virtio-net-pci,netdev=net \
		-device virtio-rng-pci "${bed_devices[@]}" </dev/null >"$bed_running/qemu.log" 2>&1 9>&- &
	bed_pid=$!
	disown
	printf '%s %s\n' "$bed_pid" "$(bed_started "$bed_pid")" >"$bed_running/process"
}

# bed_listens PORT: whether the bed's qemu listens there, and not another process.
bed_listens() {
	local socket
	socket=$(awk -v address="$(printf '0100007F:%04X' "$1")" '$2 == address && $4 == "0A" { print $10 }' /proc/net/tcp)
	[ -n "$socket" ] && [ -n "$(find "/proc/$bed_pid/fd" -lname "socket:[[]$socket]" -print -quit 2>/dev/null)" ]
}

bed_boot() {
	local tries port began
	rm -rf -- "$bed_running"
	mkdir -p "$bed_running"
	qemu-img create -q -f qcow2 -b "$bed/$bed_product/root.raw" -F raw "$bed_running/disk.qcow2"
	printf 'bed %s\n' "$(cut -d' ' -f1,2 "$bed/$bed_base/host-key.pub")" >"$bed_running/known_hosts"
	for ((tries = 0; tries < 20; tries++)); do
		port=$((20000 + RANDOM % 10000))
		printf '%s\n' "$port" >"$bed_running/port"
		bed_qemu "$port"
		began=$SECONDS
		until bed_listens "$port" || ! bed_is_up || [ $((SECONDS - began)) -ge "$bed_boot_seconds" ]; do
			sleep 0.1
		done
		bed_listens "$port" && return
		grep -q 'host forwarding' "$bed_running/qemu.log" || break
	done
	cat "$bed_running/qemu.log" >&2
	die 1 "the bed's qemu did not start"
}

# bed_wait BOOT: until the guest answers with a boot id that is not BOOT.
bed_wait() {
	local before=$1 began=$SECONDS now
	while [ $((SECONDS - began)) -lt "$bed_boot_seconds" ]; do
		if now=$(bed_run cat /proc/sys/kernel/random/boot_id 2>/dev/null) && [ -n "$now" ] && [ "$now" != "$before" ]; then
			return
		fi
		bed_is_up || {
			tail -n 30 "$bed_running/console.log" "$bed_running/qemu.log" >&2
			die 1 "the bed's qemu ended"
		}
		sleep 1
	done
	tail -n 60 "$bed_running/console.log" >&2
	die 1 "the bed did not answer within $bed_boot_seconds s; its console is in .cache/bed/running/console.log"
}

# bed_up: with the images that bed_build made.
bed_up() {
	if bed_is_up; then
		if [ "$(cat "$bed_running/product" 2>/dev/null)" = "$bed_product" ]; then
			say "bed: is up"
			return
		fi
		say "bed: is up with an older product; booting it anew"
		bed_end
	fi
	bed_boot
	bed_arrives
}

# bed_arrives: waits for a guest that boots.
bed_arrives() {
	local began=$SECONDS
	bed_wait none
	[ "$(bed_run getenforce)" = Enforcing ] || die 1 "the bed came up, but its SELinux is not enforcing"
	printf '%s\n' "$bed_product" >"$bed_running/product"
	say "bed: up, enforcing, after $((SECONDS - began)) s"
}

# Nothing in it is kept, so it need not finish anything.
bed_end() {
	local tries
	if bed_is_up; then
		kill "$bed_pid" 2>/dev/null || true
		for ((tries = 0; tries < 100; tries++)); do
			bed_is_up || break
			sleep 0.1
		done
		if bed_is_up; then
			kill -9 "$bed_pid" 2>/dev/null || true
		fi
	fi
	rm -rf -- "$bed_running"
}

# bed_down: ends each guest of this checkout.
bed_down() {
	local bed_running
	for bed_running in "$bed"/running*; do
		bed_end
	done
}

bed_need_up() {
	bed_is_up || die 1 "the bed is not up: ./dev bed up"
}

bed_main() {
	local action=${1:-}
	[ $# -eq 0 ] || shift
	case $action in
	build | up | test)
		# shellcheck source=dev.d/build.bash
		source "$root/dev.d/build.bash"
		build_tree bed
		bed_lock
		;;
	esac
	case $action in
	build) bed_build ;;
	up)
		bed_build
		bed_up
		;;
	test)
		# shellcheck source=dev.d/bed-test.bash
		source "$root/dev.d/bed-test.bash"
		bed_test "$@"
		;;
	run)
		[ $# -gt 0 ] || die 2 "bed run: which command?"
		bed_need_up
		bed_run "$@"
		;;
	push)
		[ $# -eq 2 ] || die 2 "bed push takes a file and where to put it"
		bed_need_up
		bed_push "$1" "$2"
		;;
	down)
		bed_lock
		bed_down
		;;
	*)
		bed_usage >&2
		die 2 "bed has no '$action'"
		;;
	esac
}
