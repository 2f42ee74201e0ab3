#!/bin/sh
# dockerfile-generator 5.0.3 (npm): 'RUN apt-get update' becomes the program apt-getupdate, two RUN
# become one, and COPY loses the folder it copies to.
# Dockerfile reference, https://docs.docker.com/reference/dockerfile/: RUN and CMD have a shell form
# and an exec form (RUN <command>, RUN ["<command>", ...]), COPY takes several sources, and a word
# of an exec form may have spaces, commas and brackets. convertToJSON reads each form as a list: all
# spaces, quotes and brackets are taken out and the rest is cut at commas. The lists of two
# instructions are added together. Of COPY and ENV two words are kept, a value up to its second =.
# generate() makes a Dockerfile of the answer without a complaint.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" dockerfile-generator@5.0.3 >/dev/null

cat >Dockerfile <<'DOCKERFILE'
FROM debian:12
ENV OPTIONS=-O2,--with=all
RUN apt-get update
RUN apt-get install -y curl
COPY app.conf extra.conf /etc/app/
CMD ["app", "--title", "Hello, world"]
DOCKERFILE

cat >"$folder/expected" <<'OUTPUT'
FROM debian:12
ENV OPTIONS=-O2,--with
RUN [ "apt-getupdate", "apt-getinstall-ycurl" ]
COPY app.conf extra.conf
CMD [ "app", "--title", "Hello", "world" ]

OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { createReadStream } = require("node:fs");
const { convertToJSON, generate } = require("dockerfile-generator");

convertToJSON(createReadStream("Dockerfile")).then(generate).then(console.log);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
