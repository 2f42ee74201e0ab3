"""An inspection on a terminal: the verdict, then one screenful, or everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, names, seconds, size
from sandbox.core.plaintext import plain_line
from sandbox.inspect.claims import CLEAN, NOTHING_TO_PURGE, absence, none_of
from sandbox.inspect.engine_files import FILES
from sandbox.inspect.facts import Start
from sandbox.inspect.findings import KINDS, Finding, Footprint, Kind
from sandbox.inspect.host_packages import without_usual
from sandbox.inspect.locations import service_name
from sandbox.provision.boot_steps import FAMILIES
from sandbox.report.columns import fill, wrap
from sandbox.report.finding_text import booted_text, later_text, note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.errors import Row
    from sandbox.inspect.findings import (
        Contact,
        Footprint,
        Inspection,
        InstalledPackage,
        Kind,
        RanInstaller,
        ResidueItem,
        SizeByGroup,
    )

FEW: Final = 3
"""Most items of a kind on the screen; -v shows all."""
LABEL: Final = 14
RIGHT: Final = 69
"""Columns at whose end the seconds stand, if the terminal is wide enough."""
BAR: Final = 20
USUAL: Final = "of a package that hosts have already"
LABELS: Final[dict[Kind, str]] = {
    "unowned": "no owner",
    "damage": "damage",
    "setuid": "setuid",
    "users": "user",
    "groups": "group",
    "services": "service",
    "timers": "timer",
    "sockets": "socket",
    "ports": "port",
    "processes": "left running",
    "modules": "kernel",
    "profile": "shell hook",
    "foreign": "changes",
}
NEVER_SEEN: Final = f"Not seen in any sandbox: {names(FILES)}, because the engine provides these files."
ALWAYS: Final[tuple[Kind, ...]] = ("setuid", "unowned")
"""Kinds that are shown even if there are none: people look for them."""
HOOKS: Final[tuple[Kind, ...]] = (
    *("polkit", "dbus", "logrotate", "autostart", "sysctl", "dropins", "presets", "systemd", "tmpfiles", "sysusers"),
    *("confinement", "audit", "certificates", "logging", "mail", "web", "portals", "desktop"),
)
"""Kinds that the screen counts in a single line."""


SHOWS_ALL: Final = "; -v shows all"
CUT: Final = re.compile(r"\band \d+ more$", re.MULTILINE)
"""The end of a list that is cut."""


def screen(found: Inspection, *, everything: bool = False, width: int = 1000) -> str:
    """Return the lines, at most `width` columns if words allow; `everything`: no list is cut."""
    took = seconds(found.seconds)
    title = f"{subject_of(found)} in {found.distro}"
    lines = [
        f"{fill(title, min(RIGHT, width - 1) - len(took))} {took}",
        "",
        *(line for sentence in found.verdict for line in wrap(f"  {plain_line(sentence.text)}", width)),
        "",
        *_align(_rows_with_hint(_rows(found, everything=everything)), width),
        "",
        *(line for line in wrap(f"  {NEVER_SEEN}", width)),
    ]
    return "\n".join(lines)


def subject_of(found: Inspection) -> str:
    """Return what was inspected: packages with their versions, or an installer by its name."""
    if found.installer:
        return found.installer.name
    asked = tuple(f"{package.name} {package.version}" for package in found.footprint.packages if package.asked)
    return plain_line(names(asked or found.packages))


def _align(rows: Iterable[Row], width: int) -> Iterator[str]:
    for label, text in rows:
        lines = (part for line in text.split("\n") for part in wrap(line, width - LABEL - 2))
        for number, line in enumerate(lines):
            yield f"  {'' if number else label:<{LABEL}}{line}".rstrip()


def _rows_with_hint(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows; the first of them that is cut says how to see all, and no other one."""
    is_said = False
    for label, text in rows:
        said = text if is_said else CUT.sub(rf"\g<0>{SHOWS_ALL}", text, count=1)
        is_said = is_said or said != text
        yield label, said


