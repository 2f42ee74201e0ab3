#!/bin/sh
# pysshconfig 0.0.2 (Python): the port of "Port = 2222" is "= 2222", and of two keys the first is
# kept.
# ssh_config(5): "Configuration options may be separated by whitespace or optional whitespace and
# exactly one '='; [...] arguments may optionally be enclosed in double quotes"; and of
# IdentityFile: "It is possible to have multiple identity files specified in configuration files;
# all these identities will be tried in sequence". LocalForward and SendEnv add up, too. The README
# shows "what keywords/options are applied to a certain host, just like the official ssh client
# would", and names comments, case and Match as its limits. dumps writes the file back without the
# second key.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pysshconfig==0.0.2
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Hostname: = web.example.org
Port: = 2222
User: "admin"
IdentityFile: ~/.ssh/first
SendEnv: LANG
written back: 1 identity file, 1 SendEnv
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import pysshconfig

TEXT = """Host web
    HostName = web.example.org
    Port = 2222
    User "admin"
    IdentityFile ~/.ssh/first
    IdentityFile ~/.ssh/second
    SendEnv LANG
    SendEnv LC_*
"""
config = pysshconfig.loads(TEXT)
for key, value in config.get_config_for_host("web").items():
    print(f"{key}: {value}")
text = pysshconfig.dumps(config)
print(f"written back: {text.count('IdentityFile')} identity file, {text.count('SendEnv')} SendEnv")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
