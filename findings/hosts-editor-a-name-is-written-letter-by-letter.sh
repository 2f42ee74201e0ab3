#!/bin/sh
# hosts-editor 1.0.0 (Python): one name for an address becomes as many names as it has letters.
# The docstring of the editor has editor["127.0.0.1"] = "www.mysite.com" as its first example, and a
# list for several names. hosts(5), https://man7.org/linux/man-pages/man5/hosts.5.html: names of an
# address have blanks between them. The letters of the text are written with a blank between each,
# so that the host is not known, and single letters and dots are. With a list all is well.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check hosts-editor==1.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
192.0.2.7	d b . t e s t
192.0.2.8	web.test web
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from hostseditor import HostsEditor

editor = HostsEditor("hosts", create_backup=False)
editor["192.0.2.7"] = "db.test"
editor["192.0.2.8"] = ["web.test", "web"]
print(editor.read_raw())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
