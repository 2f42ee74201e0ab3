#!/bin/sh
# ssh-config 5.3.0 (npm): the settings of web? are those of web, too.
# ssh_config(5), PATTERNS, https://man.openbsd.org/ssh_config.5#PATTERNS: "?" is "a wildcard that
# matches exactly one character". Here it matches one or none, so compute() gives web the user of
# web1 and web2, while the machine without a number is another one.
# Seen 2026-11-30 with Node.js 20. ssh -G of OpenSSH 9.2 says me, deploy, me.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" ssh-config@5.3.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
web deploy
web1 deploy
web12 me
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { default: SSHConfig } = require("ssh-config");
const config = SSHConfig.parse("Host web?\n  User deploy\n\nHost *\n  User me\n");
for (const host of ["web", "web1", "web12"]) console.log(host, config.compute(host).User);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
