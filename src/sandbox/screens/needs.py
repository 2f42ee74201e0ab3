"""What programs need that a sandbox with a display lacks, as far as their files say it, and what helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct

from sandbox.core.human import names
from sandbox.core.programs import sh_argv
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.errors import Row

Kind = Literal["chromium", "schemas", "bus", "polkit"]
"""A sandbox of the program's own, as Chromium and Electron have; the settings of GNOME's desktop, without which
some of its programs end (gnome-text-editor 43: "schema 'org.gnome.desktop.privacy' is not installed"); the system bus;
polkit."""
LINE: Final = re.compile(rf"({'|'.join(get_args(Kind))}) ([\w.+-]{{1,80}})")
MOST: Final = 3
"""Names to list of a kind."""
TEXTS: Final[Mapping[Kind, str]] = {
    "schemas": "GNOME's settings are not here, for {}: install gsettings-desktop-schemas",
    "bus": "no system bus runs here, for {}: service dbus start",
    "polkit": "no polkit runs here, for {}: you are root, so start programs without pkexec",
}
"""What to say of a kind with the names of those that need it."""
PLUMBING: Final = re.compile(
    r"org\.freedesktop\.(PolicyKit1|policykit|systemd1|home1|hostname1|import1|locale1|login1|machine1|network1|oom1"
    r"|portable1|resolve1|timedate1|timesync1)|org\.dpkg\..*"
)
"""What polkit, systemd and dpkg themselves bring: many programs depend on them and need none of it."""


class Need(Struct, frozen=True):
    """Something that is missing: its kind, and the command, service or action that needs it."""

    kind: Kind
    name: str


def needs_of(box: Box) -> tuple[Need, ...]:
    """Return what programs in a sandbox need and don't find there; nothing where that can't be read."""
    try:
        found = box.exec(sh_argv(__package__, "needs.sh"))
    except SandboxError:
        return ()
    return parse_needs(found.stdout)


def parse_needs(text: str) -> tuple[Need, ...]:
    """Return the needs that needs.sh printed. Pure."""
    rows = (match for line in text.splitlines() if (match := LINE.fullmatch(line)))
    found = (Need(kind, match[2]) for match in rows for kind in get_args(Kind) if kind == match[1])
    return tuple(need for need in dict.fromkeys(found) if not PLUMBING.fullmatch(need.name))


def need_rows(needs: Sequence[Need]) -> tuple[Row, ...]:
    """Return what to say of each kind: what is missing, for whom, and what helps. Pure."""
    by_kind = {kind: tuple(need.name for need in needs if need.kind == kind) for kind in get_args(Kind)}
    own = [f"{name} can't start its own sandbox here: {name} --no-sandbox" for name in by_kind["chromium"]]
    rest = [text.format(names(by_kind[kind], MOST)) for kind, text in TEXTS.items() if by_kind[kind]]
    return tuple(("  note", text) for text in (*own, *rest))
