"""What `sandbox promote` has written, read back: by the lines at its head, its JSON, or as a spec.

The head of every commented format names each package with its origin; what was pinned stands as NAME=VERSION below it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sandbox.core.yaml_nodes import items, line_of, pairs, root, text_of
from sandbox.specs.package_files.values import Family, Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEAD: Final = re.compile(r"\W*by sandbox \d\S*( in \S+)?, as:\W*")
_ROW: Final = re.compile(
    r'[\s#"]{2,}(?P<name>[^\s"]+)\s+(?P<version>\S*)\s*\((?P<origin>asked for|[^)]*by hand[^)]*)\)"?,?'
)
_ON: Final = re.compile(r"\W*(?:Installs|Brings) .* on (?P<label>[A-Za-z]+).*")
_FAMILIES: Final[dict[str, Family]] = {
    **dict.fromkeys(("debian", "ubuntu", "devuan", "kali"), "debian"),
    **dict.fromkeys(("fedora", "rocky", "almalinux", "centos", "rhel", "red", "oracle"), "fedora"),
    **dict.fromkeys(("arch", "manjaro"), "arch"),
    "alpine": "alpine",
    "gentoo": "gentoo",
    "void": "void",
}
_MANAGERS: Final[dict[str, Family]] = {
    "apt": "debian",
    "apk": "alpine",
    "dnf4": "fedora",
    "dnf5": "fedora",
    "yum": "fedora",
    "microdnf": "fedora",
    "pacman": "arch",
    "portage": "gentoo",
    "xbps": "void",
}


def is_promoted(text: str) -> bool:
    """Return whether the head of the text is one of ours."""
    return any(_HEAD.fullmatch(line) for line in text.splitlines()[:40])


def parse_promotion(text: str) -> Iterator[Found]:
    """Yield the packages that the head of a promotion names, pinned where the rest of it pins them."""
    lines = text.splitlines()
    family = _family_of(lines)
    start = next((number for number, line in enumerate(lines) if _HEAD.fullmatch(line)), len(lines))
    body = "\n".join(lines[start:])
    for number in range(start + 1, len(lines)):
        row = _ROW.fullmatch(lines[number])
        if row is None:
            break
        name, version = row["name"], row["version"]
        plain = name.partition(":")[2] or name
        is_pinned = bool(version) and re.search(
            rf"(?<![\w.-]){re.escape(plain)}={{1,2}}{re.escape(version)}(?![\w.])", body
        )
        yield entry(f"{name}={version}" if is_pinned else name, number + 1, "" if ":" in name else family)


def _family_of(lines: Sequence[str]) -> Family:
    label = next((found["label"].lower() for line in lines[:40] if (found := _ON.fullmatch(line))), "")
    return _FAMILIES.get(label, "")


def parse_json(text: str) -> Iterator[Found]:
    """Yield the packages of `promote --format json`."""
    value = json.loads(text)
    family = _MANAGERS.get(str(value.get("manager")), "")
    for package in value.get("packages", ()):
        name, source, pinned = str(package.get("name", "")), package.get("source"), package.get("pinned")
        line = text[: max(text.find(f'"name": {json.dumps(name)}'), 0)].count("\n") + 1
        whole = f"{source}:{name}" if source else name
        yield entry(f"{whole}={pinned}" if pinned else whole, line, "" if source else family)


def parse_spec(text: str) -> Iterator[Found]:
    """Yield the packages of a spec; `try --spec` reads all of it."""
    found = {key.value: value for key, value in pairs(root(text))}
    distro = (text_of(found.get("distro")) or "").partition(":")[0]
    family = _FAMILIES.get(distro, "")
    for key, value in pairs(root(text)):
        if key.value == "packages":
            for item in items(value):
                name = text_of(item) or ""
                yield entry(name, line_of(item), family)
        elif key.value != "distro":
            yield NotTaken(text=key.value, line=line_of(key), reason="it is a spec; use try --spec")
