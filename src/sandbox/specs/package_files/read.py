"""Reading a file that names packages: its size and kind are checked, its format is recognised by name and content."""

from __future__ import annotations

import os
import re
import stat
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.unreadable import unreadable_file
from sandbox.core.yaml_nodes import YamlError
from sandbox.errors import Advice, UsageError
from sandbox.specs.package_files.brewfile import parse_brewfile
from sandbox.specs.package_files.dockerfile import parse_dockerfile
from sandbox.specs.package_files.machine_files import (
    json_with_comments,
    parse_ansible,
    parse_cloud_init,
    parse_devcontainer,
    parse_package_json,
)
from sandbox.specs.package_files.plain_lists import (
    is_apk_info,
    is_apt_list,
    is_dpkg_list,
    is_nevra,
    is_pacman,
    is_portage_world,
    is_selections,
    is_xbps,
    parse_apk_info,
    parse_apk_world,
    parse_apt_list,
    parse_aptfile,
    parse_dpkg_list,
    parse_names,
    parse_nevra,
    parse_pacman,
    parse_portage_world,
    parse_selections,
    parse_xbps,
)
from sandbox.specs.package_files.promoted import is_promoted, parse_json, parse_promotion, parse_spec
from sandbox.specs.package_files.python_files import parse_environment, parse_pylock, parse_requirements
from sandbox.specs.package_files.values import Entry, Found, NotTaken, PackageFile, Parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MAX_BYTES: Final = 1_000_000
STDIN: Final = "-"

KINDS: Final[Mapping[str, Parse]] = {
    "names": parse_names,
    "dpkg": parse_selections,
    "dpkg-l": parse_dpkg_list,
    "apt-list": parse_apt_list,
    "pacman-q": parse_pacman,
    "apk-info": parse_apk_info,
    "apk-world": parse_apk_world,
    "portage-world": parse_portage_world,
    "dnf": parse_nevra,
    "xbps": parse_xbps,
    "aptfile": parse_aptfile,
    "brewfile": parse_brewfile,
    "requirements": parse_requirements,
    "pylock": parse_pylock,
    "environment": parse_environment,
    "package-json": parse_package_json,
    "devcontainer": parse_devcontainer,
    "cloud-init": parse_cloud_init,
    "ansible": parse_ansible,
    "dockerfile": parse_dockerfile,
    "promoted": parse_promotion,
    "promoted-json": parse_json,
    "spec": parse_spec,
}
"""The formats, by the name that --from KIND:FILE takes."""

_BY_NAME: Final = (
    (r"aptfile", "aptfile"),
    (r"brewfile", "brewfile"),
    (r"(.*[.-])?requirements([.-].*)?\.(txt|in)", "requirements"),
    (r"pylock(\..*)?\.toml", "pylock"),
    (r"environment\.ya?ml", "environment"),
    (r"package\.json", "package-json"),
    (r"\.?devcontainer\.json", "devcontainer"),
    (r"(.*\.)?(dockerfile|containerfile)(\..*)?", "dockerfile"),
)

_BY_LINE: Final = (
    (r"(?i)\A\s*(ARG\s.*\n\s*)*FROM\s+\S", "dockerfile"),
    (r"^-\s+(hosts|name|import_playbook|tasks|become)\s*:", "ansible"),
    (r"^dependencies\s*:", "environment"),
    (r"^packages\s*:", "spec"),
    (r"^lock-version\s*=", "pylock"),
    (r"^\s*(brew|tap|cask)\s+[\"']", "brewfile"),
    (r"^:repo:", "aptfile"),
    (r"^[A-Za-z0-9._-]+(\[.*\])?\s*(==|~=|>=|<=|!=)\s*\d|^-r\s|^--(hash|index-url|extra-index-url)", "requirements"),
)
"""A line that tells the format of a text whose name does not, the first that is found."""
_BY_FORM: Final = (
    (is_selections, "dpkg"),
    (is_dpkg_list, "dpkg-l"),
    (is_apt_list, "apt-list"),
    (is_pacman, "pacman-q"),
    (is_apk_info, "apk-info"),
    (is_nevra, "dnf"),
    (is_xbps, "xbps"),
    (is_portage_world, "portage-world"),
)


_UNREAD: Final = (
    (r"pyproject\.toml|setup\.(py|cfg)|pipfile(\.lock)?|(poetry|uv|pdm)\.lock", "pip:NAME"),
    (r"cargo\.(toml|lock)", "cargo:NAME"),
    (r"go\.(mod|sum|work)", "go:NAME"),
    (r"gemfile(\.lock)?|.*\.gemspec", "gem:NAME"),
    (r".*\.rockspec", "luarocks:NAME"),
    (r"yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.jsonc?", "npm:NAME"),
    (r"\.tool-versions|\.?mise\.toml|.*\.nix|makefile|vagrantfile|(docker-)?compose\.ya?ml|composer\.(json|lock)", ""),
)
"""Files that people have and that are of no kind here: read as a list of names, each word of them would be a package.

Each with the prefix of the packages that it names.
"""


def reads_input(file: str) -> bool:
    """Return whether a word of --from is standard input, alone or behind a kind."""
    return file == STDIN or file.endswith(f":{STDIN}")


