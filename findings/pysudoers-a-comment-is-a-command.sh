#!/bin/sh
# pysudoers 3.0.0 (Python): a comment behind a rule is a command that alice may run, and the rules
# of other lines belong to hosts that no network has.
# sudoers(5), https://www.sudo.ws/docs/man/sudoers.man/: of # "Both the comment character and any
# text after it, up to the end of the line, are ignored"; "in the context of a user name" with
# digits behind it, it is "a user-ID". A rule takes more than one list of hosts (User_Spec ::=
# User_List Host_List '=' Cmnd_Spec_List (':' Host_List '=' Cmnd_Spec_List)*), and = is written \=
# in an argument. Here only lines that begin with # are comments, and among them is the rule of
# user-ID 1001. The last = of a line ends the hosts, so that the command of the host web and what
# stands before LANG=C are part of a host's name. No error is raised.
# Seen 2026-11-30 with Python 3.11. visudo -c of sudo 1.9.13 finds each line valid.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pysudoers==3.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
['alice'] on ['ALL']
   '/usr/bin/id # from 9 to 5'
   'never at night'
['bob'] on ['web=/usr/bin/id:db']
   '/usr/bin/uptime'
['carol'] on ['ALL=/usr/bin/env']
   'C /usr/bin/id'
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pathlib import Path

from pysudoers import Sudoers

Path("sudoers").write_text(r"""alice ALL = /usr/bin/id # from 9 to 5, never at night
#1001 ALL = /usr/bin/id
bob web = /usr/bin/id : db = /usr/bin/uptime
carol ALL = /usr/bin/env LANG\=C /usr/bin/id
""")
for rule in Sudoers("sudoers").rules:
    print(rule["users"], "on", rule["hosts"])
    for command in rule["commands"]:
        print("  ", repr(command["command"]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
