"""Errors of a spec's own repositories: which of them failed, and what of it the spec says otherwise."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, StepFailed
from sandbox.specs.public_keys import public_keys_of
from sandbox.specs.repository_fields import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.core.openpgp import PublicKey
    from sandbox.specs.model import Repository


def of_repository(error: StepFailed, rows: Sequence[Repository], output: str) -> StepFailed:
    """Return the error as one of the repository that the output names, else the error as it is."""
    row = next((row for row in rows if _is_named(row, output)), None)
    if row is None or error.cause not in ("signature", "expired", "mirror"):
        return error
    details = [*error.details, ("address", plain_line(row.url, 200)), *_key_rows(row)]
    if error.cause == "mirror":
        brief = f"the repository {row.name} has no index for this distro at its address, or it is damaged"
        return StepFailed(
            brief, cause=error.cause, details=details, hints=[Advice.sandbox("schema", "--doc", "repositories")]
        )
    hints = [
        Advice.say(f"set {KEYS[row.format]} to the key that its owner publishes today"),
        Advice.program("gpg", "--show-keys", "FILE", after=" shows the fingerprint of a key"),
    ]
    return StepFailed(_reason(row), cause="signature", details=details, hints=hints)


def _is_named(row: Repository, output: str) -> bool:
    """Return whether an error names a repository: by its address, of apt's with the release, or by its name."""
    places = [re.sub(r"^[a-z]+://", "", url).partition("$")[0].rstrip("/") for url in row.url.split()]
    suites = row.field("Suites").split()
    if suites:
        found = (
            re.search(rf"{re.escape(place)}/? {re.escape(suite)} ", output) for place in places for suite in suites
        )
        return any(found)
    named = rf"""['"\[ :]{re.escape(row.name)}(?:\.db)?['":\] .]"""
    return any(place in output for place in places) or re.search(named, output) is not None


def _reason(row: Repository) -> str:
    expired = [key.expires for key in _keys(row) if key.expires and key.expires < time.time()]
    if expired:
        day = time.strftime("%Y-%m-%d", time.gmtime(max(expired)))
        return f"the key of the repository {row.name} expired on {day}"
    if row.key and row.key.path:
        return f"{row.key.path} in the sandbox does not sign the repository {row.name}"
    if row.key:
        return f"the key in the spec does not sign the repository {row.name}"
    return f"no key that the sandbox trusts signs the repository {row.name}: set {KEYS[row.format]}"


def _keys(row: Repository) -> tuple[PublicKey, ...]:
    return public_keys_of(row.key) if row.key else ()


def _key_rows(row: Repository) -> list[tuple[str, str]]:
    return [("key", key.fingerprint) for key in _keys(row)]