def _rows(found: Inspection, *, everything: bool) -> Iterator[Row]:
    footprint = found.footprint
    if found.installer:
        yield from installer_rows(found.installer)
    yield "brings", brought_text(footprint) if found.installer else _brings(footprint)
    yield from (("", line) for line in tree(footprint.packages, most=None if everything else 8))
    if footprint.recommended:
        yield "recommended", f"not installed: {_name_list(footprint.recommended, everything=everything)}"
    yield "commands", _name_list(footprint.commands, everything=everything) or "none"
    if everything:
        yield "manual", names(footprint.manuals, len(footprint.manuals)) or "none"
    yield from _findings(found, everything=everything)
    yield from _later(footprint, everything=everything)
    yield from _boot_rows(found, everything=everything)
    if found.installer and not everything:
        yield "folders", "\n".join(bars(footprint.folders[:FOLDERS])) or "none"
    if everything:
        yield "files", "\n".join(bars(footprint.bulks))
        yield "folders", "\n".join(bars(footprint.folders[:20]))
        yield "licences", "\n".join(f"{row.name}: {row.licence or 'unknown'}" for row in footprint.packages)
    if found.contacts is not None:
        lines = [contact_text(contact) for contact in found.contacts]
        shown = lines if everything or len(lines) <= MOST_CONTACTS else lines[:MOST_CONTACTS]
        more = [f"and {len(lines) - len(shown)} more"] if len(shown) < len(lines) else []
        yield "connected to", "\n".join((*shown, *more)) or "nobody"
    yield "after undo" if found.installer else "after purge", _after(found, everything=everything)
    if found.unknown:
        yield "not seen", names(found.unknown, len(found.unknown))


def installer_rows(ran: RanInstaller) -> Iterator[Row]:
    """Yield how an installer ran."""
    how = f"ended with status {ran.status}" if ran.status is not None else "was ended"
    yield "ran", f"{ran.command}, as {ran.user}: {how}"
    if ran.before:
        yield "beside", f"{names(ran.before, len(ran.before))}: installed before it, and not counted"


def brought_text(found: Footprint) -> str:
    """Return what an installer brings, in numbers; packages only where it had the manager install some."""
    packages = f"{count(len(found.packages), 'package')}, " if found.packages else ""
    received = f"{size(found.received)} received, " if found.received > LEAST else ""
    return f"{packages}{count(len(found.files), 'new or changed file')}, {received}{disk_text(found)}"


FOLDERS: Final = 6
"""Most folders of an installer on the screen; -v shows all."""


def _later(found: Footprint, *, everything: bool) -> Iterator[Row]:
    """Yield what will run later, and which answers were chosen for the user."""
    rows = {
        "later": [later_text(run) for run in found.later if everything or not (run.is_usual or run.kind == "service")],
        "answers": [f"{row.question}: {row.answer}" for row in found.answers],
    }
    for label, lines in rows.items():
        shown = lines if everything or len(lines) <= FEW + 1 else lines[:FEW]
        more = [f"and {len(lines) - len(shown)} more"] if len(shown) < len(lines) else []
        if lines:
            yield label, "\n".join((*(line if everything else _cut_line(line) for line in shown), *more))


def _boot_rows(found: Inspection, *, everything: bool) -> Iterator[Row]:
    """Yield what a boot did; or, where something came that a boot may start and none was tried, how to see that."""
    footprint = found.footprint
    if footprint.booted is not None:
        lines = [booted_text(unit) for unit in footprint.booted if everything or not unit.is_usual]
        shown = lines if everything or len(lines) <= MOST_BOOTED else lines[: MOST_BOOTED - 1]
        more = [f"and {len(lines) - len(shown)} more"] if len(shown) < len(lines) else []
        yield "in a boot", "\n".join((*shown, *more)) or "nothing starts"
    elif found.manager in FAMILIES and without_usual(footprint).of("services", "timers", "sockets"):
        yield "not booted", "--boot shows what systemd starts, which ports open, and what fails"


MOST_BOOTED: Final = 8


