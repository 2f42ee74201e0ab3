#!/bin/sh
# vuln-vects 1.1.0 (npm): who needs less secrecy has a higher score.
# CVSS 3.1, https://www.first.org/cvss/v3-1/specification-document, 4.2: a modified metric that a
# vector does not name, such as the scope (MS), has the value of its base metric. Here a scope that
# is not named is a changed one, which counts more: a low requirement of confidentiality (CR:L)
# makes 10 of 9.8, and an attack that needs to touch the machine (MAV:P) is worse than it is. With
# MS:U, which says the same, the scores are right. Of the last line, which has a score of version 2,
# the README says that it prints '5.0'.
# Seen 2026-11-30 with Node.js 20. The Python package cvss 3.6 says 9.5 and 6.8 of both vectors.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund vuln-vects@1.1.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
base 9.8
/CR:L 10
/CR:L/MS:U 9.5
/MAV:P 7
/MAV:P/MS:U 6.8
version 2 4.958451119999999
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { parseCvss2Vector, parseCvss3Vector } = require("vuln-vects");
const base = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
console.log("base", parseCvss3Vector(base).baseScore);
for (const metrics of ["/CR:L", "/CR:L/MS:U", "/MAV:P", "/MAV:P/MS:U"])
  console.log(metrics, parseCvss3Vector(base + metrics).environmentalScore);
console.log("version 2", parseCvss2Vector("CVSS2#AV:N/AC:L/Au:N/C:P/I:N/A:N").baseScore);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
