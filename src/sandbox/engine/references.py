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
    name = without_tag(reference)
    if not names_registry(name):
        return f"{HUB}/{name}" if "/" in name else f"{HUB}/library/{name}"
    first, _, rest = name.partition("/")
    return f"{HUB}/{rest if '/' in rest else f'library/{rest}'}" if first in (HUB, f"index.{HUB}") else name


def without_tag(reference: str) -> str:
    """Return the name in a reference, without its tag and its digest."""
    name = reference.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def names_registry(reference: str) -> bool:
    """Return whether a reference holds a registry: a first part with a dot, a colon, or `localhost`."""
    first, slash, _ = reference.partition("/")
    return bool(slash) and (first == HERE or bool(set(".:") & set(first)))


def own_digest(reference: str, digests: Iterable[str]) -> str | None:
    """Return the digest that the registry of `reference` gave; None where its repository has none of these.

    An image that was pushed to another repository has a digest of that one alone.
    """
    name, _, wanted = reference.partition("@")
    given = [text.partition("@")[2] for text in digests if repository(text) == repository(name)]
    return wanted if wanted in given else next(iter(given), None)
