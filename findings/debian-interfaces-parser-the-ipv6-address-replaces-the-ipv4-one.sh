#!/bin/sh
# debian-interfaces-parser 0.0.3 (Python): an interface has its IPv6 address in the place of its
# IPv4 one, and its hardware address in the place of both.
# interfaces(5), https://manpages.debian.org/bookworm/ifupdown/interfaces.5.en.html: an interface
# may have several iface stanzas, one for inet and one for inet6, each with an address; hwaddress is
# another option; auto may name several interfaces. Here a stanza for inet6 is none, so that its
# lines belong to the one before; any line that contains "address " names the address; and of two
# names behind auto neither is started. What dump_all writes loses the network at the next start.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check debian-interfaces-parser==0.0.3
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
iface lo inet loopback

iface eth0 inet static
  address 2001:db8::10
  netmask 64
  gateway 192.0.2.1

auto eth1
iface eth1 inet static
  address ether 02:00:00:00:00:07
  netmask 255.255.255.0
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pathlib import Path

from debian_interfaces_parser.interfaces import Interfaces

Path("interfaces").write_text("""auto lo eth0
iface lo inet loopback

iface eth0 inet static
    address 192.0.2.10
    netmask 255.255.255.0
    gateway 192.0.2.1

iface eth0 inet6 static
    address 2001:db8::10
    netmask 64

auto eth1
iface eth1 inet static
    address 198.51.100.7
    netmask 255.255.255.0
    hwaddress ether 02:00:00:00:00:07
""")
print(Interfaces.dump_all(Interfaces("interfaces").parse_all()).strip())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
