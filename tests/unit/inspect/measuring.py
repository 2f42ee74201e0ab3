"""What was measured of packages, for the tests of what is made of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from tests.unit.snapshots import member, tree

from sandbox.container.processes import (
    Process,
    Running,
)
from sandbox.container.sockets import ListeningPort
from sandbox.inspect.facts import Link
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import (
    Finding,
    Footprint,
    Inspection,
    ResidueItem,
    ServiceStart,
)
from sandbox.inspect.footprint import footprint
from sandbox.inspect.measured import Measured
from sandbox.inspect.residue import residue
from sandbox.managers.metadata import Fact
from sandbox.managers.protocol import Change, Package
from sandbox.managers.state_paths import state_paths
from sandbox.report.inspect_html import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from tarfile import TarInfo


MADE = Provenance(
    date="2026-11-23 20:51 UTC", version="0.1.0", command="sandbox inspect trap --html page.html", mirror="deb.example"
)
TRAP = Package(name="trap", version="1.0", architecture="all", size=1000, explicit=True)
LIB = Package(name="lib", version="2", architecture="all", size=500, explicit=False)
BEFORE = {"/usr/bin/old": b"old", "/etc/shells": b"/bin/sh\n"}
AFTER: Mapping[str, bytes | TarInfo] = {
    "/usr/bin/old": b"old",
    "/etc/shells": b"/bin/sh\n/bin/trap\n",
    "/usr/bin/trap": member("/usr/bin/trap", mode=0o4755),
    "/usr/lib/systemd/system/trap.service": b"[Service]\n",
    "/etc/systemd/system/multi-user.target.wants/trap.service": member(
        "/etc/systemd/system/multi-user.target.wants/trap.service", link="/usr/lib/systemd/system/trap.service"
    ),
    "/usr/share/man/man1/trap.1.gz": b"page",
    "/var/lib/trap/": member("/var/lib/trap/", mode=0o755),
    "/var/lib/trap/unowned": b"unowned",
    "/etc/cron.d/trap": b"* * * * *\n",
    "/var/log/apt/history.log": b"books",
}
OWNED = frozenset(
    ("/usr/bin/trap", "/usr/lib/systemd/system/trap.service", "/usr/share/man/man1/trap.1.gz", "/etc/cron.d/trap")
)


def measured() -> Footprint:
    first = tree(BEFORE)
    second = tree(AFTER, users=b"trap:x:99:99::/nonexistent:/usr/sbin/nologin\n", groups=b"trap:x:99:\n")
    return footprint(
        Measured(
            before=first,
            after=second,
            difference=diff(first, second, state_paths("apt")),
            came=(TRAP, LIB),
            asked=frozenset(("trap",)),
            path="/usr/bin:/bin",
            owned=OWNED,
            owners={"/etc/shells": "base"},
            facts=(
                Fact(name="trap", needs=("virtual-lib",), licences=("MIT",)),
                Fact(name="lib", provides=("virtual-lib",)),
            ),
            would=(
                Change(action="install", name="trap", version="1.0", download=10),
                Change(action="install", name="extra", version="1.0", download=99),
            ),
            running=(Running(received=5), Running(received=25)),
            serving=(
                (
                    ServiceStart(name="trap", path="/usr/lib/systemd/system/trap.service", runs=True),
                    Running(
                        processes=(Process(pid=9, parent=0, uid=99, words="/usr/bin/trap"),),
                        ports=frozenset((ListeningPort(number=80, protocol="tcp", address="*"),)),
                    ),
                ),
                (ServiceStart(name="trapd", path="/etc/init.d/trapd", runs=False), Running()),
            ),
        )
    )


def inspection(**given: object) -> Inspection:
    values: dict[str, object] = {
        "packages": ("trap",),
        "distro": "debian bookworm",
        "base": "sha256:1",
        "manager": "apt",
        "footprint": measured(),
        "residue": residue(tree({}), tree({}), packages=((), ()), running=(Running(), Running()), ignored=()),
        "verdict": (),
        "seconds": 1.5,
        "install_seconds": 0.5,
        **given,
    }
    return Inspection(**values)  # type: ignore[arg-type]


HOSTILE = '"><script>alert(1)</script>|`*[x](y)'


def hostile() -> Inspection:
    found = msgspec.structs.replace(
        measured(), findings=(Finding(kind="alternatives", what=HOSTILE, fact=Link(to=HOSTILE)),), commands=(HOSTILE,)
    )
    left = msgspec.structs.replace(
        inspection().residue, left=(ResidueItem(kind="file", what=HOSTILE),), failure=HOSTILE
    )
    return inspection(footprint=found, residue=left)


def placed(files: Mapping[str, bytes | TarInfo], **more: object) -> Footprint:
    """Return the footprint of a package that brings some files to an empty place."""
    first, second = tree({}), tree(files, users=b"own:x:99:99::/:/bin/false\n", groups=b"play:x:60:\n")
    values: dict[str, object] = {
        "before": first,
        "after": second,
        "difference": diff(first, second),
        "came": (TRAP,),
        "asked": frozenset(),
        "path": "",
        **more,
    }
    return footprint(Measured(**values))  # type: ignore[arg-type]
