#!/bin/sh
# lockfile-parser 0.2.0 (Python): a crate that is pinned to a commit is not among those that are
# not of crates.io, nor is one of another registry.
# get_non_crates_io_packages of a Cargo.lock promises "non-crates.io packages with unique commits".
# Cargo, https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html: a dependency on a
# Git repository names a branch, a tag or a commit (rev), and a registry of one's own is another
# source. Of the address git+...?rev=...#... nothing is read, since only ?branch= and ?tag= are
# known, and an address of a registry has no commit: both are left out without a word.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check lockfile-parser==0.2.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
git.example team by-branch by-tag
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pathlib import Path

from lockfile_parser import CargoLockParser

COMMIT = "1" * 40
SOURCES = {
    "by-branch": f"git+https://git.example/team/by-branch?branch=main#{COMMIT}",
    "by-commit": f"git+https://git.example/team/by-commit?rev={COMMIT}#{COMMIT}",
    "by-tag": f"git+https://git.example/team/by-tag?tag=v1#{COMMIT}",
    "own-registry": "registry+https://cargo.example/index",
    "rand": "registry+https://github.com/rust-lang/crates.io-index",
}
Path("Cargo.lock").write_text(
    "version = 4\n"
    + "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "1.0.0"\nsource = "{source}"\n' for name, source in SOURCES.items()
    )
)
for server, teams in CargoLockParser("Cargo.lock").get_non_crates_io_packages().items():
    for team, crates in teams.items():
        print(server, team, *crates)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
