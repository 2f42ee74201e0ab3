"""Repositories that are added to the managers of rpm's packages, as files of their own.

Sources: dnf.conf(5) (repository options), yum.conf(5), zypper(8), rpmkeys(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.added_repositories import AddedFiles, AddedRepository, KeyTrust, lines_of, pairs_of, rows_of
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS: Final = "/etc/pki/rpm-gpg"
TRUST: Final = KeyTrust(
    check="""rpm -qa --qf '%{VERSION}\\n' 'gpg-pubkey*' | grep -qi "$(printf %s "$2" | tail -c 8)\\$" """.strip(),
    do='rpm --import "$1"',
    undo="""rpm -e $(rpm -qa 'gpg-pubkey*' | grep -i -e "$(printf %s "$2" | tail -c 8)-") """.strip(),
)
"""rpm 4 calls a key by the last 8 digits of its fingerprint, rpm 6 by all of them."""
NO_PINS: Final = "set priority, includepkgs or excludepkgs of a repository, or ask for NAME=VERSION"
ZYPPER_NO_PINS: Final = "set priority of a repository, or ask for NAME=VERSION"
NOT_ZYPPERS: Final = frozenset(("cost", "excludepkgs", "includepkgs", "module_hotfixes", "metalink"))
NOT_DNFS: Final = frozenset(("autorefresh",))


def write_in(folder: str, repository: AddedRepository) -> AddedFiles:
    """Return the .repo file of a repository in a folder, and its key's; with -y dnf takes that key without asking."""
    name, key = repository.name, repository.key_path
    settings: list[ConfigChange] = []
    if repository.key:
        key = f"{KEYS}/RPM-GPG-KEY-{name}"
        settings.append(ConfigChange(kind="key", path=key, content=repository.key))
    usual = {"name": name, "enabled": "1", **({"gpgcheck": "1"} if key else {})}
    rows = {**usual, **dict(repository.fields), **({"gpgkey": f"file://{key}"} if key else {})}
    content = lines_of(f"[{name}]", *(f"{field}={value}" for field, value in rows.items()))
    settings.append(ConfigChange(kind="repository", path=f"{folder}/{name}.repo", content=content))
    return AddedFiles(settings=tuple(settings))


def write(repository: AddedRepository) -> AddedFiles:
    """Return the files of a repository for dnf and its relatives."""
    return write_in("/etc/yum.repos.d", repository)


def write_for_zypper(repository: AddedRepository) -> AddedFiles:
    """Return the files of a repository for zypper, which without a terminal trusts only keys that rpm has."""
    found = write_in("/etc/zypp/repos.d", repository)
    keys = [setting.path for setting in found.settings if setting.kind == "key"]
    named = tuple((path, repository.fingerprints[0]) for path in keys if repository.fingerprints)
    return AddedFiles(settings=found.settings, keys=named)


def read(setting: ConfigChange, keys: Mapping[str, bytes]) -> tuple[AddedRepository, ...] | None:
    """Return the repositories in a .repo file, without the names that are shown; None where a key is an address."""
    found: list[AddedRepository] = []
    for part in f"\n{setting.text or ''}".split("\n[")[1:]:
        name, _, rest = part.partition("]")
        fields = pairs_of(rows_of(rest), "=")
        if fields is None:
            return None
        fields.pop("name", None)
        key = fields.pop("gpgkey", "").removeprefix("file://")
        if key and not key.startswith("/"):
            return None
        content = keys.get(key, b"")
        found.append(
            AddedRepository(name=name, fields=tuple(fields.items()), key=content, key_path="" if content else key)
        )
    return tuple(found) or None
