"""The question on leaving, whether to write an install script."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sandbox.cli.question import ask
from sandbox.core.foreground import is_ours
from sandbox.core.human import names
from sandbox.errors import Advice, EngineError, Interrupted, SandboxError, StepFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.journal import Record
    from sandbox.promote.formats.base import Promotion
    from sandbox.promote.on_exit import ExitCapture
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest
    from sandbox.report.terminal import TerminalReporter


Choice = Literal["yes", "edit", "no"]
ANSWERS: Final[Mapping[str, Choice]] = {
    "y": "yes",
    "yes": "yes",
    "e": "edit",
    "edit": "edit",
    "n": "no",
    "no": "no",
    "": "no",
}
MOST: Final = 6
"""Most packages of each kind to name in the question."""


class PromotePrompt:
    """Asks once, only at a terminal, and writes the script."""

    def __init__(self, request: TryRequest, host: Context, reporter: TerminalReporter) -> None:
        self._request = request
        self._host = host
        self._reporter = reporter
        self.engine: Engine | None = None
        """Runs the proof, once the engine is known."""

    def ask(self, left: ExitCapture) -> Path | None:
        """Return the written script, or None."""
        path, edits = self._request.promote, False
        if not left.record.packages:
            self._nothing(left)
            return None
        if path is None and self._is_wanted(left.marked):
            choice = _choice(self._question(left.record))
            if choice != "no":
                from sandbox.promote.output_file import free_path

                path, edits = free_path(Path(), self._request.label), choice == "edit"
        return self._write(left.whole(), path, edits=edits) if path else None

    def _nothing(self, left: ExitCapture) -> None:
        """Report that there is nothing to promote although a script was asked for; raise it if a file was named."""
        why = "nothing was installed, so there is nothing to promote"
        if self._request.promote is not None:
            raise UsageError(why, hints=[Advice.sandbox("try", "PACKAGE", "--promote", "FILE")])
        if left.marked:
            self._reporter.rows([("promote", why)])

    def _is_wanted(self, marked: bool) -> bool:
        if not self._request.terminal or not is_ours(0):
            return False
        return marked or (self._host.settings.promote == "ask" and not self._request.spec.command)

    def _question(self, record: Record) -> str:
        """Return the question; it names the script's distro."""
        from sandbox.cli.promote_target import purpose, requested_target
        from sandbox.promote.promotion import promotion_of

        try:
            promotion = promotion_of(record, self._host.rows())
            tried = promotion.target
            where = f" for {purpose(tried, requested_target(promotion, None, self._host), self._host)}"
        except SandboxError:
            where = ""  # report problems only if a script is wanted
        more = "/edit" if len(record.packages) > 1 else ""
        return f"Promote {_package_list(record)} to an install script{where}? [y/N{more}] "

    def _write(self, record: Record, path: Path, *, edits: bool) -> Path | None:
        from sandbox.core.files import check_new
        from sandbox.promote.formats import shell
        from sandbox.promote.output_file import write_script
        from sandbox.promote.promotion import promotion_of

        try:
            check_new(path, "promote -o")
            whole = promotion_of(record, self._host.rows())
            part = _edit(whole) if edits else whole
            if part is None:
                return None
            promotion = self._for_host(part)
            shell.render(promotion)  # report an unwritable file before a proof takes its time
            write_script(shell.render(self._verify(promotion, record if promotion == whole else None)), path)
        except SandboxError as error:
            if self._request.promote is not None:
                raise
            self._reporter.warn(error)
            return None
        return path

    def _for_host(self, promotion: Promotion) -> Promotion:
        """Return the promotion for this host (unchanged without an engine), and show its preflight."""
        from sandbox.cli.promote_target import requested_target, show, show_host, with_target

        engine = self.engine
        if engine is None:
            return promotion
        target = requested_target(promotion, None, self._host)
        found = with_target(promotion, target, self._host, lambda: engine, self._reporter)
        if self._request.promote is None:
            show(found, self._reporter)
        show_host(found, self._host, self._reporter)
        return found

    def _verify(self, promotion: Promotion, record: Record | None) -> Promotion:
        """Return the promotion with its proof, or without one after Ctrl-C. Raises CheckFailed if it fails."""
        from sandbox.commands.promote import verify_and_record

        if self.engine is None:
            return promotion
        try:
            return verify_and_record(promotion, record, host=self._host, engine=self.engine, reporter=self._reporter)
        except Interrupted as interrupted:
            if interrupted.signum != signal.SIGINT:
                raise
            why = "the proof was interrupted"
        except (EngineError, StepFailed) as error:
            why = error.brief
        hint = Advice.sandbox("promote", promotion.name, after=", which proves it")
        self._reporter.warn(SandboxError(f"the install script is not proven: {why}", hints=[hint]))
        return promotion


def _package_list(record: Record) -> str:
    """Return the packages to name; those added by hand come last and are marked."""
    asked, hands = (
        tuple(row.full_name for row in record.packages if row.origin == origin) for origin in ("asked", "by-hand")
    )
    if not hands:
        return names(asked, MOST)
    comma = "," if len(hands) > 1 else ""
    return f"{f'{names(asked, MOST)}{comma} and ' if asked else ''}{names(hands, MOST)} (added by hand)"


def _edit(promotion: Promotion) -> Promotion | None:
    """Return the selected part of a promotion; None after Ctrl-C."""
    from sandbox.cli.promote_selection import select_packages

    try:
        return select_packages(promotion)
    except Interrupted as interrupted:
        if interrupted.signum != signal.SIGINT:
            raise
        sys.stderr.write("\n")
        return None


def _choice(question: str) -> Choice:
    """Ask until an offered answer is given, and return it; Enter alone means no."""
    while True:
        if (choice := ANSWERS.get(_answer(question))) is not None:
            return choice
        sys.stderr.write("Answer with one of the words in brackets; Enter alone means no.\n")


def _answer(question: str) -> str:
    """Ask, and return the answer in small letters; Ctrl-C is no answer."""
    try:
        return ask(question).lower()
    except Interrupted as interrupted:
        if interrupted.signum != signal.SIGINT:
            raise
        sys.stderr.write("\n")
        return ""
