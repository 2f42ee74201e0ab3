#!/bin/sh
# kubernetes-resource-parser 0.1.0 (npm): a limit of 1.5Gi is one byte.
# https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, Memory resource
# units: 128974848, 129e6, 129M, 128974848000m and 123Mi are roughly the same amount of memory. A
# number may have a fraction. Here a fraction and an exponent end the number, and the unit behind
# it is dropped with them; m is not known to be a thousandth. No error is raised: whoever adds up
# the requests of a node gets a sum that is far too small. A processor's units are dropped, but m.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund kubernetes-resource-parser@0.1.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
memory 128974848: 128974848 bytes
memory 129e6: 129 bytes
memory 129M: 129000000 bytes
memory 128974848000m: NaN bytes
memory 123Mi: 128974848 bytes
memory 1.5Gi: 1 bytes
memory 0.5Gi: 0 bytes
cpu 500m: 0.5
cpu 0.5: 0.5
cpu 2k: 2
cpu 100u: 100
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { memoryParser, cpuParser } = require("kubernetes-resource-parser");
for (const amount of ["128974848", "129e6", "129M", "128974848000m", "123Mi", "1.5Gi", "0.5Gi"])
  console.log(`memory ${amount}: ${memoryParser(amount)} bytes`);
for (const amount of ["500m", "0.5", "2k", "100u"]) console.log(`cpu ${amount}: ${cpuParser(amount)}`);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
