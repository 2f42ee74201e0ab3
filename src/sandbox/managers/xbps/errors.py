"""What xbps says when it fails, turned into our errors with its own words as evidence.

The patterns rest on what xbps 0.60.7 printed (tests/unit/managers/recorded/xbps); its words for a signature, a public
key and a library that is missing on its sources, not on a recording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed, UnknownPackage
from sandbox.managers.error_patterns import complaint, error_from, first_match, option
from sandbox.managers.xbps.names import expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "xbps said"
EVIDENCE: Final = 6

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
        "a signature can't be verified by the keys of {distro}",
    ),
    complaint(
        "network",
        rf"{FETCH}(?:No address record|Name or service|Temporary failure|.*resolv|Transient)",
        "the sandbox can't resolve {0}: no network, or no name server that it can reach",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{FETCH}(?:Connection|.*timed out|.*unreachable|.*[Cc]ertificate|.*SSL)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint("mirror", FETCH, "the mirror {0} has no index of {distro}"),
    complaint(
        "mirror",
        r"^ERROR: \[trans\] failed to download `([^']+)'|^ERROR: (\S+): .*(?:hash mismatch|does not match)",
        "the package index of {distro} is older than its mirror: {0} is gone or damaged",
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "other",
        r"^ERROR: The 'xbps' package must be updated",
        "{distro} has a newer xbps, which must come before anything else",
        Advice.program("xbps-install", "-Syu", "xbps"),
    ),
)
"""What is no fault of the packages, in the order in which it is looked for: a cause before what follows from it."""

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
        "{0} brings a file that another package has in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for what xbps said, or None where nothing of it is known."""
    output = failure.output
    if ours := first_match(MACHINE, output):
        return error_from(*ours, distro=distro, evidence=_evidence(output))
    if said := UNKNOWN.search(output):
        pinned = {expression(package): package for package in packages if package.version}
        package = pinned.get(said[1])
        return _no_version(package, output, distro) if package else _unknown(said[1], output, distro)
    if theirs := first_match(PACKAGES, output):
        return error_from(*theirs, distro=distro, evidence=_evidence(output))
    return None


def _evidence(output: str) -> list[Row]:
    kept = dict.fromkeys(line.strip() for line in output.splitlines() if TELLING.search(line))
    return [(SAID, line) for line in kept][:EVIDENCE]


def _unknown(name: str, output: str, distro: str) -> UnknownPackage:
    """Name the first that is unknown; xbps looks no further."""
    return UnknownPackage(f"{distro} has no package {name}", package=name, details=_evidence(output))


def _no_version(package: PackageRef, output: str, distro: str) -> StepFailed:
    """Say that a version is not there; a repository of xbps holds one version of each package."""
    place = option(distro)
    return StepFailed(
        f"{distro} has no version {package.version} of {package.name}",
        cause="unknown-version",
        details=[*_evidence(output), ("versions", "its repositories hold the newest one only")],
        hints=[
            Advice.sandbox("try", package.name, "--distro", place),
            Advice.sandbox("try", package.name, "--distro", place, "--", "xbps-query", "-R", package.name),
        ],
    )
