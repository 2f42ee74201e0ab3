"""A Dockerfile: the packages that its RUN instructions install by literal names. It is not built.

Source: https://docs.docker.com/reference/dockerfile/ (escape, here-documents, both forms of RUN).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.package_files.install_commands import named_packages
from sandbox.specs.package_files.values import Found, NotTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INSTRUCTION: Final = re.compile(r"\s*([A-Za-z]+)\s*(.*)", re.DOTALL)
_HERE: Final = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_FLAGS: Final = re.compile(r"(?:--[a-z]+(?:=\S*)?\s+)*")


def parse_dockerfile(text: str) -> Iterator[Found]:
    """Yield the packages of RUN lines; what else it does is not taken, but for what changes no package."""
    for line, keyword, rest in instructions(text):
        if keyword == "RUN":
            found = tuple(named_packages(_script(rest), line))
            yield from found or (_refusal(keyword, rest, line, "it names no package"),)
        elif keyword in {"FROM", "ADD", "COPY", "VOLUME", "ENTRYPOINT", "CMD", "ONBUILD"}:
            yield _refusal(
                keyword, rest, line, "sandbox takes only the packages of a Dockerfile; --dockerfile builds it"
            )


def _refusal(keyword: str, rest: str, line: int, reason: str) -> NotTaken:
    return NotTaken(text=f"{keyword} {rest.splitlines()[0] if rest else ''}".strip(), line=line, reason=reason)


def _script(rest: str) -> str:
    flags = _FLAGS.match(rest)
    plain = rest[flags.end() :] if flags else rest
    if plain.lstrip().startswith("["):
        try:
            words = json.loads(plain)
        except ValueError:
            return plain
        is_shell = [str(word) for word in words[1:2]] == ["-c"]
        return str(words[-1]) if is_shell else " ".join(json.dumps(str(word)) for word in words)
    here = _HERE.match(plain.strip())
    return "\n".join(["", *plain.splitlines()[1:-1]]) if here else plain


def instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each instruction: its line, its keyword in capitals, and the rest with its continued lines.

    Lines keep their number: a continued line ends in a newline that the shell passes over.
    """
    lines = text.splitlines()
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        start, whole = number, [lines[number]]
        number += 1
        if not whole[0].strip() or whole[0].lstrip().startswith("#"):
            continue
        while whole[-1].rstrip().endswith(escape) and number < len(lines):
            whole[-1] = whole[-1].rstrip().removesuffix(escape) + "\\"
            number = _add(lines, number, whole)
        found = _INSTRUCTION.fullmatch("\n".join(whole))
        if found is None:
            continue
        for _, end in _HERE.findall(found[2]) if found[1].upper() in {"RUN", "COPY", "ADD"} else ():
            while number < len(lines):
                whole.append(lines[number])
                number += 1
                if whole[-1].strip("\t") == end:
                    break
        found = _INSTRUCTION.fullmatch("\n".join(whole)) or found
        yield start + 1, found[1].upper(), found[2]


def _add(lines: Sequence[str], number: int, whole: list[str]) -> int:
    """Add the next line that is no comment and not empty to a line that goes on; return the number behind it."""
    while number < len(lines) and (not lines[number].strip() or lines[number].lstrip().startswith("#")):
        whole.append("\\")
        number += 1
    if number < len(lines):
        whole.append(lines[number])
    return number + 1


def _escape(lines: Sequence[str]) -> str:
    for line in lines:
        found = re.fullmatch(r"#\s*([a-z]+)\s*=\s*(\S+)\s*", line, re.IGNORECASE)
        if found is None:
            break
        if found[1].lower() == "escape":
            return found[2]
    return "\\"
