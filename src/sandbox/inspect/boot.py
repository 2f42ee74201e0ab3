"""Which units a boot of systemd starts, by the links and lines that pull them in, and what pulls the others: pure.

Sources: systemd.unit(5) (Wants=, the folders .wants and .requires, Alias=), bootup(7), systemd.special(7).
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.inspect.facts import Start
from sandbox.inspect.locations import UNIT_FOLDERS, early_by, enabling_link

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.file_changes import FileDiff

TARGETS: Final = (
    "default graphical multi-user basic sysinit local-fs remote-fs getty timers sockets paths swap slices cryptsetup"
    " veritysetup integritysetup machines runlevel2 runlevel3 runlevel4 runlevel5"
).split()
"""The targets that a boot reaches, without those of going to sleep, ending, rescue, hardware and the initrd."""
FIRST: Final = frozenset(("display-manager.service", *(f"{name}.target" for name in TARGETS)))
"""graphical.target itself wants the display manager, whichever has that name as its alias."""
FOLDERS: Final = ("/usr/lib/systemd/system/", "/lib/systemd/system/", "/etc/systemd/system/")
_LINK: Final = re.compile(rf"/{UNIT_FOLDERS}/([^/]+)\.(?:wants|requires|upholds)/([^/]+)")
_LINES: Final = re.compile(r"^[ \t]*(?:Wants|Requires|BindsTo|Upholds|Sockets)[ \t]*=(.*)$", re.MULTILINE)


def boot_starts(difference: FileDiff, after: Snapshot) -> dict[str, Start]:
    """Return what is known of the start of units and init scripts that links or lines name, by their names."""
    pulled = _dependencies(after)
    boot = _boot_units(pulled)
    known = dict[str, Start]()
    for path in difference.added:
        if name := early_by(path):
            known.setdefault(name, Start(how="early"))
    for path in difference.added:
        link = _LINK.fullmatch(path)
        if (name := enabling_link(path)) and link and name not in boot:
            known.setdefault(name, Start(how="with", name=readable(link[1])))
        elif name:
            known[name] = Start(how="enabled")
        elif after.entries[path].kind == "l" and path.startswith("/etc/systemd/system/"):
            alias, unit = basename(path), basename(after.entries[path].link)
            if alias in boot:
                known[unit] = Start(how="enabled")
            else:
                known.setdefault(unit, Start(how="as", name=readable(alias)))  # whoever starts that one, as D-Bus
    return {**dict.fromkeys(boot, Start(how="at boot")), **known}


def _dependencies(after: Snapshot) -> dict[str, set[str]]:
    """Return which units each one pulls in; an alias and what it is one of are the same unit."""
    found = dict[str, set[str]]()
    for path, entry in after.entries.items():
        if not path.startswith(FOLDERS):
            continue
        if link := _LINK.fullmatch(path):
            found.setdefault(link[1], set()).add(link[2])
        elif entry.kind == "l" and entry.link != "/dev/null":
            name, other = basename(path), basename(entry.link)
            found.setdefault(name, set()).add(other)
            found.setdefault(other, set()).add(name)
        for value in _LINES.findall(after.contents.get(path, b"").decode(errors="replace")):
            found.setdefault(basename(path), set()).update(value.split())
    return found


def _boot_units(pulled: dict[str, set[str]]) -> frozenset[str]:
    """Return the units that are started with the targets of a boot, these as well."""
    found, waiting = set(FIRST), list(FIRST)
    while waiting:
        new = pulled.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset(found)
