"""What Python projects list: requirements.txt, pylock.toml, conda's environment.yml.

Sources: https://pip.pypa.io/en/stable/reference/requirements-file-format/; PEP 508; PEP 751;
https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sandbox.core.yaml_nodes import items, line_of, pairs, root, text_of
from sandbox.errors import Advice, UsageError
from sandbox.specs.package_files.plain_lists import lines
from sandbox.specs.package_files.values import Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CLAUSE: Final = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s;,#()=<>~]+\s*"
"""No sign of an operator is in a version: else `a====...` can be divided in more ways than can be tried."""
_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*"
    rf"(?P<specifier>\(?\s*(?:{_CLAUSE}(?:,\s*{_CLAUSE})*)?,?\s*\)?)\s*(?P<marker>;[^#]*)?"
)
_EXACT: Final = re.compile(r"\(?\s*={2,3}\s*([^\s,*)]+)\s*\)?")
_ELSEWHERE: Final = re.compile(
    r"""\s*;\s*(sys_platform|platform_system|os_name)\s*==\s*["'](win32|cygwin|darwin|Windows|Darwin|nt)["']\s*"""
)
_OPTIONS: Final = {
    "-r": "sandbox does not read other files",
    "--requirement": "sandbox does not read other files",
    "-c": "sandbox does not read other files",
    "--constraint": "sandbox does not read other files",
    "-e": "a folder can't be installed",
    "--editable": "a folder can't be installed",
    "-i": "a file can't choose the package index",
    "--index-url": "a file can't choose the package index",
    "--extra-index-url": "a file can't choose the package index",
    "-f": "a file can't choose the package index",
    "--find-links": "a file can't choose the package index",
    "--no-index": "a file can't choose the package index",
    "--trusted-host": "a file can't switch off a check",
}


def parse_requirements(text: str) -> Iterator[Found]:
    """Yield each requirement as `pip:NAME` or `pip:NAME==VERSION`; options, addresses and paths are not taken."""
    for number, said in lines(text):
        yield requirement(said, number)


def requirement(said: str, number: int) -> Found:
    """Return what a requirement of PEP 508 names."""
    if said.startswith("-"):
        option = re.split(r"[\s=]", said, maxsplit=1)[0]
        return NotTaken(text=said, line=number, reason=_OPTIONS.get(option, "it is an option of pip"))
    plain, hashes, _ = said.partition(" --hash")
    plain = " ".join(plain.split(" --", 1)[0].split())  # a run of spaces can be divided in too many ways
    if "://" in plain or re.search(r"(^|\s)@(\s|$)", plain) or plain.startswith(("git+", "file:")):
        return NotTaken(text=said, line=number, reason="a file can't add a package from an address or a path")
    if plain.startswith((".", "/", "~")) or plain.endswith((".whl", ".tar.gz", ".zip")):
        return NotTaken(text=said, line=number, reason="a file can't add a package from an address or a path")
    found = _REQUIREMENT.fullmatch(plain)
    if found is None:
        return NotTaken(text=said, line=number, reason="pip does not accept this requirement")
    if _ELSEWHERE.fullmatch(found["marker"] or ""):
        return NotTaken(text=said, line=number, reason="its marker excludes this system")
    specifier = found["specifier"].strip()
    exact = _EXACT.fullmatch(specifier)
    lost = [
        found["extras"] or "",
        "" if exact else specifier,
        (found["marker"] or "").strip(),
        "its hashes" if hashes else "",
    ]
    name = f"pip:{found['name']}"
    return entry(f"{name}=={exact[1]}" if exact else name, number, note=", ".join(filter(None, lost)))


def parse_pylock(text: str) -> Iterator[Found]:
    """Yield the packages of a pylock.toml in their versions."""
    number_of = {found[1]: number for number, found in _names_of_pylock(text)}
    for package in _toml(text).get("packages", ()):
        name, version = str(package.get("name", "")), package.get("version")
        line = number_of.get(name, 1)
        if not name:
            yield NotTaken(text="[[packages]]", line=line, reason="the package has no name")
        elif any(key in package for key in ("vcs", "directory", "archive")) or not version:
            yield NotTaken(text=name, line=line, reason="a file can't add a package from an address or a path")
        elif _ELSEWHERE.fullmatch(f"; {package.get('marker', '')}"):
            yield NotTaken(text=name, line=line, reason="it is for another system")
        else:
            marker = str(package.get("marker", ""))
            yield entry(f"pip:{name}=={version}", line, note=f"; {marker}" if marker else "its hashes")


def _names_of_pylock(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.match(r'\s*name\s*=\s*["\']([^"\']+)', line):
            yield number, found


def _toml(text: str) -> Mapping[str, Any]:
    if sys.version_info < (3, 11):
        message = "sandbox needs Python 3.11 to read TOML"
        raise UsageError(message, hints=[Advice.say("the same as a requirements.txt")])
    found: Mapping[str, Any] = import_module("tomllib").loads(text)
    return found


def parse_environment(text: str) -> Iterator[Found]:
    """Yield the pip part of conda's environment.yml; what conda itself would bring is not taken."""
    for key, value in pairs(root(text)):
        if key.value != "dependencies":
            if key.value not in {"name", "prefix"}:
                reason = "a file can't choose a channel" if key.value == "channels" else "it names no package"
                yield NotTaken(text=key.value, line=line_of(key), reason=reason)
            continue
        for item in items(value):
            said = text_of(item)
            for inner, requirements in pairs(item):
                if inner.value == "pip":
                    yield from (requirement(text_of(node) or "", line_of(node)) for node in items(requirements))
                else:
                    yield NotTaken(text=inner.value, line=line_of(inner), reason="it is not a pip package")
            if said is not None:
                yield NotTaken(text=said, line=line_of(item), reason="it is a conda package")
