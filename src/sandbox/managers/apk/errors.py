"""Turns the error messages of apk into our errors, with its own words as evidence.

The patterns rest on what apk 2.14 and 3.0 printed (tests/unit/managers/recorded/apk); the words for certificates, HTTP
statuses, damaged archives and a missing name server of apk 2 on its sources (src/print.c), not on a recording.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, Missing, StepFailed
from sandbox.managers.error_patterns import OLD_INDEX, WHOLE, Messages, complaint, rows_of
from sandbox.managers.missing import in_order, missing_error, no_version, provided_by_others, virtual
from sandbox.managers.script_failures import lines_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "apk said"

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
        "the keys of {distro} can't verify the signature of {0}",
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: TLS: ",
        "the sandbox does not trust the certificate of {0}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: (?:DNS\b|temporary error)|^ERROR: (\S+): (?:DNS\b|temporary error)",
        "the sandbox can't resolve {0}: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        rf"{OPENING} \w+://([^/\s]+)\S*: (?:could not connect|Connection|.*timed out|.*unreachable|network )"
        r"|^ERROR: (\S+): (?:could not connect|Connection |.*timed out|.*unreachable|network )",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint("mirror", rf"{OPENING} (\S+): ", "{distro} has no package index at {0}, or it is damaged"),
    complaint(
        "mirror",
        r"^ERROR: (\S+)-\d\S*: "
        r"(?:package mentioned in index|remote server|HTTP|.*integrity|BAD archive|IO ERROR|v2 package)",
        "{distro}'s mirror has no {0} as the package index names it, or the download was damaged",
        OLD_INDEX,
    ),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "script",
        r"^ERROR: (?:\S*/)?commit_hooks\.d/(\S+): exited with",
        "the hook {0}, which apk is to run beside its own work, failed in {distro}",
    ),
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
        "{0} contains a file that belongs to another package in {distro}",
    ),
    complaint(
        "script",
        r"\A(?:(?!ERROR:).*\n)*\d+ errors?; \d+ \S+ in \d+ packages\s*\Z",
        "apk did all of it in {distro}, and ends with an error of an earlier install: a script of that failed",
        Advice.program("apk", "fix", before="first ", after=": it sets the failed packages right, and runs no script"),
    ),
    complaint(
        "conflict",
        r"^ERROR: (?:unable to select packages|unsatisfiable constraints):\n +(\S+?)(?:-\d\S*)?(?: \([^)]*\))?:$",
        "the packages can't be installed together in {distro}: {0} conflicts, or lacks a dependency",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of apk, or None if none is known."""
    own = partial(_own, failure.output, packages, distro)
    return MESSAGES.explain(failure.output, distro, own=own)


def _script(output: str) -> list[str]:
    """Return the output of a package's script, after a star in apk 3, before apk reported its failure."""
    said = lines_before(output, _FRAME, _CHATTER)
    return [line.strip().removeprefix("* ") for line in said]


_FRAME: Final = re.compile(r"^ERROR: .*exited with")
_CHATTER: Final = re.compile(r" *Executing |\(\d+/\d+\)|fetch |OK: |ERROR:|\d+ errors?; ")


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    missing = in_order(_missing(output, packages), packages)
    match missing:
        case []:
            return None
        case [one] if one.version:
            return no_version(one.name, one.version, distro, _evidence(output), ask=("apk", "policy", one.name))
        case [one] if one.is_virtual:
            return provided_by_others(one, distro, _evidence(output))
        case _:
            return missing_error(missing, distro, _evidence(output))


def _missing(output: str, packages: Sequence[PackageRef]) -> Iterator[Missing]:
    """Yield the requested packages that are unknown, lack the version, or are virtual."""
    asked = {package.name: package.version for package in packages}
    for name in MISSING.findall(output):
        if name in asked:
            yield Missing(name=name)
    for pattern in (BREAKS, MALFORMED):
        for name, version in pattern.findall(output):
            if asked.get(name):
                yield Missing(name=name, version=version)
    for name, providers in VIRTUAL.findall(output):
        if name in asked:
            yield virtual(name, tuple(dict.fromkeys(providers.split())))


def _evidence(output: str) -> list[Row]:
    """Return apk's errors and warnings, with the indented lines that explain one."""
    kept: list[str] = []
    explains = False
    for line in output.splitlines():
        explains = line.startswith(("ERROR:", "WARNING:")) or (explains and line.startswith("  "))
        if explains or _COUNT.match(line):
            kept.append(line.rstrip())
    return rows_of(SAID, kept, WHOLE)


_COUNT: Final = re.compile(r"\d+ errors?; ")


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
