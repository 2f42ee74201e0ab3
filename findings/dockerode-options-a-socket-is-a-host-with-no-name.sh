#!/bin/sh
# dockerode-options 0.2.1 (npm): the socket of DOCKER_HOST becomes a host with no name.
# It is to "parse docker options out of DOCKER_HOST". Docker's documentation,
# https://docs.docker.com/reference/cli/docker/, "Environment variables" and "Specify daemon host":
# it is the socket to connect to, as --host is; unix:// and a path is one of a file, such as that of
# a rootless daemon, and ssh:// is a connection by SSH. Whatever the scheme is, here it is http, and
# a path is dropped. Only a path with no scheme, which docker takes for one on TCP, is a socket.
# Seen 2026-11-30 with Node.js 20. docker-modem 5.0.7, which dockerode has for this, finds the
# socket.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund dockerode-options@0.2.1 docker-modem@5.0.7 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
unix:///run/user/1000/docker.sock
  dockerode-options: {"host":"http://","port":null}
  docker-modem: /run/user/1000/docker.sock
tcp://192.0.2.7:2375
  dockerode-options: {"host":"http://192.0.2.7","port":2375}
  docker-modem: 192.0.2.7
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const options = require("dockerode-options");
const Modem = require("docker-modem");
for (const host of ["unix:///run/user/1000/docker.sock", "tcp://192.0.2.7:2375"]) {
  process.env.DOCKER_HOST = host;
  const modem = new Modem();
  console.log(host);
  console.log(`  dockerode-options: ${JSON.stringify(options())}`);
  console.log(`  docker-modem: ${modem.socketPath || modem.host}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
