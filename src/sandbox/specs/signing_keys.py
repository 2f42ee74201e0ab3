"""Reads the keys of repositories from files beside a spec, and refuses repositories of which only one can be."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.errors import Problem
from sandbox.specs.kinds import InvalidValue, quote
from sandbox.specs.model import Repository
from sandbox.specs.public_keys import LARGEST_KEY, valid_key
from sandbox.specs.repository_fields import KEYS, key_format_problem, same_repository

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.specs.model import SigningKey
    from sandbox.specs.shapes import Reading

KIND: Final = "repositories"


def settle_repositories(items: tuple[object, ...], folder: Path, reading: Reading) -> tuple[object, ...]:
    """Return the repositories with the content of their keys' files, each once; what can't be is a problem.

    A key's file lies in the spec's folder, so that a spec of somebody else can't send another file of this host.
    """
    rows = tuple(item for item in items if isinstance(item, Repository))
    for number, other, why in same_repository(rows):
        _refuse(reading, f"{KIND}[{number}]", f"{why}: conflicts with {KIND}[{other}]")
    return tuple(dict.fromkeys(_with_key(row, number, folder, reading) for number, row in enumerate(rows)))


def _with_key(row: Repository, number: int, folder: Path, reading: Reading) -> Repository:
    if row.key is None or not row.key.file:
        return row
    found, problem = row, ""
    try:
        found = replace(row, key=replace(row.key, content=read_key(row.key, folder)))
        problem = key_format_problem(found)
    except InvalidValue as error:
        problem = str(error)
    if problem:
        _refuse(reading, f"{KIND}[{number}].{KEYS[row.format]}", problem)
    return found


def read_key(key: SigningKey, folder: Path) -> bytes:
    """Return the content of a key's file below a folder. Raises InvalidValue for one that is none, or elsewhere."""
    shown, path = quote(key.file), folder / key.file
    try:
        real = os.path.realpath(path)
        if not real.startswith(f"{os.path.realpath(folder)}/"):
            raise InvalidValue(f"{shown} leads out of the folder of the spec")
        with open(real, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InvalidValue(f"{shown} is not a regular file")
            data = file.read(LARGEST_KEY + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidValue):
            raise
        reason = (getattr(error, "strerror", None) or "not a path").lower()
        raise InvalidValue(f"the key {shown} can't be read: {reason}") from None
    return valid_key(data, f"the key {shown}")


def _refuse(reading: Reading, path: str, message: str) -> None:
    place = path
    while place and place not in reading.positions:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    source, line, column = reading.positions.get(place, (reading.source, 1, 1))
    reading.problems.append(Problem(source=source, line=line, column=column, path=path, message=message))
