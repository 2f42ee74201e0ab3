"""What a host with apt is: its packages, sources, public keys and pins, as its own manager and its files say.

Sources: sources.list(5), apt_preferences(5), apt_auth.conf(5), apt-secure(8), dpkg-query(1). Nothing is changed.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.human import names
from sandbox.errors import Advice, UsageError
from sandbox.managers.host_settings import plain_text, public_key_file, refusal_of_source
from sandbox.managers.host_state import HostFile, HostPackage, HostState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.managers.protocol import Runner

PLACES: Final = {
    "LIST": "Dir::Etc::sourcelist/f",
    "PARTS": "Dir::Etc::sourceparts/d",
    "KEY": "Dir::Etc::trusted/f",
    "KEYS": "Dir::Etc::trustedparts/d",
    "PIN": "Dir::Etc::preferences/f",
    "PINS": "Dir::Etc::preferencesparts/d",
    "AUTH": "Dir::Etc::netrc/f",
    "AUTHS": "Dir::Etc::netrcparts/d",
    "RELEASE": "APT::Default-Release",
}
PACKAGES: Final = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n"
FEW: Final = 5
_FIELD: Final = re.compile(r"(?im)^uris:((?:.*\n(?:[ \t].*\n)*))")
_SIGNED: Final = re.compile(r"(?im)^signed-by:[ \t]*(\S[^\n]*)?$|\[[^\]]*signed-by=([^\s\]]+)")
_ONE_LINE: Final = re.compile(r"deb(?:-src)?[ \t]+(?:\[[^\]]*\][ \t]+)?(\S+)[ \t]+\S")


def read_host(run: Runner, root: Path = Path("/")) -> HostState:
    """Return a host's state; `run` asks its manager, and its files are below `root`.

    Raise UsageError where it does not answer.
    """
    status, out, err = run(("dpkg-query", "-W", "-f", PACKAGES), {})
    native = run(("dpkg", "--print-architecture"), {})[1].strip()
    if status or not native or not out:
        message = "dpkg on this host did not say which packages it has"
        raise UsageError(
            message, details=[("it said", err or f"exit status {status}")], hints=[Advice.program("dpkg-query", "-W")]
        )
    manual = frozenset(run(("apt-mark", "showmanual"), {})[1].split())
    held = frozenset(run(("apt-mark", "showhold"), {})[1].split())
    packages, left = _packages(out.splitlines(), native, manual, held)
    records = _records(run(("dpkg-query", "-s"), {})[1], native)
    packages = tuple(replace(row, record=records.get((row.name, row.version), "")) for row in packages)
    places = _places(run, root)
    files, reasons = _files(places, root)
    return HostState(packages=packages, files=files, left_out=(*reasons, *left), release=places.get("RELEASE", ""))


def _packages(
    rows: Iterable[str], native: str, manual: frozenset[str], held: frozenset[str]
) -> tuple[tuple[HostPackage, ...], tuple[str, ...]]:
    """Return the packages, and what is said of those that are not taken."""
    found, foreign, halves = list[HostPackage](), list[str](), list[str]()
    for row in rows:
        state, name, version, architecture = (*row.split("\t"), "", "", "", "")[:4]
        if state[1:2] in ("n", "c"):
            continue
        if architecture not in (native, "all"):
            foreign.append(f"{name}:{architecture}")
        elif state[1:2] not in "iWt":
            halves.append(name)
        else:
            found.append(HostPackage(name=name, version=version, is_manual=name in manual, is_held=name in held))
    said = [("of another architecture", foreign), ("not whole on this host", halves)]
    return tuple(found), tuple(f"{names(tuple(sorted(rows)), FEW)}: {why}" for why, rows in said if rows)


def _records(text: str, native: str) -> dict[tuple[str, str], str]:
    """Return what dpkg's books say of packages, by name and version; lines alone, whatever is between them."""
    found = dict[tuple[str, str], str]()
    for part in re.split(r"(?m)^(?=Package: )", text):
        rows = [line for line in part.splitlines() if re.match(r"[A-Za-z-]+:| \S", line)]
        fields = dict(row.split(": ", 1) for row in rows if ": " in row and not row.startswith(" "))
        if "Package" in fields and "Version" in fields and fields.get("Architecture") in (native, "all"):
            found[fields["Package"], fields["Version"]] = "\n".join(rows)
    return found


