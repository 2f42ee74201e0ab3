#!/bin/sh
# pyproject-pipenv 1.2.0 (Python): the extras of a dependency are taken out of pyproject.toml.
# It is to bring the dependencies of a Pipfile to pyproject.toml. In a Pipfile an entry may have
# extras, https://pipenv.pypa.io/en/latest/specifiers.html, and so may one of pyproject.toml:
# https://packaging.python.org/en/latest/specifications/dependency-specifiers/, "Extras". Here the
# version and the markers of an entry are read. Where both files ask for the same extra, they are
# called out of sync, and --fix removes it, so that what users install lacks it. The README has
# "markers and all that extra crap besides version" among what is done.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    pyproject-pipenv==1.2.0 tomlkit==0.13.3
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Dependencies out of sync:
- requests[socks]>=2.31
+ requests>=2.31
pyproject.toml UPDATED!
dependencies = ["requests>=2.31"]
OUTPUT
cat >Pipfile <<'TOML'
[packages]
requests = {version = ">=2.31", extras = ["socks"]}
TOML
cat >pyproject.toml <<'TOML'
[project]
name = "example"
version = "1.0"
dependencies = ["requests[socks]>=2.31"]
TOML
{
    "$folder/venv/bin/pyproject-pipenv" --fix
    grep dependencies pyproject.toml
} >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
