#!/bin/sh
# apt-preferences 0.0.1 (Python): two records are written without the blank line between them, so
# that a reader has one, with the last value of each field.
# apt_preferences(5), https://manpages.debian.org/apt_preferences, "The Effect of APT Preferences":
# the file consists of records separated by blank lines. The parser of this library ignores blank
# lines, so that it reads both records of what it wrote; python-debian, another reader of such
# files, has one. A round trip loses the priority of the first package.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    apt-preferences==0.0.1 python-debian==1.1.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
read: * 900, perl 1001
written: Package: * / Pin: release a=stable / Pin-Priority: 900 / Package: perl / Pin: version 5.36* / Pin-Priority: 1001
python-debian: perl 1001
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from apt_preferences.parse_preferences_files import parse_preference
from apt_preferences.render_preferences_files import render_preferences_files
from debian.deb822 import Deb822

read = parse_preference("""Package: *
Pin: release a=stable
Pin-Priority: 900

Package: perl
Pin: version 5.36*
Pin-Priority: 1001
""")
print("read:", ", ".join(f"{record.package} {record.pin_priority}" for record in read))
(written,) = render_preferences_files(read, save_files=False).values()
print("written:", " / ".join(written.splitlines()))
records = Deb822.iter_paragraphs(written, use_apt_pkg=False)
print("python-debian:", ", ".join(f"{record['Package']} {record['Pin-Priority']}" for record in records))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
