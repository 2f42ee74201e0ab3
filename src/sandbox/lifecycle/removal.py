"""The result of a removal, as values: the engine's objects by kind, name and id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.errors import SandboxError

ObjectKind = Literal["container", "image", "build", "service", "config", "task", "node", "definition", "log stream"]
"""build: an image that a session built. task and node: objects of a swarm; task, definition and log stream: of ECS."""


class EngineObject(Struct, frozen=True, kw_only=True):
    """An object that an engine, or a swarm, has or had. `name` and `id` are empty where they are unknown.

    `node`: the id of the swarm's machine that runs it.
    """

    kind: ObjectKind
    name: str = ""
    id: str = ""
    node: str = ""


class Removal(Struct, frozen=True, kw_only=True):
    """What the engine answered after the cleanup: what went, what of this session it still knows, what failed.

    `is_known`: it has answered what it still knows.
    `kept` is what stays because it was asked to, until `expires`, an epoch, where it was given a time.
    """

    removed: tuple[EngineObject, ...]
    left: tuple[EngineObject, ...]
    failures: tuple[SandboxError, ...]
    is_known: bool = True
    kept: tuple[EngineObject, ...] = ()
    expires: int | None = None
