"""What apk says when it fails, turned into our errors with its own words as evidence.

The patterns rest on what apk 2.14 and 3.0 printed (tests/unit/managers/recorded/apk); the words for certificates, HTTP
statuses, damaged archives and a missing name server of apk 2 on its sources (src/print.c), not on a recording.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed
from sandbox.managers.error_patterns import complaint, no_package, no_version, provided_by_others, rows_of
from sandbox.managers.error_patterns import explain as explain_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "apk said"
EVIDENCE: Final = 8

MISSING: Final = re.compile(r"^ +(\S+) \((?:no such package|missing)\):", re.MULTILINE)
VIRTUAL: Final = re.compile(r"^ +(\S+) \(virtual\):\n(?: .*\n)*? +provided by: (.*(?:\n +[^\s:]+)*)$", re.MULTILINE)
BREAKS: Final = re.compile(r"^ +breaks: +.*?world\[([^\s\]=<>~@]+)=([^\s\]]+)\]", re.MULTILINE)
MALFORMED: Final = re.compile(r"^ERROR: '([^'=]+)=([^']*)' is not a valid world dependency", re.MULTILINE)
OPENING: Final = r"^(?:WARNING|ERROR): (?:updating and )?opening"

MACHINE: Final = (
    complaint(
        "root",
        r"^ERROR: Unable to (?:open log|lock database|open database): Permission denied",
        "apk needs root in {distro}",
    ),
    complaint("lock", r"^ERROR: Unable to lock database:", "another program in the sandbox holds the lock of apk"),
    complaint(
        "disk",
        r"No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "signature",
        rf"{OPENING} (\S+): (?:UNTRUSTED|BAD) signature|^ERROR: (\S+): (?:UNTRUSTED|BAD) signature",
        "the signature of {0} can't be verified by the keys of {distro}",
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: TLS: ",
        "the certificate of {0} is not trusted in the sandbox",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: (?:DNS\b|temporary error)|^ERROR: (\S+): (?:DNS\b|temporary error)",
        "the sandbox can't resolve {0}: no network, or no name server that it can reach",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: (?:could not connect|Connection|.*timed out|.*unreachable|network )"
        r"|^ERROR: (\S+): (?:could not connect|Connection |.*timed out|.*unreachable|network )",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint("mirror", rf"{OPENING} (\S+): ", "{distro} has no index at {0}, or a damaged one"),
    complaint(
        "mirror",
        r"^ERROR: (\S+)-\d\S*: "
        r"(?:package mentioned in index|remote server|HTTP|.*integrity|BAD archive|IO ERROR|v2 package)",
        "the package index of {distro} is older than its mirror, or {0} came damaged",
        Advice.sandbox("clean", "--cache"),
    ),
)
"""What is no fault of the packages, in the order in which it is looked for: a cause before what follows from it."""

PACKAGES: Final = (
    complaint(
        "script",
        r"^ERROR: (?:\S+/)?(\S+?)-\d[^\s-]*-r\d+\.(?:pre|post)-\w+: (?:script )?exited with",
        "the installation script of {0} failed in {distro}",
    ),
    complaint(
        "script",
        r"^ERROR: (?:\S+/)?(\S+?)-\d[^\s-]*-r\d+\.trigger: (?:script )?exited with",
        "the trigger of {0} failed in {distro}",
    ),
    complaint(
        "conflict",
        r"^ERROR: (\S+?)-\d\S*: trying to overwrite ",
        "{0} brings a file that another package has in {distro}",
    ),
    complaint(
        "conflict",
        r"^ERROR: (?:unable to select packages|unsatisfiable constraints):\n +(\S+?)(?:-\d\S*)?(?: \([^)]*\))?:$",
        "the packages can't be installed together in {distro}: {0} conflicts, or lacks what it depends on",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for what apk said, or None where nothing of it is known."""
    own = partial(_own, failure.output, packages, distro)
    return explain_by(failure.output, distro, machine=MACHINE, packages=PACKAGES, evidence=_evidence, own=own)


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    asked = {package.name: package.version for package in packages}
    if unknown := [name for name in dict.fromkeys(MISSING.findall(output)) if name in asked]:
        return no_package(unknown, distro, _evidence(output))
    if (found := BREAKS.search(output) or MALFORMED.search(output)) and asked.get(found[1]):
        package, version = found.groups()
        return no_version(package, version, distro, _evidence(output), ask=("apk", "policy", package))
    if (found := VIRTUAL.search(output)) and found[1] in asked:
        return provided_by_others(found[1], found[2].split()[0], distro, _evidence(output))
    return None


def _evidence(output: str) -> list[Row]:
    """Return apk's errors and warnings, with the indented lines that explain one."""
    kept: list[str] = []
    explains = False
    for line in output.splitlines():
        explains = line.startswith(("ERROR:", "WARNING:")) or (explains and line.startswith("  "))
        if explains and line.strip() not in kept:
            kept.append(line.strip())
    return rows_of(SAID, kept, EVIDENCE)
