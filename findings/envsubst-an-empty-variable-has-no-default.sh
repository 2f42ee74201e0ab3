#!/bin/sh
# @inventage/envsubst 0.16.0 (npm): an empty variable does not get its default, and a value is
# looked through for variables.
# "Bash-like environment variables substitution". bash(1), Parameter Expansion, ${parameter:-word}:
# "If parameter is unset or null, the expansion of word is substituted"; only ${parameter-word},
# which is left as it is here, makes a difference of the two. What was substituted is not expanded
# again, neither by bash nor by envsubst of gettext. Here each variable of the text is replaced
# everywhere in what the others have left: a password with ${USER} in it gets the name of the user,
# if USER stands further down in the text, and is kept, if it stands above.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @inventage/envsubst@0.16.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
level=${LEVEL:-info} -> level=
${PASSWORD} ${USER} -> awebb web
${USER} ${PASSWORD} -> web a${USER}b
bash: level=info
OUTPUT
cat >program.mjs <<'PROGRAM'
import { replaceVariablesSync } from "@inventage/envsubst";
const variables = { LEVEL: "", PASSWORD: "a${USER}b", USER: "web" };
for (const text of ["level=${LEVEL:-info}", "${PASSWORD} ${USER}", "${USER} ${PASSWORD}"])
  console.log(`${text} -> ${replaceVariablesSync(text, variables)[0]}`);
PROGRAM
node program.mjs >"$folder/seen"
LEVEL="" bash -c 'echo "bash: level=${LEVEL:-info}"' >>"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
