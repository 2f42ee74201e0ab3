#!/bin/sh
# decomposerize 1.4.4 (npm): a command that is a list becomes one word with commas.
# Compose takes a command as a list of words, and docker run takes words. The command line of
# decomposerize has the list's items with commas between them and no quotes, so the container is
# asked for a program of the name "sleep,60". The same is true of short lists of options: nothing
# is quoted, and what a shell reads as more than one word becomes more than one.
# A command that is a text stays as it is.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund decomposerize@1.4.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
command: [sleep, "60"]
  docker run debian sleep,60
command: sleep 60
  docker run debian sleep 60
command: [echo, two words]
  docker run debian echo,two words
OUTPUT
cat >program.mjs <<'PROGRAM'
import module from "decomposerize";
const decomposerize = module.default ?? module;
for (const line of ['command: [sleep, "60"]', "command: sleep 60", "command: [echo, two words]"]) {
  console.log(line);
  console.log(`  ${decomposerize(`services:\n  one:\n    image: debian\n    ${line}\n`, {}).trim()}`);
}
PROGRAM
node program.mjs >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
