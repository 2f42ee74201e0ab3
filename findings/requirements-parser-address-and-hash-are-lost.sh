#!/bin/sh
# requirements-parser 0.13.1 reads 'foo @ https://…/foo-1.0.tar.gz' as just foo, and a line with
# --hash as one without.
# PEP 508's direct references and pip's hashes are what makes a requirement exact. uri is None for
# the first and set for the same address in the old form; no attribute of the second holds the hash,
# and no warning is given.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check requirements-parser==0.13.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
foo [] None | hash kept: False
foo [] https://example.org/foo-1.0.tar.gz | hash kept: False
foo [('==', '1.0')] None | hash kept: False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import requirements
for line in (
    "foo @ https://example.org/foo-1.0.tar.gz",
    "https://example.org/foo-1.0.tar.gz#egg=foo",
    "foo==1.0 --hash=sha256:" + "0" * 64,
):
    (r,) = requirements.parse(line)
    print(r.name, r.specs, r.uri, "| hash kept:", "0" * 64 in repr(vars(r)).replace(r.line, ""))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
