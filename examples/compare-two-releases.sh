#!/bin/sh
# Which version does each release have, side by side: two throwaway distros at the same time.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for release in bookworm trixie; do sandbox base ensure "debian:$release"; done

for release in bookworm trixie; do
    sandbox try jq --distro "debian:$release" --quiet -- jq --version >"$release" &
done
wait
paste bookworm trixie

[ "$(cat bookworm)" = jq-1.6 ]
grep -q '^jq-1\.[78]' trixie
echo "proven: bookworm has jq 1.6, trixie a newer one"
