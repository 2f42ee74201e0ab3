#!/bin/sh
# pycomposefile 0.0.34 (Python): of the short syntax of volumes, rw is read only and ro is not.
# Compose specification, Services, volumes, Short syntax: rw is read and write access, the default;
# ro is read-only access. The reader looks for "r" among the options, which no file has, and passes
# the False of rw through the text "False", which is true. So read_only is True for /a:/b:rw and
# None, as if nothing was said, for /a:/b:ro. The long syntax with read_only: true is read well;
# with read_only: false it is True.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycomposefile==0.0.34
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
/a:/b -> None
/a:/b:rw -> True
/a:/b:ro -> None
/a:/b:ro,z -> None
read_only: True -> True
read_only: False -> True
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pycomposefile import ComposeFile

long = {"type": "bind", "source": "/a", "target": "/b"}
volumes = ["/a:/b", "/a:/b:rw", "/a:/b:ro", "/a:/b:ro,z"]
volumes += [long | {"read_only": True}, long | {"read_only": False}]
for volume in volumes:
    text = volume if isinstance(volume, str) else f"read_only: {volume['read_only']}"
    file = {"services": {"web": {"image": "nginx", "volumes": [volume]}}}
    print(text, "->", ComposeFile(file).services["web"].volumes[0].read_only)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
