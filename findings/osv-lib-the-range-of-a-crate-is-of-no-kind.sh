#!/bin/sh
# osv-lib 0.2.1 (Python): the version range of a crate is of the unknown kind crates.io.
# The method as_purl_vers promises the syntax of version ranges of package URLs and links to
# VERSION-RANGE-SPEC.rst, which is docs/ of https://github.com/package-url/vers-spec now.
# docs/types/vers-types.md there, "Package ecosystem VERS types": where a package URL has a type for
# packages, this is the type of their ranges too, such as deb, gem, cargo, composer and golang. OSV,
# https://ossf.github.io/osv-schema/, "Defined ecosystems", calls these Debian, RubyGems, crates.io,
# Packagist and Go. Here the name of OSV is written in small letters, which is right where both
# agree. univers, which reads such ranges, refuses the others.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    osv-lib==0.2.1 univers==32.0.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
PyPI: vers:pypi/>=1.0.0|<1.2.0, PypiVersionRange
npm: vers:npm/>=1.0.0|<1.2.0, NpmVersionRange
crates.io: vers:crates.io/>=1.0.0|<1.2.0, ValueError
Go: vers:go/>=1.0.0|<1.2.0, ValueError
RubyGems: vers:rubygems/>=1.0.0|<1.2.0, ValueError
Packagist: vers:packagist/>=1.0.0|<1.2.0, ValueError
Debian: vers:debian/>=1.0.0|<1.2.0, ValueError
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from osv.model import OsvEcosystem, OsvPackage, OsvVersionRange
from univers.version_range import VersionRange

events = [{"introduced": "1.0.0"}, {"fixed": "1.2.0"}]
versions = OsvVersionRange.from_json({"type": "ECOSYSTEM", "events": events})
for name in ["PyPI", "npm", "crates.io", "Go", "RubyGems", "Packagist", "Debian"]:
    written = versions.as_purl_vers(package=OsvPackage(ecosystem=OsvEcosystem(name), name="a"))
    try:
        read = type(VersionRange.from_string(written)).__name__
    except ValueError as error:
        read = type(error).__name__
    print(f"{name}: {written}, {read}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
