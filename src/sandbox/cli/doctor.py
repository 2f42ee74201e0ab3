"""The verb doctor: checks this machine, and says how to fix problems."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import typer

from sandbox.cli.app import connect, make_host, show_json
from sandbox.cli.on_fargate import refuse_with_on
from sandbox.cli.verb import verb
from sandbox.core.foreground import is_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.commands.doctor import Diagnosis
    from sandbox.specs.settings import Settings

NARROW: Final = 20
"""Columns that a text has on a terminal that is too narrow for it."""


@verb("doctor")
def doctor(as_json: bool = False, engine: str | None = None, on: str | None = None) -> None:
    """Run `sandbox doctor`."""
    from msgspec import to_builtins

    from sandbox.commands.doctor import doctor as findings
    from sandbox.commands.doctor import doctor_fargate
    from sandbox.engine import tty
    from sandbox.report.colours import has_colours, paint_verdict
    from sandbox.report.columns import terminal_columns

    host = make_host(engine=engine)
    if on is not None:
        refuse_with_on(on, (("--engine", engine),))
        found = doctor_fargate(host)
    else:
        found = findings(lambda: connect(host), host, host.rows(), terminal=tty.is_terminal())
    if as_json:
        show_json([{**to_builtins(finding), "next": _advice(finding)} for finding in found])
    else:
        is_coloured = has_colours(os.environ, 1)
        for finding in _with_defaults_in_one_line(found, host.settings):
            for line in screen_lines(finding, terminal_columns() if is_terminal(1) else 0):
                typer.echo(paint_verdict(line) if is_coloured else line)
    raise typer.Exit(int(any(finding.level == "problem" for finding in found)))


def _with_defaults_in_one_line(found: Sequence[Diagnosis], settings: Settings) -> list[Diagnosis]:
    """Return what is shown on a screen, of which two dozen settings that nobody changed would fill half."""
    from sandbox.commands.doctor import Diagnosis
    from sandbox.errors import Advice
    from sandbox.specs.settings import KEYS

    defaults = {key for key in KEYS if settings.origin(key) == "default"}
    shown = [one for one in found if one.about != "setting" or one.text.partition(" ")[0] not in defaults]
    folded = len(found) - len(shown)
    if not folded:
        return shown
    text = f"{folded} of {len(KEYS)} are at their defaults; {Advice.sandbox('doctor', '--json').line} shows each"
    return [*shown, Diagnosis(level="ok", about="settings", text=text)]


def screen_lines(finding: Diagnosis, width: int) -> list[str]:
    """Return a finding in lines of less than `width` columns, 0 for one line; what to type is never cut."""
    from sandbox.report.columns import wrap_at_blanks

    advice = f"next: {_advice(finding)}" if finding.next else ""
    head = f"{finding.level:<10}{finding.about:<14}"
    whole = "    ".join([head + finding.text, *([advice] if advice else [])])
    if not width or len(whole) < width:
        return [whole]
    lines = [*wrap_at_blanks(finding.text, max(width - len(head) - 1, NARROW)), *([advice] if advice else [])]
    return [f"{' ' * len(head) if number else head}{line}" for number, line in enumerate(lines)]


def _advice(finding: Diagnosis) -> str:
    """Return the next step for a finding, in words, or ""."""
    from sandbox.report.advice import advice_text

    return advice_text(finding.next) if finding.next else ""
