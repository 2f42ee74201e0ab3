"""A Dockerfile's instructions: where each begins and ends, the labels behind each FROM, and what needs BuildKit.

Source: the Dockerfile reference (https://docs.docker.com/reference/dockerfile/): lines that go on, the escape
directive, here-documents, and which options each instruction has.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DIRECTIVE: Final = re.compile(r"\s*#\s*(?P<name>[A-Za-z][A-Za-z0-9]*)\s*=\s*(?P<value>\S+)")
SYNTAX: Final = re.compile(r"\s*(?:#|//)\s*syntax\s*=\s*(?P<value>\S+)", re.IGNORECASE)
"""BuildKit also takes `//`, for formats that have such comments."""
HERE: Final = re.compile(r"\d*<<(?P<strips>-?)(?P<quote>[\"']?)(?P<word>[A-Za-z_][\w.]*)(?P=quote)(?=[;)]*$)")
OPTIONS: Final[Mapping[str, str]] = {
    "RUN": r"--(mount|network|security|device)\b",
    "COPY": r"--(link|parents|exclude|chmod)\b",
    "ADD": r"--(link|checksum|keep-git-dir|exclude|chmod|unpack)\b",
}
"""What each instruction takes with BuildKit alone."""
NEWER: Final[Mapping[str, str]] = {
    "RUN": r"--(device)\b",
    "COPY": r"--(link|parents|exclude)\b",
    "ADD": r"--(link|checksum|keep-git-dir|exclude|unpack)\b",
}
"""What each takes with a BuildKit of Docker 23 or newer alone, or with `# syntax=docker/dockerfile:1`."""
OWN_FRONTEND: Final = re.compile(r"(docker\.io/)?docker/dockerfile(-upstream)?([:@]|$)")
PLATFORM_ARGUMENTS: Final = ("PLATFORM", "OS", "ARCH", "VARIANT")
"""Of TARGET and BUILD: what BuildKit sets by itself, and other builders leave empty."""


class Instruction(Struct, frozen=True, kw_only=True):
    """One instruction: its `name` in capitals, the rest of its words, its first and last line (from 1)."""

    name: str
    rest: str
    first: int
    last: int
    has_here: bool = False


class NeedsBuildKit(Struct, frozen=True, kw_only=True):
    """What another builder can't do, by its words, and its line."""

    words: str
    line: int


def directives(text: str) -> dict[str, str]:
    """Return the directives at the begin of a Dockerfile, as `escape` and `syntax`, also unknown ones between them."""
    found: dict[str, str] = {}
    for line in _beginning(text).splitlines():
        match = DIRECTIVE.match(line)
        if match is None:
            break
        found.setdefault(match["name"].lower(), match["value"])
    return found


def _beginning(text: str) -> str:
    """Return the text without a byte order mark and a line for the shell, which BuildKit passes over."""
    text = text.removeprefix("\ufeff")
    return text.partition("\n")[2] if text.startswith("#!") else text


def frontend(text: str) -> str:
    """Return the image that BuildKit runs to read a Dockerfile, "" for its own (moby/buildkit, parser.DetectSyntax).

    It is in `# syntax=`, `// syntax=` or a JSON object's `syntax`. It sees the folder, and decides what is built.
    """
    syntax = directives(text).get("syntax", "")
    if not syntax:
        comments = takewhile(lambda line: re.match(r"\s*//", line), _beginning(text).splitlines())
        syntax = next((match["value"] for line in comments if (match := SYNTAX.match(line))), "")
    if not syntax and _beginning(text).lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            syntax = str(json.JSONDecoder().raw_decode(_beginning(text).lstrip())[0].get("syntax") or "")
    return syntax if not OWN_FRONTEND.match(syntax) else ""


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions in their order, here-documents with what they belong to."""
    lines, at = text.splitlines(), 0
    escape = directives(text).get("escape", "\\")
    while at < len(lines):
        if is_passed_over(lines[at]):
            at += 1
            continue
        first = at
        words, at = _logical_line(lines, at, escape)
        name, _, rest = words.strip().partition(" ")
        heres = [match for word in rest.split() if (match := HERE.match(word))] if name.upper() in OPTIONS else []
        for here in heres:
            at = _behind_here(lines, at, here)
        yield Instruction(name=name.upper(), rest=rest.strip(), first=first + 1, last=at, has_here=bool(heres))


def is_passed_over(line: str) -> bool:
    """Return whether a line is empty or a comment, which don't end an instruction either."""
    return not line.strip() or line.lstrip().startswith("#")


