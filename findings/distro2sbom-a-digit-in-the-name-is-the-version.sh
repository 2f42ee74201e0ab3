#!/bin/sh
# distro2sbom 0.6.0 (Python): java-17-openjdk is the package java of version 17, and so is
# java-17-openjdk-headless, so that one of them is missing.
# rpm -qa prints name-version-release.architecture.
# https://github.com/rpm-software-management/rpm/blob/master/docs/manual/spec.md, Name: names "may
# include a hyphen '-' (unlike version and release tags)". So the last two hyphens are the ends of
# the name and of the version. Here the name ends at the first hyphen with a digit behind it, and
# the version is the digits that follow: 17-2.el9, without a sign of 17.0.9.0.9, which is what a
# vulnerability is looked up by. gcc-toolset-13-gcc and gcc-toolset-13-binutils are both gcc-toolset
# 13.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check distro2sbom==0.6.0 lib4sbom==0.10.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
bash 5.1.8-6.el9 pkg:rpm/rocky/bash@5.1.8-6.el9?arch=x86_64&distro=rocky
java 17-2.el9 pkg:rpm/rocky/java@17-2.el9?arch=x86_64&distro=rocky
gcc-toolset 13-8.el9 pkg:rpm/rocky/gcc-toolset@13-8.el9?arch=x86_64&distro=rocky
gcc-toolset 13-4.el9 pkg:rpm/rocky/gcc-toolset@13-4.el9?arch=x86_64&distro=rocky
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import json
import subprocess

PACKAGES = '''bash-5.1.8-6.el9.x86_64
java-17-openjdk-17.0.9.0.9-2.el9.x86_64
java-17-openjdk-headless-17.0.9.0.9-2.el9.x86_64
gcc-toolset-13-binutils-2.40-8.el9.x86_64
gcc-toolset-13-gcc-13.1.1-4.el9.x86_64
'''
with open("packages", "w") as file:
    file.write(PACKAGES)
COMMAND = "venv/bin/distro2sbom --distro rpm --distro-namespace rocky --name Rocky --release 9"
OPTIONS = "--input-file packages --sbom cyclonedx --format json --output-file sbom.json"
subprocess.run([*COMMAND.split(), *OPTIONS.split()], check=True)
with open("sbom.json") as file:
    for component in json.load(file)["components"]:
        if component["type"] != "operating-system":
            print(component["name"], component["version"], component["purl"])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
