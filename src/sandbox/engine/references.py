"""Names of images: the repository of a reference, with its registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

HUB: Final = "docker.io"
"""The default registry (https://pkg.go.dev/github.com/distribution/reference, familiar names)."""
HERE: Final = "localhost"
"""Podman's prefix for images that were made locally."""


def repository(reference: str) -> str:
    """Return the repository of a reference with its registry, and with `library` if the hub's name leaves that out."""
    name = reference.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    name = head if colon and "/" not in tag else name
    first, slash, rest = name.partition("/")
    if not slash or not (first == HERE or set(".:") & set(first)):
        return f"{HUB}/{name}" if slash else f"{HUB}/library/{name}"
    return f"{HUB}/{rest if '/' in rest else f'library/{rest}'}" if first in (HUB, f"index.{HUB}") else name


def own_digest(reference: str, digests: Iterable[str]) -> str | None:
    """Return the digest that the registry of `reference` gave; None where its repository has none of these.

    An image that was pushed to another repository has a digest of that one alone.
    """
    name, _, wanted = reference.partition("@")
    given = [text.partition("@")[2] for text in digests if repository(text) == repository(name)]
    return wanted if wanted in given else next(iter(given), None)
