#!/bin/sh
# jarmetainforeader 0.3.1 (Python): the version of a jar is that of its last section, and its
# address is http.
# JAR specification, https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html, manifest:
# a section that begins with Name is about that entry only; a line that begins with a blank goes on
# with the value before; a value is all that follows the first colon and blank. Here the sections
# are one, what is continued is dropped, a value ends at its second colon, and a line with an equals
# sign is divided there, so that an export of OSGi has its package in its key.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jarmetainforeader==0.3.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Manifest-Version: 1.0
Implementation-Version: 0.9
Implementation-URL: https
Class-Path: lib/one.jar lib/two.jar lib/th
Export-Package: org.example.app;version: "2.1"
Name: org/example/plugin/
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import zipfile

from jarmetainforeader import meta_file_reader

with zipfile.ZipFile("app.jar", "w") as jar:
    jar.writestr(
        "META-INF/MANIFEST.MF",
        """Manifest-Version: 1.0
Implementation-Version: 2.1
Implementation-URL: https://app.example/
Class-Path: lib/one.jar lib/two.jar lib/th
 ree.jar
Export-Package: org.example.app;version="2.1"

Name: org/example/plugin/
Implementation-Version: 0.9
""",
    )
for key, value in meta_file_reader.get_manifest_file_contents("app.jar").items():
    print(f"{key}: {value}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
