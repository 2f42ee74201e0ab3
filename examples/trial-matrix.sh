#!/bin/sh
# Two specs on two releases, side by side; the one that does not hold is said, in words, in JSON and in JUnit XML.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir sandboxes
cat >sandboxes/greeting.yaml <<'SPEC'
packages: [hello]
checks:
  - run: hello
    stdout: {contains: world}
SPEC
cat >sandboxes/wish.yaml <<'SPEC'
packages: [hello]
checks:
  - {file: /usr/bin/hello, mode: 0755, owner: root}
  - run: hello --greeting=Ahoy
    stdout: {equals: Good morning}
SPEC

status=0
sandbox trial --distro debian:bookworm,debian:trixie --junit trials.xml || status=$?
echo "status $status"
[ "$status" = 6 ]
[ "$(grep -c '<failure' trials.xml)" = 2 ]

sandbox trial greeting --distro debian:bookworm --twice --json >trials.json
grep -q '"passed": true' trials.json
echo "proven: what holds passes, twice the same; what does not hold is said and ends with status 6"
