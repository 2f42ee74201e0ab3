#!/bin/sh
# license-expression 30.4.4 replaces Fedora's LicenseRef-Fedora-Public-Domain with ScanCode's own
# reference, and reads the bare word GPL as GPL-1.0-or-later.
# A LicenseRef belongs to whoever defines it (SPDX 2.3, annex D): Fedora's data files define this one,
# and an SBOM that declares it no longer matches them. get_spdx_licensing() reads ScanCode's aliases
# besides SPDX's names. 'packaging' 26.4 keeps the reference and refuses the word.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check license-expression==30.4.4 packaging==26.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
LicenseRef-Fedora-Public-Domain -> LicenseRef-scancode-public-domain
GPL -> GPL-1.0-or-later
packaging: LicenseRef-Fedora-Public-Domain -> LicenseRef-Fedora-Public-Domain
packaging: GPL -> refused
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from license_expression import get_spdx_licensing
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
words = ("LicenseRef-Fedora-Public-Domain", "GPL")
for word in words:
    print(word, "->", get_spdx_licensing().parse(word).render())
for word in words:
    try:
        print("packaging:", word, "->", canonicalize_license_expression(word))
    except InvalidLicenseExpression:
        print("packaging:", word, "-> refused")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
