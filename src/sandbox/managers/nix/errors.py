"""Turns the error messages of nix into our errors, with its own words as evidence.

The patterns rest on what nix 2.26.3 printed (tests/unit/managers/recorded/nix); those of caches, of signatures and of
what nixpkgs refuses to evaluate on the wording of their sources, not on a recording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, StepFailed
from sandbox.managers.error_patterns import Messages, complaint, option, rows_of
from sandbox.managers.missing import no_package, no_version
from sandbox.managers.script_failures import lines_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row
    from sandbox.managers.protocol import Failure, PackageRef

SAID: Final = "nix said"

UNKNOWN: Final = re.compile(r"error: attribute '[^']+' in selection path '([^']+)' not found")
NO_PACKAGE: Final = re.compile(r"^ *error: no package ([A-Za-z0-9_.-]+)$", re.MULTILINE)
NO_VERSION: Final = re.compile(r"^ *error: no version (\S+) of ([A-Za-z0-9_.-]+)$", re.MULTILINE)
REFUSED: Final = re.compile(
    r"Package [\u2018'\"]([^\u2019'\"]+)[\u2019'\"] in [^\n]*?((?:has an? |is )[^\n]*?),? refusing to evaluate"
)

MACHINE: Final = (
    complaint(
        "disk",
        r"No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
        Advice.sandbox("clean", "--cache"),
    ),
    complaint(
        "network",
        r"unable to download '([^']+)': (?:Couldn't|Could not) resolve host",
        "the sandbox can't resolve the host of {0}: it has no network, or can't reach a name server",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "network",
        r"unable to download '([^']+)': [^\n]*(?:[Cc]onnect|[Tt]imeout|SSL|certificate)",
        "the sandbox can't connect to {0}",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "mirror", r"unable to download '([^']+)'", "could not download {0} for {distro}", Advice.sandbox("doctor")
    ),
    complaint(
        "signature",
        r"lacks a (?:valid )?signature|hash mismatch",
        "the signature or checksum of a download for {distro} can't be verified",
    ),
    complaint(
        "mirror",
        r"file '(nixpkgs)' was not found in the Nix search path",
        "{distro} has no channel {0}, so its packages are unknown",
        Advice.sandbox("doctor"),
    ),
    complaint(
        "other",
        r"profile '([^']+)' is incompatible with 'nix-env'",
        "nix profile changed the profile {0}, so nix-env can no longer use it",
        Advice.say("nix profile install -f '<nixpkgs>' NAME, in the sandbox"),
    ),
    complaint("root", r"error: [^\n]*'/nix/[^\n]*Permission denied", "nix may not write to its store in {distro}"),
)
"""Problems that the packages do not cause, in the order of the search: a cause before its consequences."""

PACKAGES: Final = (
    complaint(
        "conflict",
        r"conflict for the following files:\s+/nix/store/\w{32}-([^'/\s]+)"
        r"|packages '/nix/store/\w{32}-([^'/]+)[^']*' and '/nix/store/[^']+' have the same priority",
        "the packages can't be installed together in {distro}: {0} has a file that another one has too",
    ),
    complaint(
        "script",
        r"(?:builder for|[Cc]annot build) '/nix/store/\w{32}-([^']+)\.drv'",
        "the build of {0} failed in {distro}",
    ),
    complaint(
        "unknown-package",
        r"expression does not evaluate to a derivation",
        "that name is not a package in {distro}",
    ),
)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of nix, or None if none is known."""
    output = failure.output
    own = _own(output, packages, distro)
    return own or MESSAGES.explain(output, distro)


def _script(output: str) -> list[str]:
    """Return a builder's output before its failure."""
    return lines_before(output, _FRAME, _CHATTER)


_FRAME: Final = re.compile(r"error: (?:builder for|[Cc]annot build)")
_CHATTER: Final = re.compile(r"building '|copying path |these \d+|this derivation|  /nix/store|error:")


def _own(output: str, packages: Sequence[PackageRef], distro: str) -> StepFailed | None:
    if found := UNKNOWN.search(output) or NO_PACKAGE.search(output):
        return no_package([found[1]], distro, _evidence(output))
    if found := NO_VERSION.search(output):
        why = ": a channel may have one, or several under other names"
        return no_version(found[2], found[1], distro, _evidence(output), why=why)
    if found := REFUSED.search(output):
        return _refusal(found[1], found[2], packages, distro)
    return None


def _evidence(output: str) -> list[Row]:
    """Return the lines of nix's errors, each once; a few of them, and what a builder said before it failed."""
    lines = [line.strip() for line in output.splitlines()]
    kept = [
        line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith(("error:", "warning:")) or after.startswith("error: builder for")
    ]
    return rows_of(SAID, (line for line in kept if line != "error:"))


def _refusal(derivation: str, why: str, packages: Sequence[PackageRef], distro: str) -> StepFailed:
    """Say why nixpkgs refuses; what is unfree can be had by who accepts its licence, in words of their own."""
    hints = []
    if "unfree" in why and packages:
        argv = ("env", "NIXPKGS_ALLOW_UNFREE=1", "nix-env", "-f", "<nixpkgs>", "-iA", packages[0].name)
        hints = [Advice.sandbox("try", "--distro", option(distro), "--", *argv)]
    return StepFailed(
        f"{distro} holds {derivation} back: it {why}",
        cause="withheld",
        details=[(SAID, f"Package {derivation} {why}, refusing to evaluate")],
        hints=hints,
    )


MESSAGES: Final = Messages(machine=MACHINE, packages=PACKAGES, evidence=_evidence, script=_script)
