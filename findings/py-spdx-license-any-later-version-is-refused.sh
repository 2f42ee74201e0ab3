#!/bin/sh
# py-spdx-license 0.0.1 (Python): a licence "or any later version" is refused.
# SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/, D.3: a simple
# expression is an identifier of the list of licences or one with + behind it, as in CDDL-1.0+, and
# 3.0.1 has the same in its annex, "Simple license expressions". GPL-2.0+ is an identifier of that
# list besides, a deprecated one, and is in the list that this library has with it. + is a token of
# its own here, and no rule takes it. The Python package license-expression takes both.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    py-spdx-license==0.0.1 license-expression==30.4.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Apache-2.0 | Apache-2.0 | Apache-2.0
Apache-2.0+ | Unexpected '+' | Apache-2.0+
GPL-2.0+ | Unexpected '+' | GPL-2.0-or-later
MIT OR CDDL-1.0+ | Unexpected '+' | MIT OR CDDL-1.0+
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from license_expression import get_spdx_licensing
from py_spdx_license import ParseError, parse

for expression in ["Apache-2.0", "Apache-2.0+", "GPL-2.0+", "MIT OR CDDL-1.0+"]:
    try:
        answer = parse(expression).to_string()
    except ParseError as error:
        answer = str(error)
    print(expression, answer, get_spdx_licensing().parse(expression), sep=" | ")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
