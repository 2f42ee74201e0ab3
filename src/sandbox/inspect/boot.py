"""Which units a boot of systemd starts, by the links and lines that pull them in, and what pulls the others: pure.

Sources: systemd.unit(5) (Wants=, the folders .wants and .requires, Alias=, masks), bootup(7), systemd.special(7),
systemd.timer(5), systemd.path(5) (Unit=), systemd.socket(5) (Service=, Accept=).
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.inspect.facts import Start
from sandbox.inspect.locations import UNIT_FOLDERS, early_by, enabling_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.file_changes import FileDiff

TARGETS: Final = (
    "default graphical multi-user basic sysinit local-fs remote-fs getty timers sockets paths swap slices cryptsetup"
    " veritysetup integritysetup machines runlevel2 runlevel3 runlevel4 runlevel5"
).split()
"""The targets that a boot reaches, without those for sleep, shutdown, rescue, hardware and the initrd."""
FIRST: Final = frozenset(("display-manager.service", *(f"{name}.target" for name in TARGETS)))
"""graphical.target itself wants display-manager.service, whichever unit has that alias."""
FOLDERS: Final = ("/usr/lib/systemd/system/", "/lib/systemd/system/", "/etc/systemd/system/")
_LINK: Final = re.compile(rf"/{UNIT_FOLDERS}/([^/]+)\.(?:wants|requires|upholds)/([^/]+)")
TRIGGER: Final = re.compile(r"(.+)\.(timer|socket|path)")
"""Kinds of units that wait for a time, a connection or a file, and then start another unit."""
_STARTS: Final = re.compile(r"^[ \t]*(?:Unit|Service)[ \t]*=[ \t]*(\S+)[ \t]*$", re.MULTILINE)
_ACCEPTS: Final = re.compile(r"^[ \t]*Accept[ \t]*=[ \t]*(?:yes|true|1|on|y|t)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_LINES: Final = re.compile(r"^[ \t]*(?:Wants|Requires|BindsTo|Upholds|Sockets)[ \t]*=(.*)$", re.MULTILINE)


def boot_starts(difference: FileDiff, after: Snapshot) -> dict[str, Start]:
    """Return how units and init scripts start, by name, from links and lines in units."""
    hidden = masked_units(after)
    pulled = _dependencies(after)
    boot = _boot_units(pulled, hidden)
    known = dict[str, Start]()
    for path in difference.added:
        if name := early_by(path):
            known.setdefault(name, Start(how="early"))
    for path in difference.added:
        link, name = _LINK.fullmatch(path), enabling_link(path)
        if link and link[2] not in boot:
            known.setdefault(link[2], Start(how="with" if name else "along", name=readable(link[1])))
        elif name:
            known[name] = Start(how="enabled")
        elif after.entries[path].kind == "l" and path.startswith("/etc/systemd/system/"):
            alias, unit = basename(path), basename(after.entries[path].link)
            if alias in boot:
                known[unit] = Start(how="enabled")
            else:
                # another unit starts this one, such as D-Bus
                known.setdefault(unit, Start(how="as", name=readable(alias)))
    known = {**dict.fromkeys(boot, Start(how="at boot")), **known}
    for unit, trigger in _units_by_trigger(known, after).items():
        if unit not in hidden and not known.get(unit, Start(how="")).is_at_boot:
            known[unit] = Start(how="by", name=readable(trigger))
    return {name: start for name, start in known.items() if name not in hidden}


def masked_units(after: Snapshot) -> frozenset[str]:
    """Return the masked units: a link to /dev/null or an empty file in the folder with the highest priority."""
    found = dict[str, bool]()
    for path, entry in after.entries.items():
        folder, _, name = path.rpartition("/")
        if f"{folder}/" in FOLDERS and (folder.startswith("/etc/") or name not in found):
            is_empty = entry.kind == "f" and not entry.size and folder.startswith("/etc/")
            found[name] = is_empty or (entry.kind == "l" and entry.link == "/dev/null")
    return frozenset(name for name, is_masked in found.items() if is_masked)


def _units_by_trigger(known: Mapping[str, Start], after: Snapshot) -> dict[str, str]:
    """Return the units that a boot starts through timers, sockets and paths, each with one of these."""
    found = dict[str, str]()
    for name, start in sorted(known.items()):
        if start.is_at_boot and (kind := TRIGGER.fullmatch(name)):
            found.setdefault(called_unit(name, kind, after), name)
    return found


def called_unit(name: str, kind: re.Match[str], after: Snapshot) -> str:
    """Return the unit that a trigger starts: the one it names, or the service of its own name."""
    text = unit_text(name, after)
    if named := _STARTS.findall(text):
        return str(named[-1])
    return f"{kind[1]}@.service" if kind[2] == "socket" and _ACCEPTS.search(text) else f"{kind[1]}.service"


def unit_text(name: str, after: Snapshot) -> str:
    """Return the text of a unit with its drop-ins; for an instance, its template's. Empty if it was not read."""
    found = ""
    for unit in dict.fromkeys((f"{name.partition('@')[0]}@.{name.rpartition('.')[2]}" if "@" in name else name, name)):
        texts = [after.contents[folder + unit] for folder in reversed(FOLDERS) if folder + unit in after.contents]
        places = tuple(f"{folder}{unit}.d/" for folder in FOLDERS)
        more = sorted(path for path in after.contents if path.startswith(places))
        found += b"\n".join([*texts[:1], *(after.contents[path] for path in more)]).decode(errors="replace")
    return found


def _dependencies(after: Snapshot) -> dict[str, set[str]]:
    """Return the units that each unit pulls in; an alias and its unit are the same."""
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


def _boot_units(pulled: dict[str, set[str]], masked: frozenset[str]) -> frozenset[str]:
    """Return the units that start with the targets of a boot, including these targets."""
    found, waiting = set(FIRST), list(FIRST)
    while waiting:
        new = pulled.get(waiting.pop(), set()) - found - masked
        found |= new
        waiting += new
    return frozenset(found)
