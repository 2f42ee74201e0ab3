#!/bin/sh
# extract-env 0.1.0 (Python): of a mapping of variables no value is extracted, and services have
# variables called 0 and 1.
# It "moves the environment variables from a docker compose file into a .env file". Compose
# Specification, services, environment, https://docs.docker.com/reference/compose-file/services/:
# the variables are a list or a mapping. Of a mapping the file .env has the names with nothing
# behind them, and the mapping keeps its values and gets an entry for each, with a number for its
# name. Of lists the values are moved, but of two services with one name the first value is the
# value of both: job below works on the database of web.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check extract-env==0.1.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
DATABASE=web
SIZE=
services:
  web:
    image: web
    environment:
      - DATABASE=${DATABASE}
  job:
    image: job
    environment:
      - DATABASE=${DATABASE}
  cache:
    image: cache
    environment:
      SIZE: 1g
      0: SIZE=${SIZE}
OUTPUT
cat >docker-compose.yml <<'COMPOSE'
services:
  web:
    image: web
    environment:
      - DATABASE=web
  job:
    image: job
    environment:
      - DATABASE=job
  cache:
    image: cache
    environment:
      SIZE: 1g
COMPOSE
"$folder/venv/bin/extract-env" >log
cat .env docker-compose.yml >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
