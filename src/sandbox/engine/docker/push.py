"""Pushes an image: a name of the registry for a while, and the digest that it is known by there."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import docker.errors

from sandbox.core.plaintext import plain_line
from sandbox.engine.docker.errors import translate_errors
from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping


def push_image(api: Any, source: str, reference: str, *, login: Mapping[str, str]) -> str:
    """Push an image as `reference`, and return its digest there. Raises EngineError."""
    name, _, tag = reference.rpartition(":")
    with translate_errors(f"push {source}"):
        known = api.inspect_image(source).get("RepoDigests") or ()
        api.tag(source, name, tag)
        names = [reference]
        try:
            digest = _digest(api.push(name, tag=tag, auth_config=dict(login), stream=True), reference)
            # The engine notes the digest as a name of its own, which the tag's removal leaves. It goes first: after a
            # kill, the tag is what it is found by.
            names = [*(one for one in [f"{name}@{digest}"] if one not in known), reference]
            return digest
        finally:
            for one in names:
                with suppress(docker.errors.APIError):
                    api.remove_image(one, noprune=True)


def _digest(chunks: Any, reference: str) -> str:
    """Return the digest that a push tells; the lines of its progress may come several in a chunk, or in parts."""
    for line in b"".join(chunks).splitlines():
        event = json.loads(line) if line.strip() else {}
        if "error" in event:
            details = [("the registry said", plain_line(str(event["error"]), 200))]
            raise EngineError(f"could not push {reference}", details=details)
        if digest := (event.get("aux") or {}).get("Digest"):
            return str(digest)
    raise EngineError(f"the push of {reference} ended without a digest")
