#!/bin/sh
# univers 32.0.1 refuses the version of Alpine's own C library.
# Alpine names snapshots with the suffixes _cvs, _svn, _git, _hg and _p (apk-tools, doc/apk-
# package.5; musl of Alpine 3.20 is 1.2.5-r0, of 3.19 1.2.4_git20230717-r4). AlpineLinuxVersion uses
# Gentoo's grammar, which has only _alpha, _beta, _pre, _rc and _p: whoever compares installed
# versions with advisories gets an error for such packages.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check univers==32.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.2.4-r4 -> 1.2.4-r4
1.2.4_p1-r0 -> 1.2.4_p1-r0
1.2.4_git20230717-r4 -> InvalidVersion
1.0_hg5-r0 -> InvalidVersion
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from univers.versions import AlpineLinuxVersion, InvalidVersion
for text in ("1.2.4-r4", "1.2.4_p1-r0", "1.2.4_git20230717-r4", "1.0_hg5-r0"):
    try:
        print(text, "->", AlpineLinuxVersion(text))
    except InvalidVersion:
        print(text, "-> InvalidVersion")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
