#!/bin/sh
# gitignore-to-dockerignore 3.0.0 (npm): a pattern for one folder becomes one for all folders of the
# name.
# gitignore(5): "If there is a separator at the beginning or middle (or both) of the pattern, then
# the pattern is relative to the directory level of the particular .gitignore file itself." So
# src/generated/ is one folder. The README promises "an equivalent .dockerignore"; a slash at the
# beginning is read as it should be, one in the middle is not: vendor/lib/src/generated is in git
# and not in the context of the build. git's own answer is below, for both spellings.
# Seen 2026-11-29 with Node.js 20 and git 2.39.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" \
    gitignore-to-dockerignore@3.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
src/generated/: git ignores src/generated/a
src/generated/ becomes **/src/generated/
/src/generated/: git ignores src/generated/a
/src/generated/ becomes src/generated/
OUTPUT
cat >convert.mjs <<'PROGRAM'
import { convertToDockerignore } from "gitignore-to-dockerignore";
const pattern = process.argv[2];
console.log(`${pattern} becomes ${convertToDockerignore(pattern).split("\n")[1]}`);
PROGRAM
git init --quiet tree
for pattern in src/generated/ /src/generated/; do
    echo "$pattern" >tree/.gitignore
    ignored=$(git -C tree check-ignore src/generated/a vendor/lib/src/generated/a || true)
    echo "$pattern: git ignores $ignored"
    node convert.mjs "$pattern"
done >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
