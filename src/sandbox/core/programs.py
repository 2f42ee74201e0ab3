"""Programs to run in a sandbox, mostly sh: each is a file beside the module that uses it."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Mapping

    class _Loader(Protocol):
        def get_data(self, path: str) -> bytes: ...


PIECE = 30_000
"""Characters of a program in one argument: Linux takes 131,071 bytes in each, and many such arguments (execve(2))."""
JOIN = 'left=$1 text=; shift; while [ "$left" -gt 0 ]; do text=$text$1 left=$((left - 1)); shift; done; eval "$text"'
"""Constant shell text: runs the program that stands in the $1 arguments behind the first, with those behind them."""
_SECTION = r"(?ms)^# if ([A-Z]+)\n(.*?)^# end\n"
_PLACE = r"(?m)^@([A-Z]+)@(?:\) ;;)?\n|@([A-Z]+)@"


@cache
def source(package: str, name: str) -> str:
    """Return the text of a file beside the modules of `package` (their `__package__`), as it stands there.

    It is read when it is first used, in some 60 us, by what loaded the package, so from a zip too (PEP 302, get_data);
    importlib.resources takes 10 ms and more to import.
    """
    module = sys.modules[package]
    loader = cast("_Loader", module.__spec__ and module.__spec__.loader)
    return loader.get_data(f"{module.__path__[0]}/{name}").decode()


@cache
def program(package: str, name: str) -> str:
    """Return the program in a file without blank lines, comments and the last newline."""
    lines = source(package, name).split("\n")
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith(("#", "//")))


def sh_argv(package: str, name: str, *arguments: str) -> tuple[str, ...]:
    """Return the argv that runs a file's program with these arguments in a POSIX sh."""
    return ("sh", "-c", program(package, name), "sh", *arguments)


def text_argv(text: str, *arguments: str) -> tuple[str, ...]:
    """Return the argv that runs a program with these arguments in a POSIX sh, however long the program is."""
    pieces = [text[begin : begin + PIECE] for begin in range(0, len(text), PIECE)]
    if len(pieces) < 2:  # noqa: PLR2004 - it fits
        return ("sh", "-c", text, "sh", *arguments)
    return ("sh", "-c", JOIN, "sh", str(len(pieces)), *pieces, *arguments)


@cache
def template(package: str, name: str) -> str:
    """Return a file's text after its first blank line, which ends the head comment."""
    return source(package, name).partition("\n\n")[2]


def fill(text: str, values: Mapping[str, str], sections: Collection[str] = ()) -> str:
    """Return a template with its values: each `@NAME@` is one, in a line; alone in one it is whole lines, or none.

    `@NAME@) ;;` alone are the lines of a `case`. Lines between `# if NAME` and `# end` stay where `sections` has it.
    """
    import re  # a pattern takes 1 ms to compile, and templates are not needed before the prompt

    def value(found: re.Match[str]) -> str:
        if found[2]:
            return values[found[2]]
        lines = values[found[1]]
        return lines if not lines or lines.endswith("\n") else f"{lines}\n"

    kept = re.sub(_SECTION, lambda found: found[2] if found[1] in sections else "", text)
    return re.sub(_PLACE, value, kept)
