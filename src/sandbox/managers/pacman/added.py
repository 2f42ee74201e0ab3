"""Repositories that are added to pacman: a section in a file of its own, which pacman.conf includes, and a key.

Sources: pacman.conf(5), pacman-key(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.added_repositories import AddedFiles, KeyTrust, lines_of
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.pacman.drop_ins import BESIDE

if TYPE_CHECKING:
    from sandbox.managers.added_repositories import AddedRepository

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
