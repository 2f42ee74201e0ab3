"""What each shell is answered, in the form that its completion file reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.cli.completion_files import SHELLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.cli.completion import Candidate

LINE: Final = "_SANDBOX_LINE"
"""The variable that holds the command line up to the cursor."""


def answer(shell: str, line: str) -> str:
    """Return what a shell reads where it asks about a line; empty where it should offer files."""
    from sandbox.cli.completion import candidates, split_line
    from sandbox.errors import SandboxError

    if shell not in SHELLS:
        return ""
    try:
        found = candidates(*split_line(line))
    except SandboxError:  # broken settings are said by the command itself
        return ""
    form = _plain if shell == "bash" else _with_meaning
    return "".join(f"{row}\n" for row in form(found))


def _plain(found: Iterable[Candidate]) -> Iterable[str]:
    return (one.word for one in found)


def _with_meaning(found: Iterable[Candidate]) -> Iterable[str]:
    return (f"{one.word}\t{one.meaning}".rstrip() for one in found)
