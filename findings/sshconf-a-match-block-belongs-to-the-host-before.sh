#!/bin/sh
# sshconf 0.2.7 (Python): what stands in a Match block is a setting of the host before it, and
# changing that host changes the block.
# ssh_config(5), https://man.openbsd.org/ssh_config: Host "Restricts the following declarations (up
# to the next Host or Match keyword)". Here Match is a setting like others, and a Host block ends at
# the next Host. So web has two users and the port of the hosts in the Match block. set() of web's
# port writes into the block: web itself keeps port 22, and other hosts lose theirs.
# Seen 2026-11-30 with Python 3.11. ssh -G of OpenSSH 9.2 gives web the user alice and port 22,
# before and after.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sshconf==0.2.7
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{'user': ['alice', 'bob'], 'match': 'host *.test', 'port': '2222'}
Host web
  User alice

Match host *.test
  User bob
  Port 2022
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from sshconf import SshConfigFile

CONFIG = '''Host web
  User alice

Match host *.test
  User bob
  Port 2222
'''
config = SshConfigFile(CONFIG.splitlines())
print(config.host("web"))
config.set("web", Port=2022)
print(config.config())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
