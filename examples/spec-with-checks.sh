#!/bin/sh
# A spec says what must hold; sandbox checks it, and says which check does not hold.
set -eu
spec=$(cd "$(dirname "$0")" && pwd)/spec-with-checks.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox validate "$spec"
sandbox try --spec "$spec" --quiet -- redis-cli get greeting >answer
cat answer

sed 's/equals: OK/equals: NO/' "$spec" >wrong.yaml
status=0
sandbox try --spec ./wrong.yaml --quiet </dev/null 2>wrong || status=$?
cat wrong
echo "status $status"

[ "$(cat answer)" = hello ]
[ "$status" = 6 ]
echo "proven: the checks hold, and a wrong one is noticed"
