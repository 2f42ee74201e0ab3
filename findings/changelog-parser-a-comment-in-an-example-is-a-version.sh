#!/bin/sh
# changelog-parser 3.0.1 and 4.1.0 (npm): a comment of a shell in an example begins another version,
# and so does a line that begins with the number of an issue.
# CommonMark 0.31.2, https://spec.commonmark.org/0.31.2/: a heading has a blank behind its # signs
# (4.2), and the lines of a fenced code block are text (4.5). Each line with one or two # at its
# beginning is the heading of a version here. The changes behind it belong to a version without a
# number, so that 1.1.0 has lost two of its three changes. 2.0 is no version, because behind a full
# stop two characters are wanted: Node.js is one. 4.1.0, which wants Node.js 22, has the same lines;
# 3.0.1 is run.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" changelog-parser@3.0.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
version Node.js ([2.0] - 2026-11-30, for Node.js 22): a menu
version 1.1.0 ([1.1.0] - 2026-11-29): a button, see
version null (2): a command
version null (all at once): a window
OUTPUT
cat >CHANGELOG.md <<'MARKDOWN'
# Changelog

## [2.0] - 2026-11-30, for Node.js 22

- a menu

## [1.1.0] - 2026-11-29

- a button, see
#12

- a command

```sh
# all at once
app --all
```

- a window
MARKDOWN
node - <<'PROGRAM' >"$folder/seen"
const parse = require("changelog-parser");
parse("CHANGELOG.md").then(({ versions }) => {
  for (const { version, title, parsed } of versions)
    console.log(`version ${version} (${title}): ${parsed._.join(", ")}`);
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
