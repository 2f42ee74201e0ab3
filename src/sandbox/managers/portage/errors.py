"""Turns the error messages of emerge and emerge-webrsync into our errors, with their own words as evidence.

The patterns rest on what portage 3.0.83 printed (tests/unit/managers/recorded/portage); those of a full disk and of a
binary package's signature on the wording of portage's sources, not on a recording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed
from sandbox.managers.error_patterns import Messages, complaint, rows_of, try_advice
from sandbox.managers.missing import no_package, no_version
from sandbox.managers.portage.names import CATEGORY, FULL_VERSION, VERSION
from sandbox.managers.script_failures import lines_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "emerge said"
CANDIDATES: Final = 6

UNKNOWN: Final = re.compile(
    r'^emerge: there are no (?:ebuilds|binary packages)(?: built with USE flags)? to satisfy "([^"]+)"', re.MULTILINE
)
NEEDED_BY: Final = re.compile(r'^\(dependency required by "([^"]+)" \[(?!argument)', re.MULTILINE)
UNKNOWN_NAME: Final = "emerge: searching for similar names"
"""Printed if no package has that name, but not if only the version or the slot is missing."""
AMBIGUOUS: Final = re.compile(r'^!!! The short ebuild name "([^"]+)" is ambiguous', re.MULTILINE)
_QUALIFIED: Final = re.compile(rf"^ +({CATEGORY}/[A-Za-z0-9+_-]+)$", re.MULTILINE)
MASKED: Final = re.compile(r'^All (?:ebuilds|binary packages)[^\n]* satisfy "([^"]+)" have been masked', re.MULTILINE)
_REASON: Final = re.compile(r"^- (\S+) \(masked by: ([^\n]+)\)", re.MULTILINE)

MACHINE: Final = (
    complaint("root", r"^emerge: superuser access is required", "emerge needs root in {distro}"),
    complaint(
        "disk",
        r"No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "signature",
        r"signature verification failed|(?:InvalidSignature|MissingSignature|GnuPG verification failed)",
        "the signature of a download for {distro} can't be verified",
    ),
    complaint(
        "network",
        r"^wget: unable to resolve host address .(\S+?).$|^rsync: [^\n]*(?:service not known|Temporary failure)",
        "the sandbox can't resolve its mirror: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"failed: (?:Connection refused|Connection timed out|Network is unreachable)|^rsync: [^\n]*Connection refused",
        "the sandbox can't connect to the mirror of {distro}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror",
        r"^!!! Your current profile is invalid",
        "{distro} has no tree of ebuilds, or its profile is not in the tree",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror",
        r"Fetched file: (\S+) VERIFY FAILED!",
        "{distro}'s mirror sent a file for {0} that differs from its tree",
        Advice.say("the same command in a few minutes"),
    ),
    complaint(
        "mirror",
        r"^(?: \* |!!! )(?:Fetch failed for|Couldn't download) '([^']+)'",
        "could not download {0} for {distro}",
    ),
    complaint("mirror", r"^rsync error: |snapshot was not found", "could not download the tree of {distro}"),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "script",
        rf"^ \* ERROR: {CATEGORY}/(\S+)::\S+ failed \([^)]+ phase\)|^>>> Failed to emerge {CATEGORY}/([^\s,]+)",
        "the build of {0} failed in {distro}",
    ),
    complaint(
        "conflict",
        rf"^\[blocks B[^\]]*\] [^\s(]+ \(\"[^\"]+\" is (?:hard|soft) blocking {CATEGORY}/([^)]+)\)",
        "{0} can't be installed in {distro}: it conflicts with an installed package or with another new one",
    ),
    complaint(
        "conflict",
        r'^!!! The ebuild selected to satisfy "([^"]+)" has unmet requirements',
        "{0} needs other USE flags in {distro}; only you can choose them",
    ),
    complaint(
        "conflict",
        r"^!!! Multiple package instances within a single package slot[\s\S]*?^([^\s(]+/[^\s:]+:\S+)$",
        "the packages can't be installed together in {distro}: they need different versions of {0}",
    ),
    complaint(
        "conflict", r"^ \* Error: circular dependencies", "packages depend on each other in a circle in {distro}"
    ),
    complaint(
        "conflict",
        r"^ \* Error: The above package list contains packages which cannot be",
        "the packages can't be installed together in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of emerge, or None if none is known."""
    output = failure.output
    return _own(output, distro) or MESSAGES.explain(output, distro)


