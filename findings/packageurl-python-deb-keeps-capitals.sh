#!/bin/sh
# packageurl-python 0.17.6 keeps capitals in the namespaces of deb and rpm and in the names of deb; it
# lowers those of apk, pypi and luarocks.
# purl-spec: the namespace and the name of the type deb, and the namespace of rpm, are not
# case sensitive and must be lowercased; packageurl-js 2.0.1 does so for deb. Two tools that write
# pkg:deb/Debian/... and pkg:deb/debian/... describe one package, and are two components here.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check packageurl-python==0.17.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
pkg:deb/Debian/Curl@7 -> pkg:deb/Debian/Curl@7
pkg:rpm/Fedora/curl@7 -> pkg:rpm/Fedora/curl@7
pkg:pypi/Foo_Bar@1 -> pkg:pypi/foo-bar@1
pkg:luarocks/Hisham/Say@1 -> pkg:luarocks/hisham/say@1
pkg:apk/Alpine/Curl@7 -> pkg:apk/alpine/curl@7
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from packageurl import PackageURL
for text in (
    "pkg:deb/Debian/Curl@7",
    "pkg:rpm/Fedora/curl@7",
    "pkg:pypi/Foo_Bar@1",
    "pkg:luarocks/Hisham/Say@1",
    "pkg:apk/Alpine/Curl@7",
):
    print(text, "->", PackageURL.from_string(text).to_string())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
