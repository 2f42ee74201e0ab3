#!/bin/sh
# Is this package worth having? What it adds to the disk and to PATH, what it needs, and whether it does the job,
# all in a distro that is gone afterwards. The host is never touched, and no root is needed on it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox try jq --distro debian --quiet <<'SCRIPT' >report
dpkg-query -W -f '${Package} ${Version}, ${Installed-Size} kB\n' jq libjq1 libonig5
echo "commands: $(dpkg -L jq | grep '^/usr/bin/')"
echo '{"price": 41.5}' | jq '.price + 0.5'
SCRIPT
cat report

grep -qx 'commands: /usr/bin/jq' report
grep -qx 42 report
echo "proven: it brings one command, and that command works"
