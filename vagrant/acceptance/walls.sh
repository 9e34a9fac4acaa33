# shellcheck shell=bash
# shellcheck disable=SC2154  # place and provoked come from lib.sh
# One wall alone: SELinux with Landlock switched off in the settings, Landlock with the whole host permissive.

readonly settings=/etc/labeler/labeler.toml

restart_service() {
	systemctl restart labelerd.service
	within 300 api /v1/health
}

selinux_alone() {
	cat "$settings" >"$place/walls.toml"
	sed -i '/^\[launch\]/a landlock = "off"' "$settings"
	grep -qx 'landlock = "off"' "$settings" || wrong "the settings have no [launch]"
	restart_service
}

# without_enforcement [LINE]: no wall is asked for, as libvirt's hook is of use on a permissive host, too. With one more
# setting of labels.
without_enforcement() {
	cat "$settings" >"$place/walls.toml"
	sed -i 's/^#enforcement = .*/enforcement = "optional"\n'"${1:-}/" "$settings"
	grep -qx 'enforcement = "optional"' "$settings" || wrong "the settings have no enforcement"
	restart_service
}

# Also for a clean-up: does nothing where the settings are as they were.
settings_again() {
	[ -e "$place/walls.toml" ] || return 0
	cat "$place/walls.toml" >"$settings"
	rm -f "$place/walls.toml"
	restart_service
}

landlock_alone() {
	setenforce 0
	equal "SELinux" Permissive "$(getenforce)"
}

selinux_again() {
	setenforce 1
	equal "SELinux" Enforcing "$(getenforce)"
}

# A record of a permissive host is no denial: all of them count as intended.
nothing_of_that_is_a_fault() {
	audit_settled
	avcs_since "$1" >"$place/walls.avcs"
	audit_ids <"$place/walls.avcs" >>"$provoked"
}
