"""Turns the error messages of apt-get and dpkg into our errors, with their own words as evidence.

The patterns rest on what apt 2.2, 2.6, 3.0 and 3.3 printed (tests/unit/managers/recorded); EXPKEYSIG and "not valid
yet" on the wording of apt's sources, not on a recording. LC_ALL=C.UTF-8 keeps the words English.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, Missing, StepFailed
from sandbox.managers.error_patterns import OLD_INDEX, WHOLE, Messages, complaint, rows_of, try_advice
from sandbox.managers.missing import in_order, missing_error, provided_by_others, virtual
from sandbox.managers.script_failures import lines_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "apt-get said"


FOREIGN: Final = "apt-get also looked for {0}: there is no package of that name in it, or no such architecture"
UNKNOWN: Final = re.compile(r"^E: Unable to locate package (\S+)", re.MULTILINE)
NO_CANDIDATE: Final = re.compile(r"^E: Package '([^']+)' has no installation candidate", re.MULTILINE)
NO_VERSION: Final = re.compile(r"^E: Version '([^']+)' for '([^']+)' was not found", re.MULTILINE)

MACHINE: Final = (
    complaint(
        "root", r"^E: Unable to acquire the dpkg frontend lock .*are you root\?", "apt-get needs root in {distro}"
    ),
    complaint(
        "lock",
        r"(?:^E: Unable to acquire the dpkg frontend lock|^E: Could not get lock (\S+))",
        "another program in the sandbox holds the lock of apt-get",
    ),
    complaint(
        "disk",
        r"^E: You don't have enough free space in (\S+)\.|No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "signature",
        r"EXPKEYSIG (?:\S+ )?(.*)|^E: .*(?:NO_PUBKEY|Missing key) (\w+)|^E: The repository '[^']+' is not signed",
        "the signature of {distro}'s package index can't be verified",
        Advice.sandbox("base", "build", "{option}"),
    ),
    complaint(
        "expired",
        r"^E: Release file for (\S+) is expired",
        "the package index of {distro} has expired: its mirror is out of date, or this machine's clock is wrong",
        Advice.program("date", "-u"),
    ),
    complaint(
        "expired",
        r"^E: Release file for (\S+) is not valid yet",
        "the package index of {distro} has a date in the future: this machine's clock is behind",
        Advice.program("date", "-u"),
    ),
    complaint(
        "network",
        r"^E: Failed to fetch \S+ +(?:Temporary failure|Could not|.* happened) resolv(?:ing|e) '([^']+)'",
        "the sandbox can't resolve {0}: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"^E: Failed to fetch \S+ +(?:Could not connect|Unable to connect|Cannot initiate the connection) to ([^\s:]+)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror",
        r"^E: Failed to fetch (\S+) +(?:Hash Sum mismatch|File has unexpected size)",
        "{distro}'s mirror sent a file that differs from its index: it is being updated, or the download was damaged",
        Advice.say("the same command in a few minutes; SANDBOX_MIRRORS=debian=URL sets another mirror"),
    ),
    complaint(
        "mirror",
        r"^E: The repository '(\S+) [^']*' (?:does not have|no longer has) a Release file",
        "the mirror {0} does not have {distro}",
        Advice.say("SANDBOX_MIRRORS=debian=URL sets another mirror"),
    ),
    complaint(
        "mirror",
        r"^E: Failed to fetch \S+/([^/\s]+\.deb) +404",
        "{distro}'s mirror has no {0} (404), which the package index names",
        OLD_INDEX,
    ),
    complaint(
        "mirror",
        r"^E: Failed to fetch \S+/([^\s/]+) ",
        "{distro}'s mirror failed to send {0}",
        Advice.sandbox("doctor"),
    ),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "script",
        r"^dpkg: error processing (?:package|archive) (?:/\S+/)?([a-z0-9][a-z0-9+.-]*)[^\n]*\(--unpack\)",
        "{0} could not be unpacked in {distro}",
    ),
    complaint(
        "script",
        r"^dpkg: error processing (?:package|archive) (?:/\S+/)?([a-z0-9][a-z0-9+.-]*)",
        "the installation script of {0} failed in {distro}",
    ),
    complaint(
        "script",
        r"^Errors were encountered while processing:\n +(?:/\S+/)?([a-z0-9][a-z0-9+.-]*)",
        "{0} could not be unpacked or set up in {distro}",
    ),
    complaint(
        "script",
        r"^E: Problem executing scripts DPkg::Post-Invoke '([^']*)",
        "all of it is installed in {distro}, but what apt-get is to run after dpkg failed: {0}",
        Advice.program("grep", "-r", "Invoke", "/etc/apt", before="in the sandbox, ", after=" shows where that stands"),
    ),
    complaint(
        "script",
        r"^E: Problem executing scripts (?:APT::Update|DPkg)::\S+ '([^']*)|^E: Failure running script (.+)",
        "what apt-get is to run beside its own work failed in {distro}: {0}",
        Advice.program("grep", "-r", "Invoke", "/etc/apt", before="in the sandbox, ", after=" shows where that stands"),
    ),
    complaint(
        "held",
        r"^The following held packages will be changed:\n +([^\n]+)(?=\n)(?s:.*)^E: Held packages were changed",
        "{0} is held back in {distro}, but the install needs to change it",
    ),
    complaint(
        "downgrade",
        r"^The following packages will be DOWNGRADED:\n +([^\n]+)(?=\n)(?s:.*)^E: Packages were downgraded",
        "{0} has a newer version in {distro}, and apt-get does not downgrade by itself",
    ),
    complaint(
        "unknown-version",
        r"^E: Release '[^']+' for '([^']+)' was not found",
        "the package sources of {distro} have no such release of {0}",
        Advice.sandbox("try", "{0}", "--distro", "{option}", after=", of the distro's own release"),
        Advice.sandbox("try", "--distro", "{option}", "--", "apt-cache", "policy", after=" shows the releases"),
    ),
    complaint(
        "conflict",
        r"^The following packages have unmet dependencies:\n ([^\s:]+)",
        "the packages can't be installed together in {distro}: {0} conflicts, or lacks a dependency",
    ),
    complaint(
        "conflict",
        r"^E: Unable to (?:correct problems|satisfy dependencies)",
        "the packages can't be installed in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of apt-get or dpkg, or None if none is known."""
    own = partial(_own, failure.output, packages, distro)
    return MESSAGES.explain(failure.output, distro, own=own, also=_alone(packages, distro))


