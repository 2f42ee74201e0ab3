"""The base of every group of engine calls: the SDK's client, and the engine's description of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.logins import Logins


class Connected:
    """A connected engine: `about` is its answer to /version, `logins` and `environ` belong to the host's user."""

    def __init__(self, api: Any, about: Mapping[str, Any], logins: Logins, environ: Mapping[str, str]) -> None:
        self._api = api
        self._about = about
        self._logins = logins
        self._environ = environ
