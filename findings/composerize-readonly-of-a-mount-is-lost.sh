#!/bin/sh
# composerize 1.7.6 (npm): a mount that docker makes read-only becomes one that can be written to.
# docker takes the words readonly and ro of --mount with no value, as its documentation writes
# them. The Compose file of composerize lacks them, and no comment names an ignored option: the
# container may change what the user had protected. With readonly=true the file has a key that
# Compose does not know. Only -v ...:ro becomes what it was.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund composerize@1.7.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
--mount type=bind,source=/srv,target=/data,readonly
  type: bind / source: /srv / target: /data
--mount type=bind,source=/srv,target=/data,ro
  type: bind / source: /srv / target: /data
--mount type=bind,source=/srv,target=/data,readonly=true
  type: bind / source: /srv / target: /data / readonly: "true"
--volume /srv:/data:ro
  /srv:/data:ro
OUTPUT
cat >program.mjs <<'PROGRAM'
import module from "composerize";
const composerize = module.default ?? module;
const bind = "--mount type=bind,source=/srv,target=/data,";
for (const option of [`${bind}readonly`, `${bind}ro`, `${bind}readonly=true`, "--volume /srv:/data:ro"]) {
  const lines = composerize(`docker run ${option} debian`).split("\n");
  const from = lines.findIndex((line) => line.trim() === "volumes:") + 1;
  const to = lines.findIndex((line) => line.trim() === "image: debian");
  console.log(option);
  console.log(`  ${lines.slice(from, to).map((line) => line.trim().replace(/^- /, "")).join(" / ")}`);
}
PROGRAM
node program.mjs >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
