#!/bin/sh
# A spec adds a repository; nothing comes from it until you allow that, and the script for a host adds it too.
set -eu
spec=$(cd "$(dirname "$0")" && pwd)/spec-with-repository.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox validate "$spec"
status=0
sandbox try --spec "$spec" </dev/null 2>refused || status=$?
cat refused
sandbox try --spec "$spec" --allow repositories,pins --quiet -- tinyproxy -v
sandbox promote --for tried --no-verify -o install.sh

[ "$status" = 2 ] || [ "$status" = 125 ]
grep -q bookworm-backports install.sh
echo "proven: what the spec adds has to be allowed, and is in the script"
