"""Repositories that are added to apk, as files of their own. Sources: apk-repositories(5), apk-keys(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.managers.added_repositories import AddedFiles, lines_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from sandbox.managers.added_repositories import AddedRepository


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
