#!/bin/sh
# cpeparser 0.0.2 (Python): a colon in the name of a product moves all that follows.
# Its README says that it follows https://nvlpubs.nist.gov/nistpubs/Legacy/IR/nistir7695.pdf. There,
# in a formatted string (6.2), a colon divides the components, and one that belongs to a value is
# written \:, as in the names of Perl's modules. Here each colon divides: the vendor is archive\,
# the version tar_project, and perl, the software that it is made for, is gone. What is behind the
# eleventh part is dropped without a word. The package cpe reads the same name rightly.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check cpeparser==0.0.2 cpe==1.3.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
cpeparser: vendor archive\
cpeparser: product \
cpeparser: version tar_project
cpeparser: update archive\
cpeparser: target_sw *
cpe: archive\:\:tar_project archive\:\:tar 2.28 perl
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from cpe import CPE
from cpeparser import CpeParser

NAME = r"cpe:2.3:a:archive\:\:tar_project:archive\:\:tar:2.28:*:*:*:*:perl:*:*"

found = CpeParser().parser(NAME)
for field in ("vendor", "product", "version", "update", "target_sw"):
    print(f"cpeparser: {field} {found[field]}")
right = CPE(NAME)
print("cpe:", *right.get_vendor(), *right.get_product(), *right.get_version(), *right.get_target_software())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
