"""Repositories that are added to pacman: a section in a file of its own, which pacman.conf includes, and a key.

Sources: pacman.conf(5), pacman-key(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.added_repositories import AddedFiles, AddedRepository, KeyTrust, lines_of, pairs_of, rows_of
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.pacman.drop_ins import BESIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

CONF: Final = "/etc/pacman.conf"
TRUST: Final = KeyTrust(
    check='pacman-key --finger "$2"',
    do="""
[ -e /etc/pacman.d/gnupg/trustdb.gpg ] || pacman-key --init
pacman-key --add "$1" && pacman-key --lsign-key "$2"
""".strip(),
    undo='pacman-key --delete "$2"',
)
NO_PINS: Final = "a repository comes before those behind it in pacman.conf, and has one version of each package"


def write(repository: AddedRepository) -> AddedFiles:
    """Return the files of a repository, and the step that lets pacman trust its key."""
    name = repository.name
    rows = [f"{field} = {value}" for field, value in repository.fields]
    section = ConfigChange(kind="repository", path=f"{BESIDE}/{name}.conf", content=lines_of(f"[{name}]", *rows))
    include = ConfigChange(kind="repository", path=CONF, content=lines_of(f"Include = {section.path}"), added=True)
    if not repository.key:
        return AddedFiles(settings=(section, include))
    path = f"/etc/pacman.d/keys/{name}.{'asc' if repository.is_armored else 'gpg'}"
    key = ConfigChange(kind="key", path=path, content=repository.key)
    return AddedFiles(settings=(key, section, include), keys=tuple((path, word) for word in repository.fingerprints))


def read(setting: ConfigChange, keys: Mapping[str, bytes]) -> tuple[AddedRepository, ...] | None:
    """Return the repository in a file beside pacman.conf, with its key; the line that includes it goes with it."""
    rows = rows_of(setting.text or "")
    if setting.added:
        return () if all(row.startswith(f"Include = {BESIDE}/") for row in rows) else None
    fields = pairs_of(rows[1:], "=")
    if not rows or fields is None or not rows[0].startswith("["):
        return None
    name = rows[0].strip("[]")
    content = next((data for path, data in keys.items() if path.rpartition("/")[2].rpartition(".")[0] == name), b"")
    return (AddedRepository(name=name, fields=tuple(fields.items()), key=content),)
