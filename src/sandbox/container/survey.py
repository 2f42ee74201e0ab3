"""A look at a running sandbox from inside: one command of a few hundredths of a second, in sh, cat and wc alone.

The engine's own ways are slower by far: its list of changes walks the whole file system (0.5 s for a fresh Debian on
overlay2), each file read through its archives costs it a process (0.1 s).
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import ROOT
from sandbox.container.packages import LARGEST, Probe, probe, stamps
from sandbox.core.programs import program
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import EngineError, StepFailed
from sandbox.managers.protocol import LISTING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.container.ahead import CommandAhead
    from sandbox.container.box import Box
    from sandbox.managers.protocol import Manager, Query


NOT_RUN: Final = 127
LIMIT: Final = 120.0
"""Seconds that it may take: by now a package may have replaced its programs."""


class Survey(Struct, frozen=True, kw_only=True):
    """The packages, the names of the commands on the PATH, and of the files that the packages asked for own.

    `is_whole`: whether the sandbox still had what shows all of that; else the packages are what can be read without it.
    """

    probe: Probe
    commands: frozenset[str]
    owned: frozenset[str] = frozenset()
    is_whole: bool = True


def survey(
    box: Box,
    manager: Manager,
    *,
    path: str,
    remove: str = "",
    files: Query[str] | None = None,
    may_fail: bool = False,
    ahead: CommandAhead | None = None,
) -> Survey:
    """Return what is there now; `remove` is a file of ours that goes with it, `files` asks for those of interest.

    Where the sandbox has no sh, cat or wc to do it any more, or they say nothing, the packages alone are read from
    outside, and it is not whole. Of managers that can't be read from there none are known, where it `may_fail`, else
    StepFailed is raised. `ahead` may have its command, opened before its turn.
    """
    argv = survey_argv(manager, path=path, remove=remove, files=files)
    try:
        waiting = ahead.take(survey_spec(argv)) if ahead else None
        status, output = box.read(argv, limit=LARGEST, seconds=LIMIT, ahead=waiting)
    except EngineError:
        status, output = NOT_RUN, b""
    return survey_of(box, manager, status, output, files=files, may_fail=may_fail)


def survey_of(
    box: Box, manager: Manager, status: int, output: bytes, *, files: Query[str] | None = None, may_fail: bool = False
) -> Survey:
    """Return what is there by the command's exit status and output; else, and raises, as `survey`."""
    if not status and (found := whole_survey(box, manager, output, files=files)) is not None:
        return found
    if manager.listing and not may_fail:
        message = "could not read what is installed in the sandbox"
        raise StepFailed(message, details=[("exit status", str(status))])
    return _survey_without_programs(box, manager)


def whole_survey(box: Box, manager: Manager, output: bytes, *, files: Query[str] | None = None) -> Survey | None:
    """Return what is there by the command's output, None where that is not all of it. Raises as `stamp` does."""
    if b"\0" not in output or LISTING not in (parts := parse(output))[1]:
        return None
    commands, contents, listed = parts
    found = Probe(packages=manager.parse_packages(contents), stamps=stamps(box, manager))
    owned = frozenset(map(basename, files.parse(listed.decode(errors="replace")) if files else ()))
    return Survey(probe=found, commands=frozenset(commands), owned=owned)


def survey_spec(argv: tuple[str, ...]) -> ExecSpec:
    """Return the command of a look, for one that is opened ahead."""
    return ExecSpec(argv=argv, env={}, user=ROOT)


def survey_argv(manager: Manager, *, path: str, remove: str = "", files: Query[str] | None = None) -> tuple[str, ...]:
    """Return the command that prints what `parse` reads: the commands on `path`, the database, what `files` asks."""
    folders = " ".join(folder for folder in path.split(":") if folder.startswith("/"))
    return (
        "/bin/sh",
        "-c",
        program(__package__, "survey.sh"),
        "sh",
        remove,
        folders,
        " ".join(manager.database),
        manager.listing,
        *(files.argv if files else ()),
    )


def _survey_without_programs(box: Box, manager: Manager) -> Survey:
    """Return what the engine alone can tell, without any program of the sandbox."""
    if manager.listing:
        none = Probe(packages=(), stamps=stamps(box, manager))
        return Survey(probe=none, commands=frozenset(), is_whole=False)
    return Survey(probe=probe(box, manager), commands=frozenset(), is_whole=False)


def parse(output: bytes) -> tuple[tuple[str, ...], dict[str, bytes], bytes]:
    """Return the commands, the files' contents by path, and the listing from the script's output."""
    names, rest = _commands(output)
    contents: dict[str, bytes] = {}
    head = b""
    while rest:
        head, _, rest = rest.partition(b"\0")
        size, _, path = head.partition(b" ")
        if not size.isdigit() or len(rest) < int(size):
            break
        contents[path.decode(errors="replace")] = rest[: int(size)]
        rest = rest[int(size) :]
    if head == LISTING.encode():
        contents[LISTING], _, rest = rest.partition(b"\0")
        rest = rest.removeprefix(b"files\0")
    return names, contents, rest


def _commands(output: bytes) -> tuple[tuple[str, ...], bytes]:
    if output.startswith(b"\0"):
        return (), output[1:]
    listed, _, rest = output.partition(b"\0\0")
    return tuple(name.decode(errors="replace") for name in listed.split(b"\0")), rest


def new_names(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    """Return the commands that are new, sorted."""
    return tuple(sorted(set(after) - set(before)))
