#!/bin/sh
# Puts the load lines where ships look for them.
set -eu
target="${1:-/etc/loadlines}"
mkdir -p "$target"
cp -R "$(dirname "$0")/payload/." "$target/"
echo "Installed load lines in $target"
