#!/bin/sh
# dockerfile-parse 2.0.1 ends a RUN at a blank line between continued lines, and makes an
# instruction of the next word.
# docker build goes on over blank lines inside a continued command (it warns NoEmptyContinuation);
# many published Dockerfiles have them. Here 'git' becomes an instruction GIT, and the packages
# after it are not seen as installed. A comment line in the same place is passed over as it should
# be.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dockerfile-parse==2.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
[('FROM', 'debian'), ('RUN', 'apt-get install -y curl   git jq')]
[('FROM', 'debian'), ('RUN', 'apt-get install -y curl '), ('GIT', 'jq')]
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import io
from dockerfile_parse import DockerfileParser
for between in (b"# more\n", b"\n"):
    text = b"FROM debian\nRUN apt-get install -y curl \\\n" + between + b"  git jq\n"
    print([(s["instruction"], s["value"]) for s in DockerfileParser(fileobj=io.BytesIO(text)).structure if s["instruction"] != "COMMENT"])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