def _cut_line(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


LONGEST: Final = 110
"""Characters of a command on the screen; -v shows all."""
MOST_CONTACTS: Final = 6


def contact_text(contact: Contact) -> str:
    """Return `deb.example, port 80 (192.0.2.1, tcp)`, or the host that a proxy was asked for."""
    if contact.protocol == "proxy":
        return f"{names(contact.names)}, port {contact.port} (asked of a proxy)"
    if contact.names:
        return f"{names(contact.names, 3)}, port {contact.port} ({contact.address}, {contact.protocol})"
    return f"{contact.address}, port {contact.port} ({contact.protocol})"


def _name_list(values: Sequence[str], *, everything: bool) -> str:
    return names(tuple(values), len(values) if everything else 6)


def _brings(found: Footprint) -> str:
    download = f"{size(found.download)} to download, " if found.download else ""
    if not found.download and found.received > LEAST:
        download = f"{size(found.received)} received, "
    return f"{count(len(found.packages), 'package')}, {download}{disk_text(found)}"


def disk_text(found: Footprint) -> str:
    """Return what was measured on disk, and beside it what the manager claims where that is another size."""
    measured, claimed = size(found.measured), size(found.claimed)
    return f"{measured} on disk{f' ({claimed} claimed)' if found.claimed and claimed != measured else ''}"


LEAST: Final = 10_000
"""Bytes that count as network noise."""


def tree(packages: Sequence[InstalledPackage], most: int | None = None) -> tuple[str, ...]:
    """Return the packages as a tree, each once, below the first that needs it; at most `most` lines."""
    known = {package.name: package for package in packages}
    children: dict[str, list[str]] = {}
    for package in packages:
        if not package.asked and package.needed_by:
            children.setdefault(_nearest(package, known), []).append(package.name)
    roots = [row.name for row in packages if row.asked or not row.needed_by or _is_a_ring(row, known)]
    lines = [line for line, _ in _tree_lines(roots, children)]
    seen = {name for _, name in _tree_lines(roots, children)}
    lines += [name for name in known if name not in seen]  # a cycle that no other package needs
    if most is not None and len(lines) > most:
        return (*lines[: most - 1], f"and {len(lines) - most + 1} more")
    return tuple(lines)


def _nearest(package: InstalledPackage, known: dict[str, InstalledPackage]) -> str:
    """Return the parent in the tree: a requested package if possible, or else the first."""
    return next((name for name in package.needed_by if name in known and known[name].asked), package.needed_by[0])


def _is_a_ring(package: InstalledPackage, known: dict[str, InstalledPackage]) -> bool:
    return all(name not in known for name in package.needed_by)


def _tree_lines(roots: Sequence[str], children: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the tree's lines with the name on each; without recursion, since a hostile tree may be deep."""
    seen: set[str] = set()
    waiting = [(root, "", "") for root in reversed(roots)]
    while waiting:
        name, lead, rest = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield f"{lead}{name}", name
        below = [child for child in children.get(name, []) if child not in seen] if len(rest) < DEEPEST else []
        rows = [(child, f"{rest}├ ", f"{rest}│ ") for child in below[:-1]]
        rows += [(child, f"{rest}└ ", f"{rest}  ") for child in below[-1:]]
        waiting += reversed(rows)


DEEPEST: Final = 60
"""Most columns of a tree's indentation."""


def _findings(inspection: Inspection, *, everything: bool) -> Iterator[Row]:
    found = inspection.footprint if everything else without_usual(inspection.footprint)
    for kind in KINDS:
        if not everything and (kind in HOOKS or (inspection.installer and kind == "unowned")):
            continue
        rows = found.of(kind) if everything else _short_findings(kind, found)
        if rows or kind in ALWAYS:
            lines = "\n".join(_finding_lines(rows, everything=everything))
            nothing = "none but what hosts have already" if inspection.footprint.of(kind) else "none"
            yield LABELS.get(kind, kind), lines or none_of((kind,), inspection.unknown, nothing)
    hooks = [f"{kind} ({len(found.of(kind))})" for kind in HOOKS if found.of(kind)]
    if hooks and not everything:
        yield "hooks", ", ".join(hooks)


def _short_findings(kind: Kind, found: Footprint) -> Sequence[Finding]:
    """Return the findings of a kind without those shown under another kind, most important first."""
    rows = found.of(kind)
    match kind:
        case "foreign":
            return _less(rows, found.of("damage"))
        case "groups":
            return _less(rows, found.of("users"))
        case "unowned":
            return _bytecode_last(rows)
        case "services" | "timers" | "sockets":
            first = {one.name for one in found.started}
            return sorted(rows, key=lambda row: _rank(row, first))
        case _:
            return rows


def _less(rows: Sequence[Finding], others: Sequence[Finding]) -> Sequence[Finding]:
    known = {row.what for row in others}
    return [row for row in rows if row.what not in known]


def _rank(row: Finding, first: set[str]) -> tuple[bool, bool]:
    """Return the sort key of units: those that inspect started, of requested packages, then those started at boot."""
    name = service_name(row.what).removesuffix(".service")
    return name not in first, not (isinstance(row.fact, Start) and row.fact.is_at_boot)


def _bytecode_last(rows: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the rows with all compiled Python as one, since hundreds of such files would hide the others."""
    compiled = [row for row in rows if "/__pycache__" in row.what]
    others = [row for row in rows if "/__pycache__" not in row.what]
    told = f"{count(len(compiled), 'file')} of compiled Python"
    return (*others[:FEW], *([Finding(kind="unowned", what=told)] if compiled else []), *others[FEW:])


def _finding_lines(rows: Sequence[Finding], *, everything: bool) -> Iterator[str]:
    shown = rows if everything or len(rows) <= FEW + 1 else rows[:FEW]
    for row in shown:
        told = ", ".join(filter(None, (note(row.fact), USUAL * row.is_usual)))
        yield f"{row.what} ({told})" if told else row.what
    if len(shown) < len(rows):
        yield f"and {len(rows) - len(shown)} more"


def bars(bulks: Sequence[SizeByGroup]) -> Iterator[str]:
    """Yield a line with a bar for each sort of files, in proportion to the largest."""
    largest = max((bulk.size for bulk in bulks), default=0) or 1
    width = max((len(bulk.sort) for bulk in bulks), default=0)
    for bulk in bulks:
        bar = "━" * max(1, round(BAR * bulk.size / largest))
        yield f"{bulk.sort:<{width}}  {bar:<{BAR}}  {size(bulk.size):>7}  {count(bulk.files, 'file')}"


def _after(found: Inspection, *, everything: bool) -> str:
    residue = found.residue
    if not was_taken_back(found):
        return untried_text(found)
    lines = [f"{'failed' if found.installer else 'not purged'}: {residue.failure}"] if residue.failure else []
    rows = residue.left
    shown = rows if everything or len(rows) <= FEW * 2 else rows[: FEW * 2]
    lines += [
        f"{_kind_prefix(row.kind)}{row.what}{f' ({told})' if (told := _trace_note(row)) else ''}" for row in shown
    ]
    if len(shown) < len(rows):
        lines.append(f"and {len(rows) - len(shown)} more")
    return "\n".join(lines) or absence(CLEAN, found.unknown)


def was_taken_back(found: Inspection) -> bool:
    """Return whether a purge or an undo was run."""
    return bool(found.installer.undo if found.installer else found.footprint.packages)


def untried_text(found: Inspection) -> str:
    """Return why nothing was taken back."""
    return NOT_TRIED if found.installer else absence(NOTHING_TO_PURGE, found.unknown)


NOT_TRIED: Final = "not tried: --undo CMD runs the installer's own removal"


def _trace_note(row: ResidueItem) -> str:
    return ", ".join(filter(None, (row.note, USUAL * row.is_usual)))


def _kind_prefix(kind: str) -> str:
    return "" if kind in ("file", "folder") else f"{kind} "
