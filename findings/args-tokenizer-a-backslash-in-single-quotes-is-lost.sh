#!/bin/sh
# args-tokenizer 0.3.0 (npm): a backslash in single quotes is taken away, and so is an empty
# argument.
# Its README: it parses "shell commands with arguments into an argv array" and "Handles quoted
# strings and escapes correctly". POSIX, Shell Command Language, 2.2.2,
# https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html: single quotes "shall
# preserve the literal value of each character within the single-quotes". In double quotes (2.2.3) a
# backslash is kept before all but a few signs. So sed replaces the first letter instead of the
# first dot, printf writes an n, and grep searches no file, because its empty pattern is gone and
# the file's name takes its place.
# Seen 2026-11-30 with Node.js 20. The first line of each pair below is sh's, of dash 0.5.12.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" args-tokenizer@0.3.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
sh: ["sed","s/\\./-/","a.txt"]
    ["sed","s/./-/","a.txt"]
sh: ["printf","one\\ntwo"]
    ["printf","onentwo"]
sh: ["grep","-c","","a.txt"]
    ["grep","-c","a.txt"]
OUTPUT
node --input-type=module - <<'PROGRAM' >"$folder/seen"
import { execFileSync } from "node:child_process";
import { tokenizeArgs } from "args-tokenizer";

const commands = [String.raw`sed 's/\./-/' a.txt`, String.raw`printf "one\ntwo"`, "grep -c '' a.txt"];
for (const command of commands) {
  const words = execFileSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" });
  console.log("sh:", JSON.stringify(words.split("\0").slice(0, -1)));
  console.log("   ", JSON.stringify(tokenizeArgs(command)));
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
