"""The answer to each shell, in the form that its completion file reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.cli.completion_files import SHELLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.cli.completion import Candidate

LINE: Final = "_SANDBOX_LINE"
"""The variable with the command line up to the cursor."""


def answer(shell: str, line: str) -> str:
    """Return the answer to a shell; empty if it should offer files."""
    from sandbox.cli.completion import candidates, split_line
    from sandbox.errors import SandboxError

    if shell not in SHELLS:
        return ""
    try:
        found = candidates(*split_line(line))
    except SandboxError:  # the command itself reports invalid settings
        return ""
    form = _plain if shell == "bash" else _with_meaning
    return "".join(f"{row}\n" for row in form(found))


def _plain(found: Iterable[Candidate]) -> Iterable[str]:
    return (one.word for one in found)


def _with_meaning(found: Iterable[Candidate]) -> Iterable[str]:
    return (f"{one.word}\t{one.meaning}".rstrip() for one in found)
