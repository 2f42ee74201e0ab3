#!/bin/sh
# dockerfile-parse 2.0.1: a stage FROM an earlier stage of the same file has none of its variables,
# labels or command.
# The reference of Dockerfiles: FROM <stage> goes on from that stage, its ENV included. Here envs,
# labels and cmd are those written in the last stage alone, and baseimage is the stage's name, which
# no registry has.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dockerfile-parse==2.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
debian:bookworm {'A': '1'} {'owner': 'me'} top
base {} {} None
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import io
from dockerfile_parse import DockerfileParser
text = b"FROM debian:bookworm AS base\nENV A=1\nLABEL owner=me\nCMD top\n"
for more in (b"", b"FROM base\nRUN env\n"):
    parser = DockerfileParser(fileobj=io.BytesIO(text + more))
    print(parser.baseimage, parser.envs, parser.labels, parser.cmd)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
