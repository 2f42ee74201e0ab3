#!/bin/sh
# git-attributes 1.0.0 (npm): an attribute that is taken back stays, and one more is there.
# gitattributes(5), https://git-scm.com/docs/gitattributes: ! before a name sets the attribute to
# unspecified, as if no line had named it; [attr] defines a macro, which sets other attributes; and
# a pattern is one of .gitignore, where * matches a name that begins with a dot. Here !eol is an
# attribute of that name, and eol is still lf; a macro sets itself only; binary, which Git defines
# itself, unsets diff, but not text; and .env.txt has no attributes.
# Seen 2026-11-30 with Node.js 20. git check-attr -a of git 2.39 says: a.txt has text, raw.txt too
# and no eol, logo.png and logo.jpg have text unset, .env.txt has text and eol.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund git-attributes@1.0.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
a.txt { text: true, eol: 'lf' }
raw.txt { text: true, eol: 'lf', '!eol': true }
logo.png { image: true }
logo.jpg { binary: true, diff: false }
.env.txt {}
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const GitAttributes = require("git-attributes");
const attributes = new GitAttributes();
attributes.parse(`*.txt text eol=lf
raw.txt !eol
[attr]image -text -diff
*.png image
*.jpg binary
`);
for (const file of ["a.txt", "raw.txt", "logo.png", "logo.jpg", ".env.txt"])
  console.log(file, attributes.attrsForPath(file));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
