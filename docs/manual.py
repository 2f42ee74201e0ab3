"""Manual pages, man(7), and completion files, of what `--help` shows; `docs/generate.py` writes them."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Final

from typer.core import TyperGroup

from sandbox import __version__
from sandbox.cli.app import EXIT_CODES
from sandbox.cli.registry import SECTIONS
from sandbox.cli.verb import help_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.core import TyperCommand

DATE: Final = "2026-11-29"
"""The day of the last change to these pages' words: man shows it below each."""
SHELLS: Final = {"bash": "sandbox", "zsh": "_sandbox", "fish": "sandbox.fish"}
"""What each shell looks for in its folder of completions."""
AUTOLOADED: Final = '[ "$funcstack[1]" = "_sandbox" ] && _sandbox_completion\n'
"""zsh reads the file at the first completion and calls it as a function: without this, that one gives nothing."""


def manual_pages(program: TyperGroup) -> dict[str, str]:
    """Return every page by its file's name: sandbox.1, and one a verb."""
    found = {"sandbox.1": _overview(program)}
    for name, verb in _verbs(program, "sandbox"):
        found[f"{name.replace(' ', '-')}.1"] = _page(verb, name)
    return found


def _verbs(group: TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand]]:
    for command in group.commands.values():
        own = f"{name} {command.name}"
        if isinstance(command, TyperGroup):
            yield from _verbs(command, own)
        else:
            yield own, command  # type: ignore[misc]  # every verb is one of Typer's


def _overview(program: TyperGroup) -> str:
    lines = [_head("sandbox"), ".SH NAME", r"sandbox \- " + _text(_first(program.help or "").rstrip("."))]
    lines += [
        ".SH SYNOPSIS",
        ".B sandbox",
        _text("COMMAND [OPTIONS]"),
        ".SH DESCRIPTION",
        *_described(program.help or ""),
    ]
    lines.append(".SH COMMANDS")
    for title, verbs in SECTIONS.items():
        lines.append(f'.SS "{_text(title)}"')
        for verb in verbs:
            lines += [".TP", f".BR sandbox\\-{_text(verb)} (1)", _text(_first(program.commands[verb].help or ""))]
    lines += [".SH EXIT STATUS", ".nf", *map(_text, EXIT_CODES.removeprefix("\b\n").splitlines()[1:]), ".fi"]
    return "\n".join([*lines, ""])


def _page(verb: TyperCommand, name: str) -> str:
    context = verb.make_context(verb.name, [], resilient_parsing=True)
    lines = [
        _head(name),
        ".SH NAME",
        f"{_text(name.replace(' ', '-'))} \\- {_text(_first(verb.help or '').rstrip('.'))}",
    ]
    lines += [".SH SYNOPSIS", f".B {_text(name)}", _text(" ".join(verb.collect_usage_pieces(context)))]
    lines += [".SH DESCRIPTION", *_described(verb.help or "")]
    for title, rows in help_sections(verb, context):
        shown = [(typed, meaning) for typed, meaning in rows if not typed.endswith("--help")]
        lines += [f'.SH "{_text(title.upper())}"'] if shown else []
        for typed, meaning in shown:
            lines += [".TP", f".B {_text(typed)}", _text(meaning)]
    return "\n".join([*lines, ".SH SEE ALSO", r".BR sandbox (1)", ""])


def _head(name: str) -> str:
    return f'.TH "{_text(name.replace(" ", "-").upper())}" 1 {DATE} "sandbox {__version__}"'


def _first(text: str) -> str:
    """Return the first paragraph of a help text as one line."""
    return " ".join(re.split(r"\n\s*\n", inspect.cleandoc(text))[0].split())


def _described(text: str) -> Iterator[str]:
    """Yield a help text's paragraphs; one that begins with a backspace keeps its lines: it shows command lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", inspect.cleandoc(text))):
        if number:
            yield ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(_text, paragraph.removeprefix("\b").strip("\n").splitlines()), ".fi")
        else:
            yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """Return text as roff takes it: hyphens that can be copied, no escapes, no requests at the begin of a line."""
    plain = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


def completions() -> dict[str, str]:
    """Return the completion file of each shell by its path below completions/."""
    from typer._completion_shared import get_completion_script

    found = {}
    for shell, name in SHELLS.items():
        script = get_completion_script(prog_name="sandbox", complete_var="_SANDBOX_COMPLETE", shell=shell)
        found[f"{shell}/{name}"] = script.strip("\n") + "\n" + (AUTOLOADED if shell == "zsh" else "")
    return found
