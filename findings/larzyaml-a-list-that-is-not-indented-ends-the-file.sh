#!/bin/sh
# larzyaml 0.1.0 (Python): a list below a key that is not indented is null, and all behind it is
# lost.
# The README: "The YAML people actually write for config: nested maps/sequences". YAML 1.2.2, 8.2.2
# and example 8.22, https://yaml.org/spec/1.2.2/: a sequence that is the value of a key may stand at
# the same indentation, since the - counts as such; kubectl, docker compose config and PyYAML write
# it so. Here the key is null, the mapping ends at the first - and so does the document: no error is
# raised. In quotes 'it''s' keeps two apostrophes, and "a\tb" a backslash.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check larzyaml==0.1.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{'name': 'web', 'ports': [80, 443], 'image': 'nginx'}
{'name': 'web', 'ports': None}
['- 1']
{'a': "it''s", 'b': 'a\\tb'}
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from larzyaml import load

print(load("name: web\nports:\n  - 80\n  - 443\nimage: nginx\n"))
print(load("name: web\nports:\n- 80\n- 443\nimage: nginx\n"))
print(load("- - 1\n  - 2\n"))
print(load("a: 'it''s'\nb: \"a\\tb\"\n"))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
