#!/bin/sh
# tree-sitter-bash 0.25.1: two here-documents on one line are a syntax error.
# bash reads them one after the other (bash(1), Here Documents; POSIX 2.7.4 says so in as many
# words), and Dockerfiles use them: COPY <<a <<b /dir/. A tool that takes 'no error in the tree' for
# 'valid script' refuses valid ones.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tree-sitter==0.26.1 tree-sitter-bash==0.25.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
'cat <<A\n1\nA\n' error: False
'cat <<A <<B\n1\nA\n2\nB\n' error: True
'cat <<A; cat <<B\n1\nA\n2\nB\n' error: True
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import tree_sitter_bash
from tree_sitter import Language, Parser
parser = Parser(Language(tree_sitter_bash.language()))
for text in ("cat <<A\n1\nA\n", "cat <<A <<B\n1\nA\n2\nB\n", "cat <<A; cat <<B\n1\nA\n2\nB\n"):
    print(repr(text), "error:", parser.parse(text.encode()).root_node.has_error)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
