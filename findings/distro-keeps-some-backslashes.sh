#!/bin/sh
# distro 1.9.0 keeps the backslash of \$ and \` in a quoted value of os-release, and drops that of
# \".
# os-release(5): the dollar sign, quotes, the backslash and the backtick must be escaped with
# backslashes, following shell style; a shell that sources the file, and
# platform.freedesktop_os_release of Python itself, give the value without them. shlex, which
# distro reads the file with, knows only two of the escapes.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check distro==1.9.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
the file: NAME="a \$ b \` c \" d \\ e"
platform: a $ b ` c " d \ e
distro:   a \$ b \` c " d \ e
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import os, platform, tempfile
import distro
from pathlib import Path
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "os-release"
    path.write_text(r'''NAME="a \$ b \` c \" d \\ e"''' + "\nID=x\n")
    ours = distro.LinuxDistribution(
        include_lsb=False, include_uname=False, include_oslevel=False,
        os_release_file=str(path), distro_release_file=os.devnull,
    )
    platform._os_release_candidates = (str(path),)
    print("the file:", path.read_text().splitlines()[0])
    print("platform:", platform.freedesktop_os_release()["NAME"])
    print("distro:  ", ours.name())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
