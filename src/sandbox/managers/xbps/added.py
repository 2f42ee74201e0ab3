"""Repositories that are added to xbps, as files of their own. Source: xbps.d(5), xbps-install(1). Never run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.managers.added_repositories import AddedFiles, lines_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from sandbox.managers.added_repositories import AddedRepository


def write(repository: AddedRepository) -> AddedFiles:
    """Return the file of a repository, and its key as xbps stores it: by its fingerprint."""
    settings: list[ConfigChange] = []
    if repository.key:
        path = f"/var/db/xbps/keys/{repository.key_name}"
        settings.append(ConfigChange(kind="key", path=path, content=repository.key))
    content = lines_of(f"repository={repository.field('repository')}")
    settings.append(ConfigChange(kind="repository", path=f"/etc/xbps.d/{repository.name}.conf", content=content))
    return AddedFiles(settings=tuple(settings))
