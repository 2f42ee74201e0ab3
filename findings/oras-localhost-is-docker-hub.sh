#!/bin/sh
# oras 0.2.43 (the SDK for Python) takes the registry of localhost/app for Docker Hub, with localhost
# as the namespace.
# The first part of a reference is a registry if it has a dot or a colon or is the word localhost
# (distribution's reference package). localhost/ is what podman and buildah put before the names
# that they build. With a port the word is understood: localhost:5000/app.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check oras==0.2.43 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
localhost/app:1 -> namespace: localhost registry of a bare name: True
localhost:5000/app:1 -> namespace: None registry of a bare name: False
registry.example/app:1 -> namespace: None registry of a bare name: False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from oras.container import Container
hub = Container("app").registry
for text in ("localhost/app:1", "localhost:5000/app:1", "registry.example/app:1"):
    read = Container(text)
    print(text, "-> namespace:", read.namespace, "registry of a bare name:", read.registry == hub)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
