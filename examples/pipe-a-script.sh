#!/bin/sh
# Without a terminal sandbox is a filter: a script goes in, its output comes out, its exit status is ours.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >script <<'SCRIPT'
touch /etc/was-here
printf 'b\na\n' | sort
exit 7
SCRIPT

status=0
sandbox try --distro debian --quiet <script >out || status=$?
cat out
echo "status $status"

[ "$(cat out)" = "$(printf 'a\nb')" ]
[ "$status" = 7 ]
[ ! -e /etc/was-here ]
echo "proven: output and status are the script's, and what it wrote is gone"
