# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# A podman of this checkout's own for Testcontainers: images in .cache/containers, nothing shared with the system's.

readonly engine_base_image=docker.io/library/debian:trixie-slim

engine_pid=''

# Whether any test needs containers.
engine_needed() {
	grep -rqF org.testcontainers --include='*.java' -- */src/test
}

engine_podman() {
	podman --root "$cache/containers/root" --runroot "$engine_run" "$@"
}

# The base image is made from the distribution's packages, so that no image registry is needed.
engine_image() {
	engine_podman image exists "$engine_base_image" ||
		mmdebstrap -q --variant=minbase trixie - | engine_podman import -q - "$engine_base_image"
}

engine_start() {
	local files processes tries
	if [ -n "${DOCKER_HOST:-}" ]; then
		return 0 # somebody set an engine up already
	fi
	if [ "$EUID" -ne 0 ] || ! have podman || ! have mmdebstrap; then
		say "no container engine (needs root, podman and mmdebstrap): the tests that use containers will say so"
		return 0
	fi
	mkdir -p "$cache/containers"
	# podman wants a run directory with a short path, and the same one at each start.
	engine_run=/run/labeler-dev-$(cksum <<<"$root" | cut -d' ' -f1)
	files=$(ulimit -Hn) processes=$(ulimit -Hu)
	# crun refuses hybrid cgroups. Without the limits a Dockerfile's RUN fails if root lacks CAP_SYS_RESOURCE.
	cat >"$cache/containers/containers.conf" <<-END
		[engine]
		runtime = "runc"
		exit_command_delay = 10
		[containers]
		default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
	END
	export CONTAINERS_CONF_OVERRIDE=$cache/containers/containers.conf PODMAN_IGNORE_CGROUPSV1_WARNING=1
	quietly container-image engine_image
	# exec, so that the pid is podman's and not that of a shell that waits for it.
	(exec podman --root "$cache/containers/root" --runroot "$engine_run" system service --time=0 \
		"unix://$engine_run/podman.sock") >"$cache/logs/podman.log" 2>&1 &
	engine_pid=$!
	for ((tries = 0; tries < 600; tries++)); do
		if [ "$(curl -s --max-time 5 --unix-socket "$engine_run/podman.sock" http://engine/_ping)" = OK ]; then
			export DOCKER_HOST=unix://$engine_run/podman.sock
			# Both would pull an image of their own, and lose minutes if no registry answers.
			export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE=debian:trixie-slim
			return 0
		fi
		kill -0 "$engine_pid" 2>/dev/null || {
			tail -n 20 "$cache/logs/podman.log" >&2
			die 1 "the container engine ended at once; its output is in .cache/logs/podman.log"
		}
		sleep 0.1
	done
	die 1 "the container engine did not start; its output is in .cache/logs/podman.log"
}

engine_stop() {
	[ -n "$engine_pid" ] || return 0
	engine_podman rm --all --force --time 0 >/dev/null 2>&1 || true
	kill "$engine_pid" 2>/dev/null || true
	wait "$engine_pid" 2>/dev/null || true
	engine_pid=''
	# podman leaves its directory mounted on itself, and then nobody can remove the checkout.
	umount -- "$cache/containers/root/overlay" 2>/dev/null || true
}
