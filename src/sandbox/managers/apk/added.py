"""Repositories that are added to apk, as files of their own. Sources: apk-repositories(5), apk-keys(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.managers.added_repositories import AddedFiles, AddedRepository, lines_of, rows_of, stem_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(repository: AddedRepository) -> AddedFiles:
    """Return the line of a repository in a file of its own, and its key under the name that signatures give it."""
    settings: list[ConfigChange] = []
    if repository.key:
        path = f"/etc/apk/keys/{repository.key_name}"
        settings.append(ConfigChange(kind="key", path=path, content=repository.key))
    tag = f"@{repository.field('tag')} " if repository.field("tag") else ""
    path = f"/etc/apk/repositories.d/{repository.name}.list"
    settings.append(ConfigChange(kind="repository", path=path, content=lines_of(f"{tag}{repository.field('url')}")))
    return AddedFiles(settings=tuple(settings))


def read(setting: ConfigChange, keys: Mapping[str, bytes]) -> tuple[AddedRepository, ...] | None:
    """Return the repositories in a file of them; the first has the key that came with them, where there is one."""
    found = []
    for number, row in enumerate(rows_of(setting.text or ""), 1):
        parts = re.fullmatch(r"(?:@(\S+)\s+)?(\S+)", row)
        if parts is None or len(keys) > 1:
            return None
        fields = {"url": parts[2], **({"tag": parts[1]} if parts[1] else {})}
        path, content = next(iter(keys.items()), ("", b"")) if number == 1 else ("", b"")
        fields |= {"key-name": path.rpartition("/")[2]} if path else {}
        name = stem_of(setting) or f"added-{number}"
        found.append(
            AddedRepository(name=name if number == 1 else f"{name}-{number}", fields=tuple(fields.items()), key=content)
        )
    return tuple(found) or None
