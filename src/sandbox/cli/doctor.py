"""The verb doctor: checks this machine, and says how to fix problems."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import connect, make_host, show_json
from sandbox.cli.on_fargate import refuse_with_on
from sandbox.cli.verb import verb

if TYPE_CHECKING:
    from sandbox.commands.doctor import Diagnosis


@verb("doctor")
def doctor(as_json: bool = False, engine: str | None = None, on: str | None = None) -> None:
    """Run `sandbox doctor`."""
    from msgspec import to_builtins

    from sandbox.commands.doctor import doctor as findings
    from sandbox.commands.doctor import doctor_fargate
    from sandbox.engine import tty
    from sandbox.report.colours import has_colours, paint_verdict

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
        for finding in found:
            advice = f"    next: {_advice(finding)}" if finding.next else ""
            line = f"{finding.level:<10}{finding.about:<14}{finding.text}{advice}"
            typer.echo(paint_verdict(line) if is_coloured else line)
    raise typer.Exit(int(any(finding.level == "problem" for finding in found)))


def _advice(finding: Diagnosis) -> str:
    """Return the next step for a finding, in words, or ""."""
    from sandbox.report.advice import advice_text

    return advice_text(finding.next) if finding.next else ""
