"""What pacman says when it fails, turned into our errors with its own words as evidence.

The patterns rest on what pacman 7.0 printed (tests/unit/managers/recorded/pacman); an invalid signature
on the wording of its sources, not on a recording. LC_ALL=C.UTF-8 keeps the words English.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed
from sandbox.managers.error_patterns import complaint, no_package, no_version, rows_of
from sandbox.managers.error_patterns import explain as explain_by
from sandbox.managers.pacman.names import target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "pacman said"

UNKNOWN: Final = re.compile(r"^error: target not found: (\S+)", re.MULTILINE)

MACHINE: Final = (
    complaint(
        "root", r"^error: you cannot perform this operation unless you are root", "pacman needs root in {distro}"
    ),
    complaint(
        "lock",
        r"^error: failed to init transaction \(unable to lock database\)|could not lock database",
        "another program in the sandbox holds the lock of pacman, or one that died left it",
        Advice.program("rm", "/var/lib/pacman/db.lck"),
    ),
    complaint(
        "disk",
        r"^error: (?:Partition (\S+) too full|not enough free disk space)|No space left on device|\(Write failed\)",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "signature",
        r'^error: (?:(\S+): )?(?:missing required signature|key "[^"]+" (?:could not|is unknown)|signature from .* is'
        r"|public keyring not found)|\((?:PGP signature|invalid or corrupted database \(PGP)",
        "a signature can't be verified by the keyring of {distro}: the image may be older than the keys",
    ),
    complaint(
        "network",
        r"^error: failed retrieving file '[^']+' from (\S+) : (?:Could not resolve|Resolving timed out)",
        "the sandbox can't resolve {0}: no network, or no name server that it can reach",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"^error: failed retrieving file '[^']+' from (\S+) : "
        r"(?:Failed to connect|Could not connect|Connection|.*timed out|SSL|Operation too slow)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror",
        r"^error: failed retrieving file '[^']+\.db' from (\S+) : ",
        "the mirror {0} has no index of {distro}",
    ),
    complaint(
        "mirror",
        r"^error: failed retrieving file '([^']+)' from \S+ : ",
        "the package index of {distro} is older than its mirror: {0} is gone",
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "mirror",
        r"^:: File \S+ is corrupted|invalid or corrupted (?:package|database)",
        "what the mirror of {distro} sent is damaged",
        Advice.say("the same command in a few minutes"),
    ),
    complaint(
        "mirror",
        r"^warning: database file for '([^']+)' does not exist",
        "{distro} has no index of {0} yet: it was not fetched",
    ),
)
"""What is no fault of the packages, in the order in which it is looked for: a cause before what follows from it."""

PACKAGES: Final = (
    complaint(
        "conflict",
        r"^:: (\S+?)(?:-[^\s-]+-[^\s-]+)? and \S+ are in conflict",
        "the packages can't be installed together in {distro}: {0} conflicts",
    ),
    complaint(
        "conflict",
        r"^(\S+): \S+ exists in (?:filesystem|both)",
        "{0} brings a file that is there already in {distro}",
    ),
    complaint(
        "conflict",
        r"^:: unable to satisfy dependency '\S+' required by (\S+)",
        "the packages can't be installed in {distro}: {0} lacks what it depends on",
    ),
    complaint(
        "conflict",
        r"^:: installing \S+ \([^)]*\) breaks dependency '\S+' required by (\S+)",
        "the packages can't be installed in {distro}: {0} needs another version of what they bring",
    ),
    complaint("script", r"^error: command (?:failed to execute|terminated)", "a package's script failed in {distro}"),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for what pacman said, or None where nothing of it is known."""
    own = partial(_own, failure.output, packages, distro)
    return explain_by(failure.output, distro, machine=MACHINE, packages=PACKAGES, evidence=_evidence, own=own)


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    """Name what is unknown, else the version: a repository of pacman holds one of each package, its newest."""
    said = tuple(dict.fromkeys(UNKNOWN.findall(output)))
    if not said:
        return None
    pinned = {target(package): package for package in packages if package.version}
    if unknown := [name for name in said if name not in pinned]:
        return no_package(unknown, distro, _evidence(output))
    package = pinned[said[0]]
    rows = [*_evidence(output), ("versions", "its repositories hold the newest one only")]
    return no_version(package.name, str(package.version), distro, rows, ask=("pacman", "-Si", package.name))


TELLING: Final = re.compile(r"error:|^warning:|^:: (?:unable|installing)| in conflict| exists in | is corrupted")


def _evidence(output: str) -> list[Row]:
    """Return pacman's errors, which may stand behind a question on one line, and what explains them."""
    return rows_of(SAID, (line.strip() for line in output.splitlines() if TELLING.search(line)))
