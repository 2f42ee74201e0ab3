#!/bin/sh
# docker 7.2.0 (the SDK for Python) makes read-only mounts of '/a:/b:z' and '/a:/b:rw,z'.
# docker run -v takes options with commas after the second colon (rw, ro, z, Z, rslave, nocopy;
# docs of docker run, 'Mount volume'), and without ro the mount can be written.
# Mount.parse_mount_string, which the SDK's services use for such strings, takes every third part
# other than the two letters rw for ro, and drops the option itself.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check docker==7.2.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
/a:/b -> bind read-only: False options: None
/a:/b:rw -> bind read-only: False options: None
/a:/b:ro -> bind read-only: True options: None
/a:/b:z -> bind read-only: True options: None
/a:/b:rw,z -> bind read-only: True options: None
/a:/b:rslave -> bind read-only: True options: None
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from docker.types import Mount
for text in ("/a:/b", "/a:/b:rw", "/a:/b:ro", "/a:/b:z", "/a:/b:rw,z", "/a:/b:rslave"):
    mount = Mount.parse_mount_string(text)
    print(text, "->", mount["Type"], "read-only:", mount["ReadOnly"], "options:", mount.get("BindOptions"))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
