"""The rows that `try` shows: the banner before the shell, and what was removed after it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.human import names, size
from sandbox.errors import Advice, SandboxError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.errors import Row
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.lifecycle.removal import EngineObject, Removal
    from sandbox.provision.detach import Detached
    from sandbox.provision.run import Provisioned
    from sandbox.specs.model import Limits


def banner(
    state: Provisioned, ports: Sequence[Row], *, life: Life = "session", remote: Sequence[str] = ()
) -> tuple[Row, ...]:
    """Return the banner before the shell's first prompt; `remote` are the words of ssh to an engine elsewhere."""
    from sandbox.provision.run import FEW, versions

    noun = "new command" if len(state.commands) == 1 else "new commands"
    return (
        ("", ""),
        *([("  packages", names(versions(state), 12))] if len(state.asked) > FEW else []),
        *(row for port, place in ports for row in port_rows(port, place, remote=remote)),
        *([(f"  {noun}", names(state.commands))] if state.commands else []),
        ("  to leave", f"exit or Ctrl-D: {'everything is removed' if life == 'session' else 'it stops and stays'}"),
        ("  to install it on this host", "promote"),
        ("", ""),
    )


def absent_text(argv: Sequence[str], distro: str, brought: Sequence[str] = ()) -> str:
    """Return what to say where a command is not there: those that the packages `brought`, and who has it."""
    command = next(iter(argv), "")
    if not (distro and re.fullmatch(PROGRAM, command)):
        return ""
    came = f"  new commands   {names(tuple(brought))}\n" if brought else ""
    pad = " " * (len("new commands") - len("next")) if brought else ""
    return f"{came}  next{pad}   {advice_text(Advice.sandbox('search', '--command', command, '--distro', distro))}"


PROGRAM: Final = r"[A-Za-z0-9_.+\[][A-Za-z0-9_.+:@\[-]{0,99}"
"""The names of commands that `search --command` takes."""
FREE: Final = 1024
"""The first port that a user may open without privileges (ip(7), ip_unprivileged_port_start)."""


def port_rows(port: str, place: str, *, answer: str = "", remote: Sequence[str] = ()) -> tuple[Row, ...]:
    """Return where a published port is; on another host, by which ssh command it is reached from here."""
    if not remote:
        return (("  port", f"{port} is {place} on this host{answer}"),)
    said = ("  port", f"{port} is {place} on {remote[-1]}, where the engine is{answer}")
    address, _, number = place.rpartition(":")
    if port.endswith("/udp") or not number.isdecimal():
        return (said,)
    here = int(number) if int(number) >= FREE else int(number) + 8000
    there = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}.get(address, address)  # noqa: S104
    tunnel = shlex.join([remote[0], "-N", "-L", f"{here}:{there}:{number}", *remote[1:]])
    return (said, ("  from here", tunnel))


def removed_row(removal: Removal, images: Sequence[str] = ()) -> Row:
    """Return what was removed, with pulled `images`, and what the engine says is left."""
    none = "nothing else of this session is left" if removal.is_known else "it is unknown what else is left"
    if removal.kept:
        until = "until you remove it" if removal.expires is None else "until its time is up or you remove it"
        how = advice_text(Advice.sandbox("rm", removal.kept[0].name))
        return "kept", f"{' and '.join(map(object_name, removal.kept))}, {until}: {how}"
    left = f"not removed: {object_names(removal.left)}" if removal.left else none
    gone = (*map(object_name, removal.removed), *(f"base image {name}" for name in images))
    return "removed", f"{' and '.join(gone) or 'nothing'}; {left}"


def index_text(kept: int) -> str:
    """Return that a package index stays on this machine, in bytes, and how it is removed."""
    return f"package index, {size(kept)} ({advice_text(Advice.sandbox('clean', '--cache'))})"


def cache_text(cached: int, client: Sequence[str]) -> str:
    """Return what a build left in the engine's build cache, in bytes, and how its `client` removes it."""
    return f"build cache of the engine, {size(cached)} ({advice_text(Advice.program(*client, 'builder', 'prune'))})"


def object_name(found: EngineObject) -> str:
    """Return an object of the engine in words, such as `container brave-otter`."""
    match found.kind:
        case "build":
            return "the built image"
        case "task":
            return f"task {found.id[:12]} on node {found.node[:12]}"
        case _:
            return f"{found.kind} {found.name or found.id}".rstrip()


def object_names(found: Iterable[EngineObject]) -> str:
    """Return several in words."""
    return names(tuple(map(object_name, found)))


def running_rows(name: str, found: Detached, *, remote: Sequence[str] = ()) -> tuple[Row, ...]:
    """Return what a detached sandbox runs, its ports, and how to use it; `remote` as for `banner`."""
    service = f"{found.service.name}, as {found.service.path} says" if found.service else ""
    runs = service or shlex.join(found.command) or "no program of its own"
    ended = "it has ended" if found.status is None else f"it has ended with status {found.status}"
    return (
        ("", ""),
        ("  ran", f"{runs}; {ended}") if found.has_ended else ("  runs", runs),
        *(
            row
            for port, place in found.ports
            for row in port_rows(port, place, answer=_answer(port, found.answers), remote=remote)
        ),
        *([] if found.has_ended else [("  look in", advice_text(Advice.sandbox("enter", name)))]),
        ("  output", advice_text(Advice.sandbox("logs", name))),
        ("  to end it", advice_text(Advice.sandbox("rm", name))),
        ("", ""),
    )


def _answer(port: str, answers: Mapping[int, bool | None]) -> str:
    """Return why a port does not answer."""
    number = int(port.partition("/")[0])
    if number not in answers or answers[number]:
        return ""
    if answers[number] is None:
        return ", but no program listens there"
    return ", but the program there listens only on 127.0.0.1 inside the sandbox, so you can't reach it"


def memory_warning(limits: Limits) -> SandboxError:
    """Return the warning for a process that the kernel killed at the sandbox's memory limit."""
    message = f"the kernel killed a process: the sandbox reached its limit of {size(limits.memory)} of memory"
    return SandboxError(
        f"{message}; this limit is ours, not a fault of the package", hints=[Advice.again("--memory", "4G")]
    )
