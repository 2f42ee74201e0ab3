#!/bin/sh
# udev-generator 1.0.2 (npm): a rule for two devices of a maker becomes one for all of its devices.
# udev(7), https://man7.org/linux/man-pages/man7/udev.7.html: in a pattern, | "Separates two or more
# alternative patterns". addFileContents reads a product only where four digits stand alone in the
# quotes. With an alternative there is no product, and a rule without one is a rule for the maker:
# the file that is written lets the user open every device of it, and the other rules of that maker
# are dropped. A rule that says != (any product but this one) is for all products, too.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund udev-generator@1.0.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
ATTRS{idProduct}=="0113"
  KERNEL=="hidraw*", ATTRS{idVendor}=="1050", ATTRS{idProduct}=="0113", MODE:="660", TAG+="uaccess"
ATTRS{idProduct}=="0113|0114"
  KERNEL=="hidraw*", ATTRS{idVendor}=="1050", MODE:="660", TAG+="uaccess"
ATTRS{idProduct}!="0113"
  KERNEL=="hidraw*", ATTRS{idVendor}=="1050", MODE:="660", TAG+="uaccess"
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { UdevRuleGenerator } = require("udev-generator");
const rule = (test) => `KERNEL=="hidraw*", ATTRS{idVendor}=="1050", ${test}, TAG+="uaccess"\n`;
for (const test of [
  'ATTRS{idProduct}=="0113"',
  'ATTRS{idProduct}=="0113|0114"',
  'ATTRS{idProduct}!="0113"',
]) {
  const generator = new UdevRuleGenerator();
  generator.addFileContents(rule(test));
  console.log(test);
  const lines = generator.generateFile({ mode: "desktop" }).split("\n");
  for (const line of lines.filter((line) => line.includes("1050"))) console.log(`  ${line}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