def _script(output: str) -> list[str]:
    """Return the output of a build or script before portage reported its failure."""
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(r"^ ?\* ERROR: .* failed \(")
_CHATTER: Final = re.compile(r">>> | ?\* ")


def _own(output: str, distro: str) -> StepFailed | None:
    if found := AMBIGUOUS.search(output):
        return _ambiguous(found[1], output, distro)
    if found := UNKNOWN.search(output):
        return _unknown(found[1], output, distro)
    if found := MASKED.search(output):
        return _mask_error(found[1], output, distro)
    return None


_TELLING: Final = re.compile(
    r"^(?:!!! |emerge: |- |wget: |rsync|\(dependency| \* ERROR| \*   |\[blocks| {4}exactly|.*No space)"
)
_NOISE: Final = re.compile(r"binrepos\.conf is missing|Section '|Invalid Repository Location|searching for similar")


def _evidence(output: str) -> list[Row]:
    """Return a few lines that have content, each once."""
    telling = (line.strip() for line in output.splitlines() if _TELLING.match(line) and not _NOISE.search(line))
    return rows_of(SAID, telling)


def _short(text: str) -> tuple[str, str | None]:
    """Return the name and the version of an atom as `=app-lab/lab-tool-9.9` or `lab-tool:3`."""
    if not text.startswith("="):
        return text.partition(":")[0].lstrip("<>~"), None
    bare = text[1:].partition(":")[0]
    if found := FULL_VERSION.fullmatch(bare if "/" in bare else f"x/{bare}"):
        return found[1] if "/" in bare else found[1].removeprefix("x/"), found[2]
    return bare, None


def _unknown(atom: str, output: str, distro: str) -> StepFailed:
    """Tell a name that the tree lacks from a version, a slot or a repository of one that it has."""
    package, version = _short(atom)
    if needing := NEEDED_BY.search(output):
        brief = f"{needing[1].partition('::')[0]} needs {package}, which {distro} does not have"
        return StepFailed(brief, cause="conflict", details=_evidence(output))
    if (version is None and ":" not in atom) or UNKNOWN_NAME in output:
        return no_package([package], distro, _evidence(output))
    if version:
        return no_version(package, version, distro, _evidence(output))
    return StepFailed(
        f"{distro} has no slot or repository {atom[len(package) :]} of {package}",
        cause="unknown-version",
        details=_evidence(output),
        hints=[try_advice(package, distro)],
    )


def _ambiguous(name: str, output: str, distro: str) -> StepFailed:
    """Name those that the short name may mean, each with its category."""
    short, version = _short(name)
    found = dict.fromkeys(_QUALIFIED.findall(output))
    candidates = [name for name in found if name.rpartition("/")[2] == short.rpartition("/")[2]][:CANDIDATES]
    pin = f"={version}" if version and VERSION.fullmatch(version) else ""
    return StepFailed(
        f"{distro} has several packages named {short}; add the category",
        cause="unknown-package",
        details=[("nearest", ", ".join(candidates))] if candidates else _evidence(output),
        hints=[try_advice(f"{candidate}{pin}", distro) for candidate in candidates[:2]],
    )


def _mask_error(atom: str, output: str, distro: str) -> StepFailed:
    """Say by what the candidates are held back."""
    package, _ = _short(atom)
    reasons = tuple(_REASON.findall(output))
    why = _join(reason for _, reason in reasons)
    brief = f"{distro} holds {package} back: masked by {why}" if why else f"{distro} holds {package} back: it is masked"
    rows = [(candidate.partition("::")[0], f"masked by {reason}") for candidate, reason in reasons[:CANDIDATES]]
    return StepFailed(brief, cause="withheld", details=rows or _evidence(output))


def _join(reasons: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(part for reason in reasons for part in reason.split(", ")))


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