def _logical_line(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """Return an instruction's words without its here-documents, and the index of the line behind them."""
    parts: list[str] = []
    while at < len(lines):
        line, at = lines[at], at + 1
        if parts and is_passed_over(line):
            continue
        goes_on = line.rstrip().endswith(escape)
        parts.append(line.rstrip()[:-1] if goes_on else line)
        if not goes_on:
            break
    return " ".join(" ".join(parts).split()), at


def _behind_here(lines: list[str], at: int, here: re.Match[str]) -> int:
    """Return the index of the line behind a here-document's last one; the end, where that is not there."""
    while at < len(lines):
        line, at = lines[at], at + 1
        if (line.lstrip("\t") if here["strips"] else line) == here["word"]:
            break
    return at


def add_labels(text: str, labels: Mapping[str, str]) -> str:
    """Return the Dockerfile with the labels behind every FROM, so that nothing that is built is ever without them."""
    line = "LABEL " + " ".join(f"{key}={_quote(value)}" for key, value in labels.items())
    behind = {found.last for found in instructions(text) if found.name == "FROM"}
    out: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        out += [raw, line] if number in behind else [raw]
    return "\n".join([*out, ""])


def _quote(value: str) -> str:
    """Return a label's value as one word of a Dockerfile, whatever its escape character is."""
    return json.dumps(re.sub(r"[^A-Za-z0-9 .:/@_+=,-]", "?", value))


def needs_buildkit(text: str) -> NeedsBuildKit | None:
    """Return the first thing that a builder without BuildKit can't do, or takes for something else; None for none."""
    if syntax := frontend(text):
        line = next(number for number, raw in enumerate(text.splitlines(), start=1) if syntax in raw)
        return NeedsBuildKit(words=f"# syntax={syntax}", line=line)
    return _beyond(text, OPTIONS)


def needs_newer_buildkit(text: str) -> NeedsBuildKit | None:
    """Return the first thing that BuildKit's own reader of Dockerfiles can't do before Docker 23; None for none.

    One that `# syntax=` names is another, and newer.
    """
    return None if directives(text).get("syntax") else _beyond(text, NEWER)


def _beyond(text: str, options: Mapping[str, str]) -> NeedsBuildKit | None:
    """Return the first here-document, or instruction with one of these options."""
    for found in instructions(text):
        option = re.match(rf"(?:--\S+\s+)*?({options.get(found.name, '$^')})", found.rest)
        if option or found.has_here:
            words = f"{found.name} {option[1]}" if option else f"a here-document of {found.name}"
            return NeedsBuildKit(words=words, line=found.first)
    return None


def image_names(text: str) -> tuple[str, ...]:
    """Return the images that a Dockerfile names in FROM and --from, with the defaults of arguments."""
    defaults: dict[str, str] = {}
    names: dict[str, None] = {}
    stages = {"scratch"}
    for found in instructions(text):
        if found.name == "ARG" and not names:  # behind a FROM they are for that stage alone
            defaults |= {name: value for word in found.rest.split() for name, _, value in [word.partition("=")]}
        words = found.rest.split()
        if found.name == "FROM":
            name, *behind = [*(word for word in words if not word.startswith("--")), ""]
            names[name] = None
            stages |= {word.lower() for word in behind[1:2]}
        else:
            names |= dict.fromkeys(match for word in words[:8] for match in re.findall(r"^--.*?\bfrom=([^,\s]+)", word))
    expanded = (_with_defaults(name, defaults) for name in names)
    return tuple(name for name in expanded if name and not name.isdecimal() and name.lower() not in stages)


def _with_defaults(name: str, defaults: Mapping[str, str]) -> str:
    """Return a name with the defaults of `$NAME`, `${NAME}` and `${NAME:-DEFAULT}`."""

    def value(match: re.Match[str]) -> str:
        return (defaults.get(match["name"]) or match["default"] or "").strip("\"'")

    return re.sub(r"\$\{?(?P<name>\w+)(?::-(?P<default>[^}]*))?\}?", value, name)


def platform_arguments(text: str, *, target: str, build: str) -> dict[str, str]:
    """Return the arguments that a Dockerfile declares and BuildKit sets by itself, of platforms as `linux/arm64/v8`."""
    arguments = [word for found in instructions(text) if found.name == "ARG" for word in found.rest.split()]
    declared = {word.partition("=")[0] for word in arguments}
    given: dict[str, str] = {}
    for prefix, platform in (("TARGET", target), ("BUILD", build)):
        parts = (platform, *platform.split("/"), "", "", "")
        given |= {f"{prefix}{name}": parts[index] for index, name in enumerate(PLATFORM_ARGUMENTS)}
    return {name: value for name, value in given.items() if name in declared and value}
