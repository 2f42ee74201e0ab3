#!/bin/sh
# rpm_vercmp 0.1.2 takes the caret for a separator: 1.0^ equals 1.0, and the snapshot 1.0^20160101
# is newer than 1.0.1.
# rpm has compared ^ as 'after this version, before the next' since 4.15 (rpm-version(7), and rpm's
# own tests); Fedora's packaging guidelines ask for it in snapshots. The tilde is known here.
# Seen 2026-11-29 with Python 3.11. rpm itself answers -1, 1, -1.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rpm-vercmp==0.1.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.0~rc1 1.0 -1
1.0^ 1.0 0
1.0^20160101 1.0.1 1
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from rpm_vercmp import vercmp
for a, b in (("1.0~rc1", "1.0"), ("1.0^", "1.0"), ("1.0^20160101", "1.0.1")):
    print(a, b, vercmp(a, b))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
