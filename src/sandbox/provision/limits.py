"""Limits that an engine can't apply: a warning, or an error if the user asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import names
from sandbox.errors import Advice, EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.engine.protocol import Engine, EngineInfo
    from sandbox.specs.model import Limits

WORDS: Final[Mapping[str, str]] = {"memory": "memory", "swap": "swap", "cpus": "cores", "pids": "processes"}
OPTIONS: Final[Mapping[str, str]] = {"memory": "--memory", "cpus": "--cpus", "pids": "--pids"}
KEYS: Final[Mapping[str, str]] = {name: f"limits.{name}" for name in OPTIONS}


def check_limits(engine: Engine, limits: Limits | None) -> None:
    """Raise EngineError for a limit that the user asked for and the engine would ignore."""
    if limits is None or not limits.named:
        return
    about = engine.about()
    lost = tuple(name for name in limits.named if name in about.lacks)
    if lost:
        message = f"{engine.title} can't limit a sandbox's {words(lost)}, as you asked"
        keys = " and ".join(KEYS[name] for name in lost)
        options = (OPTIONS[name] for name in lost)
        hints = [Advice.without(*options, after=f", or its spec without {keys}"), Advice.sandbox("doctor")]
        raise EngineError(message, details=[("engine", engine_line(about))], hints=hints)


def limits_warning(engine: Engine) -> EngineError | None:
    """Return the warning for a sandbox with fewer limits than it should have, or None."""
    about, said = engine.about(), engine.discarded
    lost = tuple(name for name in about.lacks if name in OPTIONS)
    if lost:
        message = f"{engine.title} can't limit a sandbox's {words(lost)}: it may use all that its host has"
        return EngineError(message, details=[("engine", engine_line(about))], hints=[Advice.sandbox("doctor")])
    if said:
        message = "the engine did not apply all limits of the sandbox"
        return EngineError(message, details=[("it said", text) for text in said], hints=[Advice.sandbox("doctor")])
    return None


def words(lost: Sequence[str]) -> str:
    """Return limits in words, such as `memory, cores and processes`."""
    return names(tuple(WORDS[name] for name in lost))


def engine_line(about: EngineInfo) -> str:
    """Return the facts that decide which limits an engine can apply."""
    return f"{about.name} {about.version}{', rootless' if about.rootless else ''}, cgroups by {about.cgroup}"