def read_package_file(asked: str, folder: Path, stdin: Callable[[int], bytes]) -> PackageFile:
    """Return what FILE, KIND:FILE or `-` names; raise UsageError for what can't be read as a list of packages."""
    kind, path = kind_and_path(asked, folder)
    source = "standard input" if path == STDIN else path
    data = stdin(MAX_BYTES + 1) if path == STDIN else _bytes(folder / path, path)
    if len(data) > MAX_BYTES:
        message = f"{source} is larger than {MAX_BYTES:,} bytes, the limit of --from"
        raise UsageError(message)
    text = _text(data, source)
    kind = kind or _likely_kind(source, PurePath(path).name, text)
    try:
        found = tuple(KINDS[kind](text))
    except YamlError as error:
        raise _unreadable(source, kind, f"line {error.line}: {error.reason}") from None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise _unreadable(source, kind, str(error) or type(error).__name__) from None
    beside = folder if path == STDIN else (folder / path).parent
    found = tuple(_with_path(row, beside) for row in found)
    return PackageFile(
        source=source,
        kind=kind,
        entries=tuple(row for row in found if isinstance(row, Entry)),
        not_taken=tuple(row for row in found if isinstance(row, NotTaken)),
    )


def _likely_kind(source: str, name: str, text: str) -> str:
    """Return the kind of a file. Raises UsageError where its name says that it is no list of names, and of no kind."""
    kind = recognise(name, text)
    word = next((word for form, word in _UNREAD if re.fullmatch(form, name, re.IGNORECASE)), None)
    if kind != "names" or word is None:
        return kind
    hints = [Advice.sandbox("try", word)] if word else []
    message = f"--from does not know the format of {source}"
    raise UsageError(message, details=[("kinds", ", ".join(KINDS))], hints=hints)


def _with_path(row: Found, folder: Path) -> Found:
    """Return a row; one that names a file of the list's own folder has that file's path, and any other is not taken."""
    if not isinstance(row, Entry) or not row.name.startswith(("./", "../")):
        return row
    there = (folder / row.name).resolve()
    if not there.is_relative_to(folder.resolve()):
        return NotTaken(text=row.name, line=row.line, reason="a list names no address and no path outside its folder")
    return replace(row, name=str(there), family="")


def _unreadable(source: str, kind: str, reason: str) -> UsageError:
    message = f"{source} can't be read as {kind}: {reason.splitlines()[0]}"
    return UsageError(message, hints=[Advice.say(f"--from KIND:FILE, with one of these kinds: {', '.join(KINDS)}")])


def kind_and_path(asked: str, folder: Path) -> tuple[str, str]:
    """Return the kind, empty if none is given, and the path of FILE or KIND:FILE; raise UsageError for neither."""
    kind, colon, path = asked.partition(":")
    if not asked or (colon and not path):
        message = "--from needs a file"
        raise UsageError(message, hints=[Advice.sandbox("try", "--from", "packages.txt")])
    if colon and kind in KINDS:
        return kind, path
    if colon and re.fullmatch(r"[a-z-]+", kind) and not (folder / asked).exists():
        message = f"--from: unknown kind {kind}"
        raise UsageError(message, details=[("kinds", ", ".join(KINDS))])
    return "", asked


def _bytes(path: Path, source: str) -> bytes:
    try:
        # a named pipe without a writer would wait for ever at the opening
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(_open_file(descriptor, source), "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable_file(path, error, shown=source) from None


def _open_file(descriptor: int, source: str) -> int:
    """Return the descriptor of a plain file or a pipe; close it and raise UsageError for anything else."""
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        os.close(descriptor)
        noun = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise UsageError(f"{source} is {noun}: --from reads regular files and pipes")
    os.set_blocking(descriptor, True)
    return descriptor


def _text(data: bytes, source: str) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not a text file in {encoding.removesuffix('-sig').upper()}") from None
    if "\0" in text:
        raise UsageError(f"{source} is not a text file: it contains a null byte")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def recognise(name: str, text: str) -> str:
    """Return the kind of a file by its name and what it holds."""
    by_name = next((kind for form, kind in _BY_NAME if re.fullmatch(form, name, re.IGNORECASE)), "")
    if is_promoted(text):
        return "promoted"
    if by_name:
        return by_name
    return _by_content(name, text)


def _by_content(name: str, text: str) -> str:
    if re.match(r"\s*(##\s*template:.*\n\s*)?#\s?cloud-config\b", text):
        return "cloud-init"
    if text.lstrip().startswith(("{", "//", "/*")):
        return _json_kind(text)
    said = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    for form, kind in _BY_LINE:
        if re.search(form, said, re.MULTILINE):
            return kind
    found = next((kind for is_kind, kind in _BY_FORM if is_kind(text)), "names")
    return "apk-world" if name == "world" and found == "names" else found


def _json_kind(text: str) -> str:
    try:
        value = json_with_comments(text)
    except (ValueError, TypeError, RecursionError):
        return "devcontainer"
    if {"format", "packages", "manager"} <= value.keys():
        return "promoted-json"
    return "package-json" if {"dependencies", "devDependencies"} & value.keys() else "devcontainer"
