"""What of this host a spec names that is not there, or is of another kind: told before anything is made."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, Problem, SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.specs.model import Mount, Spec
    from sandbox.specs.shapes import Position

OPTIONS: Final = {"mounts": "--mount", "copies": "--copy", "devices": "--device", "dockerfile": "--dockerfile"}


def check_host_paths(spec: Spec, positions: Mapping[str, Position], *, is_here: bool, elsewhere: str = "") -> None:
    """Raise SpecError, or UsageError for what was typed, with each path of this host that a sandbox can't have.

    `is_here`: whether the engine has the files and devices of this host; a Dockerfile is read here by us. `elsewhere`:
    the engine's host where it is another one: a folder of this one would be another folder there, or none.
    """
    found = tuple(_problems(spec, is_here=is_here, elsewhere=elsewhere))
    written = [(positions[path], path, text) for path, text in found if path in positions]
    if written:
        raise SpecError(
            written[0][0][0],
            [
                Problem(source=file, line=line, column=column, path=path, message=text)
                for (file, line, column), path, text in written
            ],
        )
    typed = [(OPTIONS[path.partition("[")[0]], text) for path, text in found]
    hints = [_copy_advice(mount) for mount in spec.mounts if elsewhere or _refusal(mount)]
    if len(typed) == 1:
        raise UsageError(f"{typed[0][0]}: {typed[0][1]}", hints=hints)
    if typed:
        message = f"a sandbox can use only what exists on {elsewhere or 'this host'}"
        raise UsageError(message, details=typed, hints=hints)


def _copy_advice(mount: Mount) -> Advice:
    words = ("--copy", f"{mount.source}:{mount.target}")
    return Advice.again(*words, after=" instead of --mount: nothing is copied back")


def _problems(spec: Spec, *, is_here: bool, elsewhere: str) -> Iterator[tuple[str, str]]:
    """Yield the path in the document of each, and what is wrong with it."""
    if spec.dockerfile is not None and (problem := _problem(spec.dockerfile, "a file")):
        yield "dockerfile", problem
    for index, copy in enumerate(spec.copies):
        if problem := _problem(copy.source, "a file or a folder"):
            yield f"copies[{index}]", problem
    for index, mount in enumerate(spec.mounts if elsewhere else ()):
        if os.path.lexists(mount.source):
            path = plain_line(mount.source, 200)
            yield f"mounts[{index}]", f"{path} is on this host, and the engine is on {elsewhere}, which can't mount it"
    for index, mount in enumerate(spec.mounts):
        if problem := (_problem(mount.source) if is_here else "") or _refusal(mount):
            yield f"mounts[{index}]", problem
    for index, device in enumerate(spec.devices if is_here else ()):
        if problem := _problem(device, "a device"):
            yield f"devices[{index}]", problem


def _refusal(mount: Mount) -> str:
    """Return why engines can't mount it: they separate what they take as text by `:`."""
    if not mount.only_as_text or ":" not in mount.source + mount.target:
        return ""
    path = mount.source if ":" in mount.source else mount.target
    return f'engines can\'t mount a path with a ":" and {mount.only_as_text[0]}: {plain_line(path, 200)}'


def _problem(path: str, expected: str = "") -> str:
    """Return what is wrong with a path; one that our user may not look at is left to the engine, which may be root."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - Path.stat is the same, and Path costs an import
    except (FileNotFoundError, NotADirectoryError):
        where = "is a dead link" if os.path.islink(path) else "does not exist on this host"  # noqa: PTH114 - as above
        return f"{plain_line(path, 200)} {where}"
    except OSError:
        return ""
    fits = {
        "a file or a folder": stat.S_ISREG(mode) or stat.S_ISDIR(mode),
        "a file": not stat.S_ISDIR(mode),
        "a device": stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISDIR(mode),
    }
    return "" if fits.get(expected, True) else f"{plain_line(path, 200)} is not {expected}"
