#!/bin/sh
# acc-lang-parser 1.0.4 (npm): traditional Chinese is Chinese of HA, and Filipino is no language.
# RFC 5646, 2.2, https://www.rfc-editor.org/rfc/rfc5646: a script of four letters may stand before
# the region, a language may have three letters, and a region three digits. Here the region is the
# first two letters of whatever follows the language: HA of Hant, LA (Laos) of Latn. Of a language
# with three letters only the region is left. RFC 9110, 12.4.2: a quality of 0 means "not
# acceptable". Here such a language is one of the list. The README names no limit.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund acc-lang-parser@1.0.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
de-DE [ { language: 'de', locale: 'DE' } ]
zh-Hant-TW [ { language: 'zh', locale: 'HA' } ]
sr-Latn-RS [ { language: 'sr', locale: 'LA' } ]
fil-PH [ { locale: 'PH' } ]
es-419 [ { language: 'es' } ]
de, en;q=0 [ { language: 'de' }, { language: 'en' } ]
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { extractAllLangs } = require("acc-lang-parser");
for (const header of ["de-DE", "zh-Hant-TW", "sr-Latn-RS", "fil-PH", "es-419", "de, en;q=0"])
  console.log(header, extractAllLangs(header));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
