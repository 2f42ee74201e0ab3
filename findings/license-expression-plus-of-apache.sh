#!/bin/sh
# license-expression 30.4.4 does not know Apache-2.0+, though it knows GPL-2.0+ and every licence of
# SPDX.
# In SPDX's grammar (annex 'License expressions') any licence identifier may carry the operator +.
# Here a plus is part of a name, and only the names that SPDX lists with one, deprecated, are known.
# 'packaging' 26.4 and npm's spdx-expression-parse take the expression.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check license-expression==30.4.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
GPL-2.0+ []
Apache-2.0 []
Apache-2.0+ ['Unknown license key(s): Apache-2.0+']
MPL-1.1+ ['Unknown license key(s): MPL-1.1+']
EUPL-1.1+ ['Unknown license key(s): EUPL-1.1+']
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from license_expression import get_spdx_licensing
spdx = get_spdx_licensing()
for text in ("GPL-2.0+", "Apache-2.0", "Apache-2.0+", "MPL-1.1+", "EUPL-1.1+"):
    print(text, spdx.validate(text).errors)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
