#!/bin/sh
# rekcod 3.0.0 (npm): a port that is published twice is published once in the command that "can be
# used to duplicate" a container, and an entrypoint of two words is one program.
# docker run -p 80:80 -p 127.0.0.1:8080:80 publishes both, and docker inspect lists both below
# 80/tcp in HostConfig.PortBindings, which the README names among the supported fields. Only the
# last of them is in the command. The entrypoint of an image is a list of words; --entrypoint takes
# the name of one program (docker run reference), and "sh -c" is none: the other words must be in
# front of the command. A label with no value is kept.
# The answer below is docker inspect's, without what does not matter.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" rekcod@3.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
docker run --name web -p 127.0.0.1:8080:80/tcp -p 443:443/tcp -l empty -d --entrypoint "sh -c" nginx 'nginx -v'
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse } = require("rekcod");
const container = {
  Name: "/web",
  HostConfig: {
    PortBindings: {
      "80/tcp": [{ HostIp: "", HostPort: "80" }, { HostIp: "127.0.0.1", HostPort: "8080" }],
      "443/tcp": [{ HostIp: "", HostPort: "443" }],
    },
  },
  Config: { Image: "nginx", Entrypoint: ["sh", "-c"], Cmd: ["nginx -v"], Labels: { empty: "" } },
};
console.log(parse(JSON.stringify(container))[0].command);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
