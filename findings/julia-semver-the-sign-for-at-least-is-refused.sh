#!/bin/sh
# julia-semver 0.1.3 (Python): of the two ways to write "at least" one is refused.
# Pkg's documentation, https://pkgdocs.julialang.org/v1/compatibility/, "Inequality specifiers":
# both >= and the sign of mathematics (U+2265) are written in front of a version. The README says
# that all of the format of Julia 1.8 is supported, and the parser takes the sign; it is handed on
# to a parser of npm's ranges, which knows only >=. The parts are right on both ways.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    julia-semver==0.1.3 semantic-version==2.10.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
'>= 1.2.3' True
'\u2265 1.2.3' ValueError
'< 2' True
'1.2, 2' True
'1, \u2265 2.1' ValueError
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from julia_semver import match

for specifier in [">= 1.2.3", "\u2265 1.2.3", "< 2", "1.2, 2", "1, \u2265 2.1"]:
    try:
        answer = match(specifier, "1.4.0")
    except ValueError as error:
        answer = type(error).__name__
    print(ascii(specifier), answer)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
