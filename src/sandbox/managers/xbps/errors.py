"""Turns the error messages of xbps into our errors, with its own words as evidence.

The patterns rest on what xbps 0.60.7 printed (tests/unit/managers/recorded/xbps); its words for a signature, a public
key and a library that is missing on its sources, not on a recording.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed
from sandbox.managers.error_patterns import OLD_INDEX, Messages, complaint, rows_of
from sandbox.managers.missing import no_package, no_version
from sandbox.managers.script_failures import lines_before
from sandbox.managers.xbps.names import expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "xbps said"

UNKNOWN: Final = re.compile(r"^ERROR: Package '([^']+)' not found in repository pool", re.MULTILINE)
FETCH: Final = r"^ERROR: \[reposync\] failed to fetch file `\w+://([^/']+)[^']*': "
TELLING: Final = re.compile(r"^(?:ERROR|WARNING|CONFLICT|MISSING):|public key|unresolvable shlib|No space left")

MACHINE: Final = (
    complaint("root", r"^ERROR: failed to lock .*: Permission denied", "xbps-install needs root in {distro}"),
    complaint(
        "lock",
        r"^ERROR: failed to lock |^WARNING: package database locked",
        "another program in the sandbox holds the lock of xbps",
    ),
    complaint(
        "disk",
        r"insufficient disk space|No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "signature",
        r"^ERROR: .*(?:RSA signature is not valid|failed to download `\S+' signature)|import this public key",
        "the keys of {distro} can't verify a signature",
    ),
    complaint(
        "network",
        rf"{FETCH}(?:No address record|Name or service|Temporary failure|.*resolv|Transient)",
        "the sandbox can't resolve {0}: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{FETCH}(?:Connection|.*timed out|.*unreachable|.*[Cc]ertificate|.*SSL)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint("mirror", FETCH, "the mirror {0} has no package index of {distro}"),
    complaint(
        "mirror",
        r"^ERROR: \[trans\] failed to download `([^']+)'|^ERROR: (\S+): .*(?:hash mismatch|does not match)",
        "{distro}'s mirror has no {0} as the package index names it",
        OLD_INDEX,
    ),
    complaint(
        "other",
        r"^ERROR: The 'xbps' package must be updated",
        "{distro} has a newer xbps, which must be installed before anything else",
        Advice.program("xbps-install", "-Syu", "xbps"),
    ),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "script",
        r"^ERROR: (\S+)-[^\s-]+_\d+: \[\w+\] (?:INSTALL|REMOVE) script failed",
        "the installation script of {0} failed in {distro}",
    ),
    complaint(
        "conflict",
        r"^CONFLICT: (\S+)-[^\s-]+_\d+ with ",
        "the packages can't be installed together in {distro}: {0} conflicts",
    ),
    complaint(
        "conflict",
        r"^MISSING: (\S+)|^(\S+)-[^\s-]+_\d+: broken, unresolvable shlib",
        "the packages can't be installed in {distro}: {0} is missing or broken",
    ),
    complaint(
        "conflict",
        r"^ERROR: (\S+)-[^\s-]+_\d+: file `[^']+' already installed by package",
        "{0} contains a file that belongs to another package in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of xbps, or None if none is known."""
    own = partial(_own, failure.output, packages, distro)
    return MESSAGES.explain(failure.output, distro, own=own)


def _script(output: str) -> list[str]:
    """Return the output of a package's script before xbps reported its failure."""
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(r"^ERROR: .*script failed")
_CHATTER: Final = re.compile(r"\[\*\] |\S+_\d+: |Space available|Size (?:to download|required)|\d+ packages? will be")


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    """Name the first that is unknown, xbps looks no further; a repository holds one version of each package."""
    found = UNKNOWN.search(output)
    if found is None:
        return None
    pinned = {expression(package): package for package in packages if package.version}
    package = pinned.get(found[1])
    if package is None:
        return no_package([found[1]], distro, _evidence(output))
    rows = [*_evidence(output), ("versions", "its repositories have only the newest version")]
    return no_version(package.name, str(package.version), distro, rows, ask=("xbps-query", "-R", package.name))


def _evidence(output: str) -> list[Row]:
    return rows_of(SAID, (line.strip() for line in output.splitlines() if TELLING.search(line)))


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
