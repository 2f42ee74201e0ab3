#!/bin/sh
# docker 7.2.0 (the SDK for Python) reads a character class of .dockerignore the other way round.
# The file's rules are Go's filepath.Match (docs of docker build): [^a] is any character but a, !
# has no meaning in a class, a backslash escapes. The SDK uses Python's fnmatch: [^a] is ^ or a,
# [!a] any but a, a backslash is itself. So [^a].txt keeps b.txt out of the context with docker
# build, and a.txt with the SDK: another set of files is sent to the engine, and no error tells.
# Seen 2026-11-29 with Python 3.11. docker build keeps out b.txt, a.txt, a.txt.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check docker==7.2.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
[^a].txt keeps out ['a.txt']
[!a].txt keeps out ['b.txt']
\a.txt keeps out []
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from docker.utils.build import PatternMatcher
for pattern in ("[^a].txt", "[!a].txt", "\\a.txt"):
    print(pattern, "keeps out", [name for name in ("a.txt", "b.txt") if PatternMatcher([pattern]).matches(name)])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
