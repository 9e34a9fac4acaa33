#!/usr/bin/env bash
# Does something of a theme on the other of two hosts: on.sh FUNCTION-OR-PROGRAM ARGUMENT…
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../vms.sh
source "$here/../vms.sh"
# shellcheck source-path=SCRIPTDIR source=either.sh
source "$here/either.sh"

"$@"
