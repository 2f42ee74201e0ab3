"""Pulls an image: layer events become progress, failures get a cause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.protocol import PullProgress
from sandbox.errors import Advice, PullFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE: Final = frozenset({"Pull complete", "Already exists", "Download complete"})

CAUSES: Final[tuple[tuple[str, str], ...]] = (
    (r"no space left", "the engine's disk is full"),
    (r"toomanyrequests|too many requests|rate limit|\b429\b", "the registry's rate limit is reached"),
    (r"matching manifest|no image found in|platform", "there is no image for this architecture"),
    (r"x509|certificate", "the engine does not trust the registry's certificate"),
    (
        r"gave HTTP response to HTTPS|does not look like a TLS",
        "the registry speaks plain HTTP, which the engine has to allow",
    ),
    (r"manifest.*(unknown|not found)|not found: manifest|no such image", "the registry does not have this tag"),
    (
        # The containerd store of Docker 28 says `failed to resolve` of a missing tag and of a missing repository alike.
        r"name.*(unknown|not known)|failed to resolve.*: not found",
        "the registry has no such tag or repository",
    ),
    (
        r"unauthorized|authentication required|no basic auth|access.*denied|denied:|\b403\b",
        "the registry needs a login, or has no such repository",
    ),
    (
        r"unexpected EOF|verification failed|failed size validation|unexpected commit digest|short read|does not match",
        "the registry broke off the download, or sent wrong data",
    ),
    (r"\b50\d\b|service unavailable|bad gateway|internal server error", "the registry fails at the moment"),
    (
        r"no such host|dial tcp|refused|timeout|temporary failure|unreachable|handshake|lookup|reset by peer|EOF",
        "the registry can't be reached",
    ),
)
"""Messages of engines and registries, and the cause of each; the first match counts."""
PLACE: Final = re.compile(r"(https?://|\blookup )[^\s\"]+")
"""What an engine names in it: its words are the user's, or a protocol's, and no cause (`/v2/web/manifests/1`)."""


def cause(said: str, reference: str = "") -> str:
    """Return the cause of a failed pull of `reference`, in plain words."""
    said = PLACE.sub(r"\1", said.replace(reference, "") if reference else said)
    for pattern, words in CAUSES:
        if re.search(pattern, said, re.IGNORECASE):
            return words
    return "the engine could not pull the image"


def pull_error(reference: str, said: str, client: tuple[str, ...] = ("docker",)) -> PullFailed:
    """Return the error of a failed pull; `client` is the command line of the program that logs in to a registry."""
    text = " ".join(said.split())
    why = cause(text, reference)
    wants_login = "login" in why and "/" in reference
    hints = [Advice.program(*client, "login", reference.partition("/")[0])] if wants_login else []
    return PullFailed(f"could not pull {reference}: {why}", details=[("engine said", text)], hints=hints)


class Layers:
    """The state of a pull, updated by the engine's events (POST /images/create)."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int, bool]] = {}

    def feed(self, event: Mapping[str, Any]) -> PullProgress | None:
        """Process an event; return the total state, or None if it is not about a layer."""
        layer, status = str(event.get("id") or ""), str(event.get("status") or "")
        if not re.fullmatch(r"[0-9a-f]{12}", layer):
            return None
        detail = event.get("progressDetail") or {}
        done, total, finished = self._layers.get(layer, (0, 0, False))
        if status == "Downloading":
            done, total = int(detail.get("current") or 0), int(detail.get("total") or 0)
        if status in DONE:
            done, finished = total, status != "Download complete"
        self._layers[layer] = (done, total, finished)
        return self._sum(status)

    def _sum(self, status: str) -> PullProgress:
        rows = self._layers.values()
        return PullProgress(
            done=sum(row[0] for row in rows),
            total=sum(row[1] for row in rows),
            layers=len(rows),
            layers_done=sum(row[2] for row in rows),
            status=status,
        )
