#!/bin/sh
# sbomdiff 0.6.0 (Python): of packages with one name the first is compared, so that a new version of
# lodash and an older @vue/core are no difference.
# In CycloneDX a name is one of several parts:
# https://cyclonedx.org/docs/1.5/json/#components_items_group, "The grouping name or identifier", is
# @vue or @babel, and components with one name and two versions are usual, since npm installs what
# each package asks for. Here the packages of a list are kept by their name alone, without group and
# purl, and the second with a name is passed over. So lodash 3.10.1 becomes 4.17.4 and @vue/core
# 3.4.0 becomes 2.0.0, and the summary has no version that changed.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sbomdiff==0.6.0 lib4sbom==0.10.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'

Summary
-------
Version changes:  0
License changes:  0
Removed packages: 0
New packages:     0
exit status 0
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import json
import subprocess


def write(file: str, *purls: str) -> None:
    components = []
    for purl in purls:
        path, version = purl.removeprefix("pkg:npm/").rsplit("@", 1)
        group, _, name = path.rpartition("/")
        part = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        components.append(part | ({"group": group.replace("%40", "@")} if group else {}))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    with open(file, "w") as text:
        json.dump(head | {"components": components}, text)


ALIKE = ("pkg:npm/lodash@4.17.21", "pkg:npm/%40babel/core@7.24.0")
write("old.json", *ALIKE, "pkg:npm/lodash@3.10.1", "pkg:npm/%40vue/core@3.4.0")
write("new.json", *ALIKE, "pkg:npm/lodash@4.17.4", "pkg:npm/%40vue/core@2.0.0")
run = subprocess.run(["venv/bin/sbomdiff", "old.json", "new.json"], capture_output=True, text=True)
print(run.stdout, end="")
print("exit status", run.returncode)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
