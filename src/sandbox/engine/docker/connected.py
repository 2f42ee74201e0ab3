"""What every group of an engine's calls stands on: the SDK's client, and what the engine said of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.logins import Logins


class Connected:
    """An engine that has answered: `about` is its answer to /version, `logins` are those of its host's user."""

    def __init__(self, api: Any, about: Mapping[str, Any], logins: Logins) -> None:
        self._api = api
        self._about = about
        self._logins = logins
