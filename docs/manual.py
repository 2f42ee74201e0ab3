"""Manual pages, man(7), and completion files, of what `--help` shows; `docs/generate.py` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox import __version__
from sandbox.cli.completion_files import script
from sandbox.cli.help import example_lines, help_text
from sandbox.cli.ready import WIDTHS, help_file
from sandbox.cli.table import BY_NAME, EXIT_STATUSES, GROUPS, PROGRAM, USAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.cli.params import Usage

WIDTH: Final = 71
"""Columns of text on a page of man at a terminal with 80."""
DATE: Final = "2026-11-29"
"""The day of the last change to these pages' words: man shows it below each."""
SHELLS: Final = {"bash": "sandbox", "zsh": "_sandbox", "fish": "sandbox.fish"}
"""What each shell looks for in its folder of completions."""


def manual_pages() -> dict[str, str]:
    """Return every page by its file's name: sandbox.1, and one a verb."""
    pages = {f"sandbox-{usage.name.replace(' ', '-')}.1": _page(usage) for usage in USAGES if usage.sections}
    return {"sandbox.1": _overview(), **pages}


def _overview() -> str:
    lines = [_head("sandbox"), ".SH NAME", r"sandbox \- " + _text(PROGRAM.summary.rstrip("."))]
    lines += [".SH SYNOPSIS", ".B sandbox", _text("COMMAND [OPTIONS]"), ".SH DESCRIPTION", *_described(PROGRAM)]
    lines.append(".SH COMMANDS")
    for title, verbs in GROUPS.items():
        lines.append(f'.SS "{_text(title)}"')
        for verb in verbs:
            lines += [".TP", f".BR sandbox\\-{_text(verb)} (1)", _text(BY_NAME[verb].summary)]
    return "\n".join([*lines, ".SH EXIT STATUS", ".nf", *map(_text, EXIT_STATUSES.splitlines()[1:]), ".fi", ""])


def _page(usage: Usage) -> str:
    name = f"sandbox {usage.name}"
    lines = [_head(name), ".SH NAME", f"{_text(name.replace(' ', '-'))} \\- {_text(usage.summary.rstrip('.'))}"]
    lines += [".SH SYNOPSIS", f".B {_text(name)}", _text(usage.line), ".SH DESCRIPTION", *_described(usage)]
    for section in usage.sections:
        lines.append(f'.SH "{_text(section.title.upper())}"')
        for param in section.params:
            lines += [".TP", f".B {_text(param.typed)}", _text(param.meaning)]
    return "\n".join([*lines, ".SH SEE ALSO", r".BR sandbox (1)", ""])


def _head(name: str) -> str:
    return f'.TH "{_text(name.replace(" ", "-").upper())}" 1 {DATE} "sandbox {__version__}"'


def _described(usage: Usage) -> Iterator[str]:
    """Yield what a verb does, and how it is typed, in lines of its own."""
    yield _text(usage.summary)
    yield from (".PP", ".nf", *map(_text, example_lines(usage.examples, WIDTH)), ".fi")
    if usage.more:
        yield from (".PP", _text(usage.more))


def _text(text: str) -> str:
    """Return text as roff takes it: hyphens that can be copied, no escapes, no requests at the begin of a line."""
    plain = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


def completions() -> dict[str, str]:
    """Return the completion file of each shell by its path below completions/."""
    return {f"{shell}/{name}": script(shell) for shell, name in SHELLS.items()}


def help_files() -> dict[str, str]:
    """Return the text of every help by its file's name, a form feed before each: cli/ready.py prints it."""
    names = ("", *BY_NAME)
    return {
        Path(help_file(width)).name: "".join(f"\f{name}\n{help_text(name, width)}" for name in names)
        for width in WIDTHS
    }
