"""What apt-get and dpkg say when they fail, turned into our errors with their own words as evidence.

The patterns rest on what apt 2.2, 2.6, 3.0 and 3.3 printed (tests/unit/managers/recorded); EXPKEYSIG and "not valid
yet" on the wording of apt's sources, not on a recording. LC_ALL=C.UTF-8 keeps the words English.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed, UnknownPackage
from sandbox.managers.error_patterns import complaint, no_package, no_version, provided_by_others, rows_of, try_advice
from sandbox.managers.error_patterns import explain as explain_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "apt-get said"
PROVIDERS: Final = 5


FOREIGN: Final = "its index of {0} was asked for, too: none of that name is in it, or there is no such architecture"
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
        "the signature of the package index of {distro} can't be verified",
        Advice.sandbox("base", "build", "{option}"),
    ),
    complaint(
        "expired",
        r"^E: Release file for (\S+) is expired",
        "the package index of {distro} has expired: its mirror is behind, or this machine's clock is ahead",
        Advice.program("date", "-u"),
    ),
    complaint(
        "expired",
        r"^E: Release file for (\S+) is not valid yet",
        "the package index of {distro} is dated in the future: this machine's clock is behind",
        Advice.program("date", "-u"),
    ),
    complaint(
        "network",
        r"^E: Failed to fetch \S+ +(?:Temporary failure|Could not|.* happened) resolv(?:ing|e) '([^']+)'",
        "the sandbox can't resolve {0}: no network, or no name server that it can reach",
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
        "what the mirror of {distro} sent is not what its index promises: it is being updated, or damaged on the way",
        Advice.say("the same command in a few minutes; SANDBOX_MIRRORS=debian=URL names another mirror"),
    ),
    complaint(
        "mirror",
        r"^E: The repository '(\S+) [^']*' (?:does not have|no longer has) a Release file",
        "the mirror {0} has no {distro}",
        Advice.say("SANDBOX_MIRRORS=debian=URL names another mirror"),
    ),
    complaint(
        "mirror",
        r"^E: Failed to fetch (\S+\.deb) +404",
        "the package index of {distro} is older than its mirror: the archive is gone",
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "mirror",
        r"^E: Failed to fetch \S+/([^\s/]+) ",
        "{distro}'s mirror failed while {0} was fetched",
        Advice.sandbox("doctor"),
    ),
)
"""What is no fault of the packages, in the order in which it is looked for: a cause before what follows from it."""

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
        "held",
        r"^The following held packages will be changed:\n +([^\n]+)(?=\n)(?s:.*)^E: Held packages were changed",
        "{0} is held back in {distro}, and would have to change",
    ),
    complaint(
        "downgrade",
        r"^The following packages will be DOWNGRADED:\n +([^\n]+)(?=\n)(?s:.*)^E: Packages were downgraded",
        "{0} is newer in {distro}, and apt-get takes nothing back by itself",
    ),
    complaint(
        "conflict",
        r"^The following packages have unmet dependencies:\n ([^\s:]+)",
        "the packages can't be installed together in {distro}: {0} conflicts, or lacks what it depends on",
    ),
    complaint(
        "conflict",
        r"^E: Unable to (?:correct problems|satisfy dependencies)",
        "the packages can't be installed in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for what apt-get or dpkg said, or None where nothing of it is known."""
    return explain_by(
        failure.output,
        distro,
        machine=MACHINE,
        packages=PACKAGES,
        evidence=_evidence,
        own=partial(_own, failure.output, packages, distro),
        also=_alone(packages, distro),
    )


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    if UNKNOWN.search(output):
        return _unknown(output, packages, distro)
    if found := NO_VERSION.search(output):
        version, package = found.groups()
        return no_version(package, version, distro, _evidence(output), ask=("apt-cache", "madison", package))
    if found := NO_CANDIDATE.search(output):
        return _no_candidate(found[1], output, distro)
    return None


def _alone(packages: Sequence[PackageRef], distro: str) -> list[Advice]:
    """Return the commands that try each of a few packages without the others."""
    names = [package.name for package in packages if not package.source]
    return [try_advice(name, distro) for name in names[:2]] if len(names) > 1 else []


def _evidence(output: str) -> list[Row]:
    """Return apt's errors and dpkg's, the line that explains a dpkg error with it; a few of them."""
    kept: list[str] = []
    lines = output.splitlines()
    for before, line in zip(("", *lines), lines, strict=False):
        explains = before.startswith("dpkg: error processing") or before.endswith("unmet dependencies:")
        if (line.startswith(("E: ", "dpkg: error")) or explains) and line.strip() not in kept:
            kept.append(line.strip())
    return rows_of(SAID, kept)


def _unknown(output: str, packages: Sequence[PackageRef], distro: str) -> UnknownPackage:
    """Name all that are unknown; apt-get itself drops a trailing + from a name that it does not know."""
    said = dict.fromkeys(UNKNOWN.findall(output))
    asked = [package.name for package in packages]
    names = [name if name in asked else f"{name}+" if f"{name}+" in asked else name for name in said]
    foreign = sorted({arch for name in names if (arch := name.partition(":")[2])})
    details = [("architecture", FOREIGN.format(arch)) for arch in foreign]
    return no_package(names, distro, [*_evidence(output), *details])


def _no_candidate(package: str, output: str, distro: str) -> StepFailed:
    """Tell a virtual package, whose providers apt-get lists, from one that is only mentioned by others."""
    listed = re.search(
        rf"^Package {re.escape(package)} is a virtual package provided by:\n((?: +\S+.*\n)+)", output, re.MULTILINE
    )
    if listed is None:
        brief = f"{distro} mentions {package} but does not have it; contrib, non-free or another archive may"
        return StepFailed(brief, cause="unknown-package", details=_evidence(output))
    providers = tuple(dict.fromkeys(line.split()[0] for line in listed[1].splitlines()))
    shown = (*providers[:-1][: PROVIDERS - 1], providers[-1])  # the one that is proposed is among them
    rows = [*_evidence(output), ("provided by", ", ".join(shown))]
    return provided_by_others(package, providers[-1], distro, rows)
