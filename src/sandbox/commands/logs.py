"""`sandbox logs`: the output of a sandbox's PID 1, which runs its command or service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.container.output import LineSplitter
from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.listing import find_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine


def logs(engine: Engine, owner: Owner, name: str, *, follow: bool, tail: int | None, plain: bool) -> Iterator[bytes]:
    """Yield the output as it comes; with `plain`, for a terminal, without escape sequences and whole lines only.

    Raises UsageError for a throwaway sandbox, which has no log.
    """
    box = find_sandbox(engine, owner, name)
    if box.life == "session":
        message = f"{name} is a throwaway sandbox and has no log: its output went to its terminal"
        raise UsageError(message, hints=[Advice.sandbox("try", "...", "--detach")])
    pieces = engine.logs(box.id, follow=follow, tail=tail)
    return _plain(pieces) if plain else pieces


def _plain(pieces: Iterator[bytes]) -> Iterator[bytes]:
    lines = LineSplitter()
    for piece in pieces:
        yield from (f"{line}\n".encode() for line in lines.feed(piece))
    yield from (f"{line}\n".encode() for line in lines.end())
