#!/bin/sh
# dockerfile 3.4.0, which wraps BuildKit's own parser, gives '<<EOF' as the whole command of a RUN
# with a here-document.
# BuildKit's nodes have the text apart (Node.Heredocs), which this binding does not hand out: value
# is ('<<EOF',), the commands stand nowhere but in 'original'. A check of what RUN installs passes
# such a line in silence.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dockerfile==3.4.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1 1 FROM ('debian',)
2 4 RUN ('<<EOF',)
5 5 RUN ('echo b',)
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import dockerfile
for command in dockerfile.parse_string("FROM debian\nRUN <<EOF\napt-get install -y jq\nEOF\nRUN echo b\n"):
    print(command.start_line, command.end_line, command.cmd, command.value)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
