#!/bin/sh
# apt-repo 0.5 (Python): the address of an entry with options is "[arch=amd64".
# sources.list(5), One-Line-Style Format: deb [ option1=value1 option2=value2 ] uri suite
# [component1] ..., and the page's own examples have them; signed-by, which says whose key the
# repository has, is in most entries of others than the distribution. A # begins a comment, at the
# end of a line, too. Here the options are the address and the suite, the address is a component,
# and so are the words of the comment. The object is made without an error.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check apt-repo==0.5
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
url http://example.org/debian, suite stable, components main
url [arch=amd64, suite signed-by=/k.gpg], components http://example.org/debian stable main
url http://example.org/debian, suite stable, components main # ours
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from apt_repo import APTRepository

for entry in (
    "deb http://example.org/debian stable main",
    "deb [arch=amd64 signed-by=/k.gpg] http://example.org/debian stable main",
    "deb http://example.org/debian stable main # ours",
):
    url, suite, components = vars(APTRepository.from_sources_list_entry(entry)).values()
    print(f"url {url}, suite {suite}, components {' '.join(components)}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
