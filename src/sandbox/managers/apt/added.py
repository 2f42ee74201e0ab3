"""Repositories and pins that are added to apt, as files of its own. Sources: sources.list(5), apt_preferences(5)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sandbox.managers.added_repositories import AddedFiles, lines_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.added_repositories import AddedPin, AddedRepository


def write(repository: AddedRepository) -> AddedFiles:
    """Return the deb822 file of a repository, and its key's: apt before 2.4 takes none within it."""
    name = repository.name
    key = repository.key_path
    settings: list[ConfigChange] = []
    if repository.key:
        key = f"/etc/apt/keyrings/{name}.{'asc' if repository.is_armored else 'gpg'}"  # apt goes by the suffix
        settings.append(ConfigChange(kind="key", path=key, content=repository.key))
    rows = {"Types": "deb", **dict(repository.fields), **({"Signed-By": key} if key else {})}
    content = lines_of(*(f"{field}: {value}" for field, value in rows.items()))
    settings.append(ConfigChange(kind="repository", path=f"/etc/apt/sources.list.d/{name}.sources", content=content))
    return AddedFiles(settings=tuple(settings))


def pins(rows: Sequence[AddedPin]) -> ConfigChange:
    """Return the file of pins, a paragraph each; its name is that of its content, so that two have two files."""
    paragraphs = [
        lines_of(f"Package: {row.package}", f"Pin: {row.pin}", f"Pin-Priority: {row.priority}") for row in rows
    ]
    content = b"\n".join(paragraphs)
    path = f"/etc/apt/preferences.d/pins-{sha256(content).hexdigest()[:8]}.pref"
    return ConfigChange(kind="pin", path=path, content=content)
