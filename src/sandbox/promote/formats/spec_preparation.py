"""What a promotion sets before its packages, as a spec's keys: repositories, pins, architectures, answers, commands.

A file that says more than the keys can is written by a command of `before`, as it is.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sandbox.core.openpgp import armor
from sandbox.core.yamltext import dump
from sandbox.errors import SpecError
from sandbox.managers.registry import data_of
from sandbox.promote.formats.config_commands import valid_settings, valid_steps, write_setting_argv
from sandbox.specs.load import load_spec
from sandbox.specs.repository_fields import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.managers.added_repositories import AddedPin, AddedRepository, RepositoryWriter
    from sandbox.managers.config_files import ConfigChange
    from sandbox.promote.formats.base import Promotion
    from sandbox.specs.model import RepositoryFormat

    Rows = list[dict[str, str]]


def preparation_lines(promotion: Promotion) -> Iterator[str]:
    """Yield the keys, each where there is something for it. Raises UsageError for what no manager has."""
    settings, writer = valid_settings(promotion), data_of(promotion.target.manager).added
    repositories, pins, rest = _of_settings(settings, None if isinstance(writer, str) else writer)
    steps = [step for step, row in valid_steps(promotion) if row.early]
    yield from _key("repositories", repositories)
    yield from _key("pins", pins)
    yield from _key("architectures", [step.words[0] for step in steps if step.kind == "architecture"])
    yield from _key("answers", [_answer(step.words) for step in steps if step.kind == "answer"])
    loose = {row.path for row in rest}
    trusted = [
        f"{shlex.join(row.check)} >/dev/null 2>&1 || {shlex.join(row.do)}"
        for step, row in valid_steps(promotion)
        if step.kind == "key" and step.words[0] in loose
    ]
    yield from _key("before", [*(shlex.join(write_setting_argv(row)) for row in rest), *trusted, *promotion.before])


def _key(key: str, rows: Rows | list[str]) -> Iterator[str]:
    if rows:
        yield dump({key: rows}).rstrip("\n")


def _answer(words: tuple[str, ...]) -> dict[str, str]:
    """Return an answer as the spec has it; the first of the owners of a question will do."""
    owner, question, kind, value = words
    return {"package": owner.partition(", ")[0], "question": question, "type": kind, "value": value}


def _of_settings(
    settings: tuple[ConfigChange, ...], writer: RepositoryWriter | None
) -> tuple[Rows, Rows, tuple[ConfigChange, ...]]:
    """Return the repositories and pins that files of settings hold, and the files that hold something else."""
    keys = {row.path: row.content for row in settings if row.kind == "key" and not row.added}
    repositories: Rows = []
    pins: Rows = []
    taken: set[ConfigChange] = set()
    used: set[bytes] = set()
    for setting in settings if writer else ():
        if writer and setting.kind == "pin" and (found := _pins(writer.read_pins(setting))):
            pins += found
            taken.add(setting)
        elif writer and setting.kind == "repository" and (read := writer.read(setting, keys)) is not None:
            rows = [_row(row, writer.format) for row in read]
            if _is_valid("repositories", [*repositories, *rows]):
                repositories += rows
                taken.add(setting)
                used.update(row.key for row in read)
    taken.update(row for row in settings if row.kind == "key" and row.content in used)
    return repositories, pins, tuple(row for row in settings if row not in taken)


def _row(row: AddedRepository, form: str) -> dict[str, str]:
    field = next((field for known, field in _key_fields().items() if known == form), "key")
    key = {field: _key_text(row)} if row.key or row.key_path else {}
    return {"name": row.name, **dict(row.fields), **key}


def _key_fields() -> Mapping[RepositoryFormat, str]:
    return KEYS


def _key_text(row: AddedRepository) -> str:
    if not row.key:
        return row.key_path
    try:
        text = row.key.decode()
    except UnicodeDecodeError:
        return armor(row.key)
    return text if text.lstrip().startswith(("-----BEGIN", "<?xml")) else armor(row.key)


def _pins(found: tuple[AddedPin, ...] | None) -> Rows:
    rows = [{"Package": row.package, "Pin": row.pin, "Pin-Priority": str(row.priority)} for row in found or ()]
    return rows if _is_valid("pins", rows) else []


def _is_valid(key: str, rows: Rows) -> bool:
    """Return whether a spec may hold these: what is refused there is left as it is."""
    try:
        load_spec(dump({key: rows}).encode(), source="promotion")
    except SpecError:
        return False
    return True
