#!/bin/sh
# python-rpm-spec 0.18.0 reads 'Requires: (foo or bar)' as three packages: '(foo', 'or' and
# 'bar)'.
# Boolean dependencies are part of rpm since 4.13 (rpm's manual, Boolean Dependencies):
# (langpacks-en if glibc), (python3dist(x) >= 1 with python3dist(x) < 2). Requirements of one name
# with brackets of its own, perl(Foo::Bar), are read well.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-rpm-spec==0.18.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
perl(Foo::Bar) -> ['perl(Foo::Bar)']
bar >= 1.0 -> ['bar >= 1.0']
(foo or bar) -> ['(foo', 'or', 'bar)']
(foo >= 1 with foo < 2) -> ['(foo >= 1', 'with', 'foo < 2)']
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pyrpm.spec import Spec
for text in ("perl(Foo::Bar)", "bar >= 1.0", "(foo or bar)", "(foo >= 1 with foo < 2)"):
    spec = Spec.from_string(f"Name: tool\nVersion: 1.0\nRequires: {text}\n")
    print(text, "->", [requirement.line for requirement in spec.requires])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
