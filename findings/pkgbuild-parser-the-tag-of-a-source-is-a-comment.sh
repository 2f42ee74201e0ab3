#!/bin/sh
# pkgbuild-parser 2.3.0 (Python): the tag or commit that pins a source is dropped as if it was a
# comment.
# PKGBUILD(5), Using VCS Sources: source=('[folder::][vcs+]url[#fragment]'), where the fragment
# "allows specifying a revision number or branch"; and of depends: version requirements are name>=1.
# In a shell a # inside a word or quotes begins no comment (POSIX 2.3). Here each line ends at its
# first #, and a value at its second equals sign: the source has no tag, the only dependency is
# "glibc>", and both lists have a second item, which is a line of the file. The README promises the
# fields of "standard PKGBUILDs"; an array with a space in it is read well.
# Seen 2026-11-29 with Python 3.11. bash 5.2 gives the values after "bash:".
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pkgbuild-parser==2.3.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
bash: glibc>=2.38
bash: git+https://example.org/app.git#tag=v1.0
depends: ['glibc>', 'depends=(glibc>=2.38']
makedepends: ['git', 'cmake>=3.20']
source: ['git+https://example.org/app.git', 'sha256sums=(SKIP']
url: https://example.org/?page
OUTPUT
cat >PKGBUILD <<'TEXT'
pkgname=app
pkgver=1.0
pkgrel=1
arch=('any')
url="https://example.org/?page=app"
depends=('glibc>=2.38')
makedepends=('git' 'cmake>=3.20')
source=("git+https://example.org/app.git#tag=v$pkgver")
sha256sums=('SKIP')
TEXT
{
    bash -c '. ./PKGBUILD && printf "bash: %s\n" "${depends[@]}" "${source[@]}"'
    "$folder/venv/bin/python" - <<'PROGRAM'
from pkgbuild_parser import Parser

package = Parser("PKGBUILD")
for field in ("depends", "makedepends", "source", "url"):
    print(f"{field}: {getattr(package, 'get_' + field)()}")
PROGRAM
} >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
