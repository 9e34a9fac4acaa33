# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# The page in Cockpit: npm brings React, PatternFly and what makes one bundle of them, and esbuild makes it. Without a network
# from the second time on, until package-lock.json changes. ./dev package and ./dev pages source this, and setup.bash before.

readonly cockpit_source=$root/labeler/src/main/cockpit
readonly cockpit_place=$cache/cockpit

cockpit_table() {
	cat <<'END'
node  nodejs  nodejs
npm   npm     npm
END
}

# npm_packages DIRECTORY: what its package-lock.json has, and nothing of a package runs.
npm_packages() {
	local wanted
	wanted=$(sha256sum <"$1/package-lock.json")
	[ "$(cat "$1/installed" 2>/dev/null)" != "$wanted" ] || return 0
	rm -f "$1/installed"
	quietly npm npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund
	printf '%s\n' "$wanted" >"$1/installed"
}

# cockpit_build INTO: the page, as Cockpit takes it. The same sources give the same bytes.
cockpit_build() {
	setup_install cockpit_table
	mkdir -p "$cockpit_place" "$1"
	rm -rf -- "$cockpit_place"/{src,static}
	cp -R "$cockpit_source"/. "$cockpit_place"
	npm_packages "$cockpit_place"
	quietly page-types "$cockpit_place/node_modules/.bin/tsc" --project "$cockpit_place"
	quietly page node "$cockpit_place/build.mjs" "$1"
	# Cockpit gives them as they are to browsers that take this, and unpacked to others.
	gzip -9nf "$1"/page.js "$1"/page.css
}
