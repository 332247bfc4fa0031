#!/bin/sh
# Before `npm test`: the dependencies as locked, and a Bun and a Deno that run.
set -eu
cd "$(dirname "$0")/../.."
. tests/setup/runtimes.sh
install_dependencies
repair_runtimes
