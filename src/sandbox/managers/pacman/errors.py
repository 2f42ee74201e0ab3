"""Turns the error messages of pacman into our errors, with its own words as evidence.

The patterns rest on what pacman 7.0 printed (tests/unit/managers/recorded/pacman); an invalid signature
on the wording of its sources, not on a recording. LC_ALL=C.UTF-8 keeps the words English.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, Missing, StepFailed
from sandbox.managers.error_patterns import OLD_INDEX, WHOLE, Messages, complaint, rows_of
from sandbox.managers.missing import in_order, missing_error, no_version
from sandbox.managers.pacman.names import target
from sandbox.managers.script_failures import lines_before

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
        "another program in the sandbox holds pacman's lock, or died and left it",
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
        "the keyring of {distro} can't verify a signature: the image may be older than the keys",
    ),
    complaint(
        "network",
        r"^error: failed retrieving file '[^']+' from (\S+) : (?:Could not resolve|Resolving timed out)",
        "the sandbox can't resolve {0}: it has no network, or can't reach a name server",
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
        "the mirror {0} has no package index of {distro}",
    ),
    complaint(
        "mirror",
        r"^error: failed retrieving file '([^']+)' from \S+ : ",
        "{distro}'s mirror did not send {0}, which the package index names",
        OLD_INDEX,
    ),
    complaint(
        "mirror",
        r"^:: File \S+ is corrupted|invalid or corrupted (?:package|database)",
        "the mirror of {distro} sent a damaged file",
        Advice.say("the same command in a few minutes"),
    ),
    complaint(
        "mirror",
        r"^warning: database file for '([^']+)' does not exist",
        "{distro} has not downloaded the index of {0} yet",
    ),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

_WORDS: Final = r"(?:(?!installing |upgrading |reinstalling |downgrading |removing |::|\(\d+/\d+\)).*\n)*?"
"""Lines of a script: no line of pacman's own."""
_COMMAND: Final = r"error: command (?:failed to execute|terminated)"

PACKAGES: Final = (
    complaint(
        "script",
        r"^error: failed to commit transaction \(failed to run transaction hooks\)",
        "a hook of pacman failed in {distro}, and nothing was installed",
    ),
    complaint(
        "conflict",
        r"^:: (\S+?)(?:-[^\s-]+-[^\s-]+)? and \S+ are in conflict",
        "the packages can't be installed together in {distro}: {0} conflicts",
    ),
    complaint(
        "conflict",
        r"^(\S+): \S+ exists in (?:filesystem|both)",
        "{0} contains a file that already exists in {distro}",
    ),
    complaint(
        "conflict",
        r"^:: unable to satisfy dependency '\S+' required by (\S+)",
        "the packages can't be installed in {distro}: {0} lacks a dependency",
    ),
    complaint(
        "conflict",
        r"^:: installing \S+ \([^)]*\) breaks dependency '\S+' required by (\S+)",
        "the packages can't be installed in {distro}: {0} needs another version of one of them",
    ),
    complaint(
        "script",
        rf"^(?:installing|upgrading|reinstalling|downgrading) (\S+)\.\.\.\n{_WORDS}{_COMMAND}",
        "the installation script of {0} failed in {distro}",
    ),
    complaint("script", rf"^removing (\S+)\.\.\.\n{_WORDS}{_COMMAND}", "the removal script of {0} failed in {distro}"),
    complaint(
        "script",
        rf"^\(\d+/\d+\) (.+?)\.*\n{_WORDS}{_COMMAND}",
        'a hook of pacman failed in {distro}: "{0}"',
    ),
    complaint("script", _COMMAND, "a package's script failed in {distro}"),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of pacman, or None if none is known."""
    own = partial(_own, failure.output, packages, distro)
    return MESSAGES.explain(failure.output, distro, own=own)


def _script(output: str) -> list[str]:
    """Return the output of a script or hook before pacman reported its failure."""
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(_COMMAND)
_CHATTER: Final = re.compile(
    r"(?:installing|upgrading|reinstalling|downgrading|removing) \S+\.\.\.|::|\(\d+/\d+\)|error: |warning: "
)


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    """Name the unknown package, or else the version: pacman's repositories hold only the newest of each."""
    said = tuple(dict.fromkeys(UNKNOWN.findall(output)))
    if not said:
        return None
    pinned = {target(package): package for package in packages if package.version}
    missing = in_order((_one_missing(name, pinned.get(name)) for name in said), packages)
    rows = _evidence(output)
    if any(one.version for one in missing):
        rows.append(("versions", "its repositories have only the newest version"))
    match missing:
        case [one] if one.version:
            return no_version(one.name, one.version, distro, rows, ask=("pacman", "-Si", one.name))
        case _:
            return missing_error(missing, distro, rows)


def _one_missing(name: str, pinned: PackageRef | None) -> Missing:
    return Missing(name=pinned.name, version=pinned.version or "") if pinned else Missing(name=name)


TELLING: Final = re.compile(r"error:|^warning:|^:: (?:unable|installing)| in conflict| exists in | is corrupted")


def _evidence(output: str) -> list[Row]:
    """Return pacman's errors, which may stand behind a question on one line, and what explains them."""
    return rows_of(SAID, (line.strip() for line in output.splitlines() if TELLING.search(line)), WHOLE)


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
