#!/bin/sh
# docker-compose-parser 0.0.30 (Python): a service comes before the database that it depends on if a
# third one stands between them.
# The docstring of iter_sorted_services: depends_on is used if there is any, otherwise the order of
# the file. Compose Specification, services, depends_on,
# https://docs.docker.com/reference/compose-file/services/: services are started in the order of
# their dependencies. The sort compares two services, and those without a dependency by their places
# in the file, which is no order of three: db is compared with cache only. Without cache, db is
# first. The command is split at blanks, quotes or not.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check docker-compose-parser==0.0.30
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
db web
web cache db
['sh', '-c', '"echo', 'ready"']
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen" 2>log
from pathlib import Path

from docker_compose_parser.file_models import iter_sorted_services, read_compose_info

COMPOSE = """services:
  web:
    image: web
    depends_on: [db]
    command: sh -c "echo ready"
  cache:
    image: cache
  db:
    image: db
"""
two, three = Path("two.yaml"), Path("three.yaml")
three.write_text(COMPOSE)
two.write_text(COMPOSE.replace("  cache:\n    image: cache\n", ""))
for path in (two, three):
    print(*(name for name, _ in iter_sorted_services(path)))
print(read_compose_info(three, "web").command)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