def _places(run: Runner, root: Path) -> dict[str, str]:
    """Return where apt on the host has its settings, below `root`, and the release that it prefers."""
    words = [word for pair in PLACES.items() for word in pair]
    rows = run(("apt-config", "shell", *words), {})[1].splitlines()
    pairs = (row.partition("=") for row in rows)
    found = {name: "".join(shlex.split(value)[:1]) for name, _, value in pairs}
    return {name: str(root / value.lstrip("/")) if value[:1] == "/" else value for name, value in found.items()}


def _files(places: Mapping[str, str], root: Path) -> tuple[tuple[HostFile, ...], tuple[str, ...]]:
    """Return the files to write in a sandbox, and what of the host's is left out, with the reason."""
    left = list[str]()
    sources = [*_sources(places, left)]
    keys = dict.fromkeys(path for file in sources for path in _key_paths(file.content.decode()))
    trusted = [path for path in _in(places, "KEY", "KEYS") if path.suffix in (".gpg", ".asc")]
    rows = [
        *((root / path[1:], path) for path in keys),
        *((path, f"/etc/apt/trusted.gpg.d/{path.name}") for path in trusted),
    ]
    found = [file for path, target in rows if (file := public_key_file(path, target, left))]
    pins = [
        HostFile(
            path="/etc/apt/preferences"
            if path == Path(places.get("PIN", ""))
            else f"/etc/apt/preferences.d/{path.name}",
            content=plain_text(path, left).encode(),
        )
        for path in _in(places, "PIN", "PINS")
    ]
    left += [f"{path}: passwords stay on this host" for path in _in(places, "AUTH", "AUTHS")]
    return (*found, *pins, *sources), tuple(dict.fromkeys(left))


def _in(places: Mapping[str, str], file: str, folder: str) -> list[Path]:
    """Return the files that apt reads of a place, those of its folder in order."""
    try:
        parts = sorted(Path(places[folder]).iterdir()) if places.get(folder) else []
    except OSError:
        parts = []
    one = [Path(places[file])] if places.get(file) else []
    return [path for path in (*one, *parts) if path.is_file() and re.fullmatch(r"[\w.-]+", path.name)]


def _sources(places: Mapping[str, str], left: list[str]) -> Iterator[HostFile]:
    """Yield the lists of sources that name public places."""
    for path in _in(places, "LIST", "PARTS"):
        if path.suffix not in (".list", ".sources"):
            continue
        is_lines = path.suffix == ".list"
        text = plain_text(path, left)
        parts = [row for row in text.splitlines() if row.strip()] if is_lines else re.split(r"\n(?:[ \t]*\n)+", text)
        kept = []
        for part in (part.strip("\n") for part in parts if part.strip()):
            reason = (
                "it holds a secret key" if "PRIVATE KEY" in part else refusal_of_source(_urls(part, is_lines=is_lines))
            )
            if reason:
                left.append(f"a source in {path}: {reason}")
            else:
                kept.append(part)
        if kept:
            name = (
                "/etc/apt/sources.list"
                if path == Path(places.get("LIST", ""))
                else f"/etc/apt/sources.list.d/{path.name}"
            )
            yield HostFile(path=name, content=(("\n" if is_lines else "\n\n").join(kept) + "\n").encode())


def _urls(part: str, *, is_lines: bool) -> list[str]:
    if is_lines:
        found = _ONE_LINE.match(part.strip())
        return [found[1]] if found else []
    return [word for row in _FIELD.findall(f"{part}\n") for word in row.split()]


def _key_paths(text: str) -> Iterator[str]:
    for found in _SIGNED.finditer(text):
        for word in re.split(r"[\s,]+", found[1] or found[2] or ""):
            if re.fullmatch(r"/[\w@+./:-]+", word) and ".." not in word.split("/"):
                yield word
