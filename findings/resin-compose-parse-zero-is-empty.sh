#!/bin/sh
# resin-compose-parse 2.4.0 (npm): the number 0 is the empty text, and of two files of variables the
# first one wins.
# Compose Specification, services, https://docs.docker.com/reference/compose-file/services/: values
# of environment may be numbers, so RETRIES: 0 is RETRIES=0 in the container, as false is the text
# false. env_file: "The files in the list are processed from the top down. For the same variable
# specified in two env files, the value from the last file in the list stands", and lines that begin
# with # are comments. Here the first file wins, and a comment with an equals sign is a variable.
# The tmpfs of the long syntax is there only if the service has a tmpfs of its own, too. No error is
# raised.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" resin-compose-parse@2.4.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
web: {"RETRIES":"","DEBUG":"false"} volumes [] tmpfs undefined
job: {"# LEVEL":"debug","MODE":"base"}
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { Readable } = require("node:stream");
const { normalize } = require("resin-compose-parse");
const files = { "base.env": "# LEVEL=debug\nMODE=base\n", "prod.env": "MODE=prod\n" };
const cache = { type: "tmpfs", target: "/cache" };
const services = {
  web: { image: "web", environment: { RETRIES: 0, DEBUG: false }, volumes: [cache] },
  job: { image: "job", env_file: ["base.env", "prod.env"] },
};
const open = async (path) => Readable.from([files[path]]);
normalize({ version: "2.4", services }, open).then((compose) => {
  const { web, job } = compose.services;
  console.log("web:", JSON.stringify(web.environment), "volumes", web.volumes, "tmpfs", web.tmpfs);
  console.log("job:", JSON.stringify(job.environment));
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
