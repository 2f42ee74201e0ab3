#!/bin/sh
# keepachangelog 2.0.0 (Python): of the option --force the word force is left, and a line that was
# wrapped is a change of its own.
# Keep a Changelog 1.1.0 is Markdown. CommonMark 0.31.2, 5.2 List items: a list item begins with one
# -, + or *, and indented lines go on with it. to_dict() takes all dashes, stars and blanks away
# from the beginning of each line, and from_dict() writes the rest as items: the option is another
# word, the bold text ends without a beginning, and what is indented is neither a part of an item
# nor a list in it.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check keepachangelog==2.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
[1.1.0] - 2026-11-30
### Changed
- force is read again, when it
- stands behind the file
- Breaking:** these are gone:
- yes

OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import keepachangelog

CHANGELOG = """# Changelog

## [1.1.0] - 2026-11-30
### Changed
- --force is read again, when it
  stands behind the file
- **Breaking:** these are gone:
  - --yes
"""
changes = keepachangelog.to_dict(CHANGELOG.splitlines(keepends=True))
print(keepachangelog.from_dict(changes).partition("\n\n## ")[2])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
