#!/bin/sh
# pycomposefile 0.0.34 (Python): the port of [::1]:8080:80 is 1, and of 8000-8001:9000-9001 it is
# 8000.
# Compose specification, Services, ports, Short syntax: [HOST:]CONTAINER[/PROTOCOL], where HOST is
# [IP:](port | range), CONTAINER is port | range; IPv6 addresses may be in brackets, and its
# examples have "9090-9091:8080-8081" and "[::1]:6001:6001". The reader searches the text for the
# first thing that looks like a port and drops what is around it: the container's port is a part of
# the address, or the host's first port, and nothing is published. A protocol gets a second slash.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycomposefile==0.0.34
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
127.0.0.1:8001:80: host 127.0.0.1 8001, container 80, written as 127.0.0.1:8001:80/tcp
[::1]:8080:80: host None None, container 1, written as 1/tcp
8000-8001:9000-9001: host None None, container 8000, written as 8000/tcp
53:53/udp: host None 53, container 53, written as 53:53//udp
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pycomposefile import ComposeFile

for text in ("127.0.0.1:8001:80", "[::1]:8080:80", "8000-8001:9000-9001", "53:53/udp"):
    file = {"services": {"web": {"image": "nginx", "ports": [text]}}}
    port = ComposeFile(file).services["web"].ports[0]
    host = f"{port.host_ip} {port.published}"
    print(f"{text}: host {host}, container {port.target}, written as {port}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
