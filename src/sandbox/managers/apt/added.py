"""Repositories and pins that are added to apt, as files of its own. Sources: sources.list(5), apt_preferences(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.digest import sha256
from sandbox.managers.added_repositories import (
    AddedFiles,
    AddedPin,
    AddedRepository,
    lines_of,
    pairs_of,
    rows_of,
    stem_of,
)
from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


CERTIFICATES: Final = """
[ -e /etc/ssl/certs/ca-certificates.crt ] || {
    apt-get update && apt-get install -y --no-install-recommends ca-certificates
}
""".strip()
"""Debian's and Ubuntu's images have none, and apt then trusts no server: `No system certificates available`."""
LINE: Final = re.compile(r"(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+\S+)*)")
OPTIONS: Final = {"arch": "Architectures", "lang": "Languages", "signed-by": "Signed-By", "trusted": "Trusted"}
"""The options of a line, as deb822 calls them (sources.list(5))."""


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


def read(setting: ConfigChange, keys: Mapping[str, bytes]) -> tuple[AddedRepository, ...] | None:
    """Return the repositories in a file of sources; None for what is more than lines or paragraphs of plain fields."""
    text, name = setting.text, stem_of(setting)
    if text is None or (setting.added and not setting.path.endswith(".list")):
        return None
    if setting.path.endswith(".list"):
        found = [_of_line(row) for row in rows_of(text)]
    else:
        found = [_of_paragraph(part) for part in re.split(r"\n[ \t]*\n", text) if rows_of(part)]
    rows = []
    for number, fields in enumerate(found, 1):
        if fields is None:
            return None
        key = fields.pop("Signed-By", "")
        content = f"{key}\n".encode() if "\n" in key else keys.get(key, b"")
        rows.append(
            AddedRepository(
                name=name if len(found) == 1 else f"{name}-{number}",
                fields=tuple(fields.items()),
                key=content,
                key_path="" if content else key,
            )
        )
    return tuple(rows) or None


def _of_line(row: str) -> dict[str, str] | None:
    found = LINE.fullmatch(row)
    options = pairs_of((found[2] or "").split(), "=") if found else None
    if found is None or options is None or not set(options) <= set(OPTIONS):
        return None
    named = {OPTIONS[name]: value.replace(",", " ") for name, value in options.items()}
    parts = {"Types": found[1], "URIs": found[3], "Suites": found[4], "Components": " ".join(found[5].split())}
    return {name: value for name, value in {**parts, **named}.items() if value}


def _of_paragraph(text: str) -> dict[str, str] | None:
    """Return the fields of a paragraph; a key within it has lines that begin with a blank, and a dot for an empty."""
    whole = re.sub(r"\n[ \t]+\.?", "\0", text)
    found = pairs_of([row for row in whole.splitlines() if row.strip() and not row.startswith("#")], ":")
    if found is None:
        return None
    return {name: value.replace("\0", "\n").strip() for name, value in found.items()}


def read_pins(setting: ConfigChange) -> tuple[AddedPin, ...] | None:
    """Return the pins in a file of preferences; None for what is more than paragraphs of the three fields."""
    rows = []
    for part in re.split(r"\n[ \t]*\n", setting.text or ""):
        found = pairs_of([row for row in rows_of(part) if not row.startswith("Explanation:")], ":")
        if not rows_of(part):
            continue
        if found is None or set(found) != {"Package", "Pin", "Pin-Priority"}:
            return None
        if not re.fullmatch("-?[0-9]{1,5}", found["Pin-Priority"]):
            return None
        rows.append(AddedPin(package=found["Package"], pin=found["Pin"], priority=int(found["Pin-Priority"])))
    return tuple(rows) or None
