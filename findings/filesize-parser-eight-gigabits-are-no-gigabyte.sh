#!/bin/sh
# filesize-parser 1.5.2 (npm): 8 Kb is 1 KB and 8 Mb is 1 MB, but 8 Gb is less than 1 GB.
# The README: 'Kb' is kilobits, and the base is 2 unless asked otherwise. From Gb on the factors
# have four digits (1.342e+8 for 134217728), so 8 Gb is 141824 bytes too small, and others by up to
# 0.03 percent. A comma between thousands is the decimal sign. And a small b without a prefix is a
# bit, while it is a byte in kb and in the sizes of docker run and Compose: --memory 512b is 512
# bytes there.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" filesize-parser@1.5.2 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
8Kb=1024 1KB=1024
8Mb=1048576 1MB=1048576
8Gb=1073600000 1GB=1073741824
8Tb=1099200000000 1TB=1099511627776
512b=64 512B=512
1,024KB=1049 1MB=1048576
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const parse = require("filesize-parser");
const rows = ["8Kb 1KB", "8Mb 1MB", "8Gb 1GB", "8Tb 1TB", "512b 512B", "1,024KB 1MB"];
for (const row of rows)
  console.log(...row.split(" ").map((text) => `${text}=${parse(text)}`));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
