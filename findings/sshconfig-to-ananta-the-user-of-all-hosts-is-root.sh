#!/bin/sh
# sshconfig-to-ananta 2.1.1 (Python): a host with its user in Host * gets root, and the host above
# Host * is listed twice.
# It is to convert an SSH config to a list of servers for Ananta, which runs one command on each.
# ssh_config(5), https://man.openbsd.org/ssh_config.5: "the first obtained value will be used" of
# all blocks that match, and Host * at the end is where the page puts defaults. A block with a * is
# passed over here, and a host without a user of its own has the default of the list, root. At Host
# * the host before it is added to the list, and at the end of the file it is added again, so that
# its command runs twice.
# Seen 2026-11-30 with Python 3.11. ssh -G of OpenSSH 9.2 gives both hosts the user deploy.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sshconfig-to-ananta==2.1.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
web,192.0.2.7,22,root,#
db,192.0.2.8,22,root,#
db,192.0.2.8,22,root,#
OUTPUT
cat >config <<'CONFIG'
Host web
  HostName 192.0.2.7

Host db
  HostName 192.0.2.8

Host *
  User deploy
CONFIG
"$folder/venv/bin/python" -m sshconfig_to_ananta --ssh config hosts.csv 2>log
cp hosts.csv "$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
