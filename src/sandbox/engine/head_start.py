"""How to begin a container ahead: the requests of a session, without what is another's in each."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.engine.begun import UNKNOWN
from sandbox.engine.marks import fill


class Creation(NamedTuple):
    """A request that creates a container, as it is sent: `target` is its path and query, `body` JSON."""

    target: str
    body: str


class HeadStart(NamedTuple):
    """How to begin a container: the engine's URL, the path of its socket, the requests without a session's own words.

    `lifeline` is the target of the request that attaches, with `@id@` for the container. `about` is the engine's answer
    to /version and what the header of its answers says, as JSON in a line. `limits` is the stamp of the socket while
    the engine said that it can give all limits: where it has that still, the engine runs as then.
    """

    url: str
    path: str
    creation: Creation
    lifeline: str
    about: str = UNKNOWN
    limits: str = UNKNOWN

    def fill(self, *, name: str, session: str, owner: str) -> Creation:
        """Return the request for one session."""
        target, body = (fill(text, name=name, session=session, owner=owner) for text in self.creation)
        return Creation(target, body)
