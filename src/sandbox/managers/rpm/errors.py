"""What dnf, zypper, their relatives and rpm below them say when they fail, turned into our errors.

The patterns rest on what dnf 4.14, 4.23, dnf5 5.4 and zypper 1.14 printed (tests/unit/managers/recorded); those of
yum, microdnf and tdnf, of full disks and of certificates on their sources' wording, not on a recording.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, Missing, StepFailed
from sandbox.managers.error_patterns import WHOLE, Messages, complaint, rows_of
from sandbox.managers.missing import in_order, missing_error, no_version
from sandbox.managers.protocol import PackageRef
from sandbox.managers.rpm.names import label
from sandbox.managers.script_failures import lines_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure


UNKNOWN: Final = re.compile(
    r"^(?:No match for argument: (\S+)"
    r"|(?:error: )?No package matches '([^']+)'"
    r"|No package (\S+) +available"
    r"|(\S+) package not found or not installed"
    r"|Module or Group '([^']+)' is not available"
    r"|No provider of '([^']+)' found)",
    re.MULTILINE,
)

MACHINE: Final = (
    complaint(
        "root",
        r"^Error: This command has to be run with superuser|^Root privileges are required|^You need to be root"
        r"|^filesystem error: cannot create directories: Permission denied|requires superuser privileges",
        "the package manager needs root in {distro}",
    ),
    complaint(
        "lock",
        r"^System management is locked by|[Ff]ailed to obtain (?:the )?(?:rpm )?transaction lock"
        r"|can't create transaction lock on|is currently holding the yum lock|[Ff]ailed to acquire .*lock",
        "another program in the sandbox holds the lock of the package manager",
    ),
    complaint(
        "disk",
        r"No space left on device|more space (?:needed )?on the (\S+) filesystem|Insufficient space in download"
        r"|Not enough space available|needs \S+ on the (\S+) filesystem|There is not enough disk space",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "expired",
        r"certificate (?:has expired|is not yet valid)",
        (
            "the certificate of a mirror of {distro} is not valid at this machine's time: the clock or the "
            "certificate is wrong"
        ),
        Advice.program("date", "-u"),
    ),
    complaint(
        "signature",
        r"GPG check FAILED|OpenPGP check for package \S+ .*has failed|Signature verification failed"
        r"|GPG verification is enabled, but GPG signature is not available|[Bb]ad (?:GPG|PGP) signature"
        r"|repomd\.xml signature could not be verified|Public key for \S+ is not installed"
        r"|File '[^']+' from repository '[^']+' is unsigned",
        "the signature of a package or index of {distro} can't be verified",
    ),
    complaint(
        "network",
        r"Could not resolve host: ([^\s\]\";]+)",
        "the sandbox can't resolve {0}: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"Failed to connect to (\S+)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"Curl error \((?:7|28|35|56|60|77)\)|Connection timed out|Timeout was reached"
        r"|SSL certificate problem|Proxy CONNECT aborted",
        "the connection to a mirror of {distro} failed",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror",
        r"checksum doesn't match|has (?:incorrect|wrong) checksum|does not match intended download"
        r"|Accepting packages with wrong checksums",
        "{distro}'s mirror sent a file that differs from its index: it is being updated, or the download was damaged",
        Advice.say("the same command in a few minutes"),
    ),
    complaint(
        "mirror",
        r"[Ff]ailed to download metadata|Failed to retrieve new repository metadata|Usable URL not found"
        r"|[Aa]ll mirrors were (?:already )?tried|Cannot retrieve repository metadata|(?:can't|cannot) be provided"
        r"|Failed to synchronize cache|Error opening \S+\.rpm|^File '[^']+' not found on medium",
        "a mirror of {distro} failed",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "other",
        r"^(?:Error: |Warning: )?There are no enabled repo|^Warning: No repositories defined",
        "{distro} has no enabled package repository",
    ),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "script",
        r"%\w+\(([^()\s]+?)-[^-()\s]+-[^-()\s]+\) scriptlet failed|scriptlet in rpm package (\S+)",
        "the installation script of {0} failed in {distro}",
    ),
    complaint(
        "conflict",
        r"nothing provides '?[^'\n]+?'? needed by (?:the to be installed )?(\S+)-[^-\s]+-[^-\s]+",
        "{0} can't be installed in {distro}: a dependency is missing",
    ),
    complaint(
        "conflict",
        r"file (/\S+) (?:from install of \S+ )?conflicts|^File (/\S+)\n +from install of",
        "the packages can't be installed together in {distro}: more than one has the file {0}",
    ),
    complaint(
        "conflict",
        r"(?:package|the to be installed) (\S+)-[^-\s]+-[^-\s]+ (?:from \S+ )?conflicts with",
        "the packages can't be installed together in {distro}: {0} conflicts",
    ),
    complaint("conflict", r"^ ?Problem(?: \d+)?:", "the packages can't be installed in {distro}"),
)

_TELLING: Final = re.compile(
    r"(?:[Ee]rror\b|No (?:match|package|provider)\b| ?Problem\b| +- | +file |\tinstalling |Fail|Transaction failed"
    r"|Module or Group|OpenPGP|>>> (?!Running)|warning: %|nothing provides|File |System management|filesystem error"
    r"|Root priv|(?:Warning: )?There are no enabled)"
)
"""How a line begins that is evidence."""


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str, program: str) -> StepFailed | None:
    """Return our error for the messages of the program, or None if none is known."""
    known = messages(program)
    own = partial(_own, failure.output, packages, distro, known.evidence)
    return known.explain(failure.output, distro, own=own)


def messages(program: str) -> Messages:
    """Return what the messages of one of these programs mean."""
    return Messages(machine=MACHINE, packages=PACKAGES, evidence=partial(_evidence, program), script=script)


def script(output: str) -> list[str]:
    """Return the output of a package's script before rpm, dnf5 or zypper reported its failure."""
    block = re.search(r"^>>> Scriptlet output:\n((?:>>> (?!\[RPM\]).*\n)+)", output, re.MULTILINE)
    if block:
        return [line.removeprefix(">>> ") for line in block[1].splitlines() if line.removeprefix(">>>").strip()]
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(r"(?:warning|error): %\w+\(\S+\) scriptlet failed")
_CHATTER: Final = re.compile(
    r" *(?:Running scriptlet|Installing|Upgrading|Preparing|Erasing|Cleanup|Downgrading|Reinstalling|Removing) *:"
    r"|\(\d+/\d+\) |(?:Installing|Updating|Removing|Cleanup): |>>> |Error|Installed:|Complete!|done\]"
    r"|Failed|Transaction "
)


def _own(
    output: str, packages: Sequence[PackageRef], distro: str, evidence: Callable[[str], list[Row]]
) -> StepFailed | None:
    """Return the error for what no repository has; the managers name it as it stood on their command line."""
    said = tuple(dict.fromkeys(next(filter(None, groups)) for groups in UNKNOWN.findall(output)))
    if not said:
        return None
    written = {word: package for package in packages for word in _argv_words(package)}
    asked = [written.get(word, PackageRef(name=word)) for word in said]
    missing = in_order((Missing(name=package.name, version=package.version or "") for package in asked), packages)
    match missing:
        case [one] if one.version:
            return no_version(one.name, one.version, distro, evidence(output))
        case _:
            return missing_error(missing, distro, evidence(output))


def _evidence(program: str, output: str) -> list[Row]:
    """Return a few lines that have content."""
    return rows_of(f"{program} said", (line.strip() for line in output.splitlines() if _TELLING.match(line)), WHOLE)


def _argv_words(package: PackageRef) -> tuple[str, ...]:
    """Return the words that stand for a package in the argv or the output of a manager; dnf drops a group's @."""
    return label(package), f"{package.name}={package.version}", package.name.removeprefix("@")
