"""Repositories that are added to xbps, as files of their own. Source: xbps.d(5), xbps-install(1). Never run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.managers.added_repositories import AddedFiles, AddedRepository, lines_of, pairs_of, rows_of, stem_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(repository: AddedRepository) -> AddedFiles:
    """Return the file of a repository, and its key as xbps stores it: by its fingerprint."""
    settings: list[ConfigChange] = []
    if repository.key:
        path = f"/var/db/xbps/keys/{repository.key_name}"
        settings.append(ConfigChange(kind="key", path=path, content=repository.key))
    content = lines_of(f"repository={repository.field('repository')}")
    settings.append(ConfigChange(kind="repository", path=f"/etc/xbps.d/{repository.name}.conf", content=content))
    return AddedFiles(settings=tuple(settings))


def read(setting: ConfigChange, keys: Mapping[str, bytes]) -> tuple[AddedRepository, ...] | None:
    """Return the repository in a file of one, with the key that came with it, where there is one."""
    fields = pairs_of(rows_of(setting.text or ""), "=")
    if not fields or set(fields) != {"repository"} or len(keys) > 1:
        return None
    path, content = next(iter(keys.items()), ("", b""))
    fields |= {"key-name": path.rpartition("/")[2]} if path else {}
    return (AddedRepository(name=stem_of(setting), fields=tuple(fields.items()), key=content),)
