#!/bin/sh
# ministack 1.5.33: ListTaskDefinitionFamilies with status ALL lists no family, active or not.
# The value is compared with the status of each revision, which is never ALL. By the API's model it
# is one of three values (ACTIVE, INACTIVE, ALL), and both kinds of families are listed by default;
# here the default lists the active ones alone. A client that cleans up by names finds nothing.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 >/dev/null

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 LOG_LEVEL=ERROR \
    DOCKER_HOST=unix:///nonexistent "$folder/venv/bin/ministack" >"$folder/log" 2>&1 &
server=$!

cat >"$folder/expected" <<'OUTPUT'
ACTIVE ['new']
INACTIVE ['old']
ALL []
default ['new']
OUTPUT
"$folder/venv/bin/python" - "$port" <<'PROGRAM' >"$folder/seen"
import sys
import time
import urllib.request

from botocore.session import Session

url = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(300):
    try:
        urllib.request.urlopen(f"{url}/_ministack/health").close()
        break
    except OSError:
        time.sleep(0.1)
ecs = Session().create_client("ecs", region_name="us-east-1", endpoint_url=url,
                              aws_access_key_id="x", aws_secret_access_key="x")
for family in ("new", "old"):
    ecs.register_task_definition(family=family, containerDefinitions=[{"name": "a", "image": "debian", "memory": 9}])
ecs.deregister_task_definition(taskDefinition="old:1")
for status in ("ACTIVE", "INACTIVE", "ALL"):
    print(status, ecs.list_task_definition_families(status=status)["families"])
print("default", ecs.list_task_definition_families()["families"])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
