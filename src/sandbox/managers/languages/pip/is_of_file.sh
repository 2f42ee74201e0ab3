#!/bin/sh
# Exit status 0 only if a package's environment has it from a file, as pip notes it (PEP 610).
#
# $1: the package
# $2: the folder that it was in, which is named by its checksum: pip 23.0 notes no checksum itself

for note in "/opt/pip/$1"/lib/python3*/site-packages/*.dist-info/direct_url.json; do
  if grep -qsF "file://$2/" "$note"; then exit 0; fi
done
exit 1