def _script(output: str) -> list[str]:
    """Return the output of a package's script before dpkg reported its failure, or of a hook before apt-get did."""
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(r"dpkg: error processing |E: Problem executing scripts ")
_CHATTER: Final = re.compile(
    r"Setting up |Unpacking |Preparing to unpack |Processing triggers for |Selecting |Removing |\(Reading database"
    r"|Get:|Fetched |dpkg: |E: |Errors were | (?:installed|old|new) \S+ package "
)


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    missing = in_order(_missing(output, packages), packages)
    if not missing:
        return None
    rows = _evidence(output)
    foreign = sorted({arch for one in missing if (arch := one.name.partition(":")[2])})
    rows += [("architecture", FOREIGN.format(arch)) for arch in foreign]
    if len(missing) > 1:
        return missing_error(missing, distro, rows)
    one = missing[0]
    if one.is_virtual:
        return provided_by_others(one, distro, rows)
    ask = ("apt-cache", "madison", one.name)
    hints = [try_advice(one.name, distro), try_advice(one.name, distro, *ask)] if one.version else []
    return missing_error(missing, distro, rows, hints=hints)


def _missing(output: str, packages: Sequence[PackageRef]) -> Iterator[Missing]:
    """Yield packages that are unknown, lack the version, are virtual, or are only mentioned by others.

    apt-get itself drops a trailing + from a name that it does not know.
    """
    asked = [package.name for package in packages]
    for name in UNKNOWN.findall(output):
        yield Missing(name=name if name in asked or f"{name}+" not in asked else f"{name}+")
    for version, name in NO_VERSION.findall(output):
        own = virtual(name, _providers(name, output), own=f"{name}t64")
        yield Missing(name=name, version=version, near=() if own.is_tied else own.near[:1])
    for name in NO_CANDIDATE.findall(output):
        near = _providers(name, output)
        # when time_t became longer, Debian put t64 behind the names of libraries, which provide the old one
        yield virtual(name, near, own=f"{name}t64") if near else Missing(name=name, is_mentioned=True)


def _providers(package: str, output: str) -> tuple[str, ...]:
    """Return who provides a virtual package, as apt-get lists them: it takes none of several."""
    listed = re.search(
        rf"^Package {re.escape(package)} is a virtual package provided by:\n((?: +\S+.*\n)+)", output, re.MULTILINE
    )
    return tuple(dict.fromkeys(line.split()[0] for line in listed[1].splitlines())) if listed else ()


def _alone(packages: Sequence[PackageRef], distro: str) -> list[Advice]:
    """Return the commands that try each of a few packages without the others."""
    names = [package.name for package in packages if not package.source]
    return [try_advice(name, distro) for name in names[:2]] if len(names) > 1 else []


def _evidence(output: str) -> list[Row]:
    """Return apt's errors and dpkg's with the lines that explain them: which dependencies, and a solver's reasons."""
    return rows_of(SAID, _cause_lines(output.splitlines()), WHOLE)


def _cause_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines about the cause; a line that explains the one before begins with a blank."""
    explains = False
    for line in lines:
        if not line.startswith(" "):
            explains = line.startswith(("E: ", "dpkg: error")) or line.endswith("unmet dependencies:")
            explains = explains and not line.startswith("E: Couldn't find any package")
        if explains:
            yield line.rstrip()


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
