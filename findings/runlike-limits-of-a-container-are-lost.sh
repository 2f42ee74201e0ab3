#!/bin/sh
# runlike 1.5.4 (Python): the command line of a container has none of its restrictions but --cap-drop.
# runlike "shows the command line necessary to run a copy" of a container, from what docker inspect
# says. --read-only, --security-opt no-new-privileges, --pids-limit, --cpus, --tmpfs, --ulimit and
# --init are in that answer, and are left out without a word: the copy can write to its root, gain
# privileges by a setuid file and start any number of processes. --memory and --cap-drop are kept.
# The answer below was docker inspect's (20.10), for a container with all of these options; what
# does not matter is left out.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check runlike==1.5.4

cat >"$folder/expected" <<'OUTPUT'
docker run --name=copy --hostname=copy --cap-drop=ALL --memory="536870912" debian sleep 60
OUTPUT
"$folder/venv/bin/runlike" --stdin >"$folder/seen" <<'INSPECT'
[{
  "Name": "/copy",
  "Image": "debian",
  "Mounts": [],
  "NetworkSettings": {"Ports": {}},
  "Config": {
    "Image": "debian", "Cmd": ["sleep", "60"], "Env": [], "Labels": {}, "User": "",
    "Hostname": "copy", "AttachStdout": true
  },
  "HostConfig": {
    "CapDrop": ["ALL"], "Memory": 536870912, "ReadonlyRootfs": true, "SecurityOpt": ["no-new-privileges"],
    "PidsLimit": 100, "NanoCpus": 1500000000, "Tmpfs": {"/tmp": "size=64m"}, "Init": true,
    "Ulimits": [{"Name": "nofile", "Hard": 64, "Soft": 64}], "NetworkMode": "default",
    "PidMode": "", "CpusetCpus": "", "CpusetMems": "", "LogConfig": {"Type": "json-file"}
  }
}]
INSPECT

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
