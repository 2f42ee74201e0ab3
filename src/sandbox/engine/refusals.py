"""What an engine's refusal of a request means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS: Final[Mapping[int, type[errors.EngineError]]] = {
    401: errors.Denied,
    403: errors.Denied,
    404: errors.NotFound,
    409: errors.Conflict,
}
"""Our error for a status of HTTP."""


def refusal(doing: str, status: int, answer: bytes) -> errors.EngineError:
    """Return the error for an answer that is a refusal; `doing` is what was tried, as `start the container`."""
    try:
        said = " ".join(str(json.loads(answer)["message"]).split())
    except (ValueError, KeyError, TypeError):
        said = f"status {status}"
    return STATUS.get(status, errors.EngineError)(f"the engine could not {doing}", details=[("it said", said)])
