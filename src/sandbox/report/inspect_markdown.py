"""An inspection, or several side by side, as Markdown for a pull request; everything of a package is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.core.human import count, names, seconds
from sandbox.inspect.claims import CLEAN, absence
from sandbox.inspect.comparison import table
from sandbox.report.finding_text import note
from sandbox.report.inspect_text import (
    brought_text,
    disk_text,
    installer_rows,
    subject_of,
    untried_text,
    was_taken_back,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.inspect.comparison import Comparison
    from sandbox.inspect.findings import Inspection

SPECIAL = re.compile(r"([\\`*_\[\]|<>&~]|^[-+#=]|(?<=\d)[.)](?=\s|$))")
"""What is markup anywhere in a line (CommonMark 0.31 and GitHub's tables), and what begins a block."""


def escape(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def inspection_md(found: Inspection) -> str:
    """Return the document of one inspection."""
    footprint = found.footprint
    ran = found.installer
    brings = brought_text(footprint) if ran else f"{count(len(footprint.packages), 'package')}, {disk_text(footprint)}"
    failed = "Failed" if ran else "Not purged"
    rows = [*(installer_rows(ran) if ran else ()), ("brings", brings)]
    lines = [
        f"## {escape(subject_of(found))} in {escape(found.distro)}",
        "",
        *(f"- {escape(sentence.text)}" for sentence in found.verdict),
        "",
        *_table(("", "found"), [*rows, ("commands", names(footprint.commands, 12) or "none")]),
        "",
        *_table(("kind", "what", ""), [(row.kind, row.what, note(row.fact)) for row in footprint.findings]),
        "",
        *_later(found),
        *_contacts(found),
        f"### After {'undo' if ran else 'purge'}{_brief(found)}",
        "",
        *([f"{failed}: {escape(found.residue.failure)}", ""] if found.residue.failure else []),
        *_table(("kind", "what", ""), [(left.kind, left.what, left.note) for left in found.residue.left]),
        "",
        *([f"Not seen: {escape(names(found.unknown, len(found.unknown)))}.", ""] if found.unknown else []),
        f"Measured in {escape(found.base)} in {seconds(found.seconds)}.",
    ]
    return "\n".join(_without_double_blanks(lines)) + "\n"


def _brief(found: Inspection) -> str:
    if not was_taken_back(found):
        return f": {untried_text(found)}"
    return f": {absence(CLEAN, found.unknown)}" if found.residue.is_clean else ""


def _later(found: Inspection) -> Iterator[str]:
    runs = [(row.name, row.when, row.runs, row.user) for row in found.footprint.later]
    answers = [(row.question, row.answer) for row in found.footprint.answers]
    if runs:
        yield from ("### Later", "", *_table(("by", "when", "what", "as"), runs), "")
    if found.footprint.booted is not None:
        rows = [(row.name, row.state, names((*row.users, *row.when, *row.starts), 9)) for row in found.footprint.booted]
        yield from ("### In a boot", "", *_table(("unit", "what became of it", ""), rows or [("none", "", "")]), "")
    if answers:
        yield from ("### Answers that were chosen", "", *_table(("question", "answer"), answers), "")


def _contacts(found: Inspection) -> Iterator[str]:
    if found.contacts is not None:
        yield "### Talked to"
        yield ""
        rows = [(names(row.names), row.address, f"{row.port}/{row.protocol}") for row in found.contacts]
        yield from _table(("names", "address", "port"), rows or [("nobody", "", "")])
        yield ""


def comparison_md(found: Comparison) -> str:
    """Return the table of several inspections, with the failures below it."""
    header, *rows = table(found)
    lines = [*_table(header, rows), ""]
    lines += [f"- {escape(one.name)} failed: {escape(one.failure)}" for one in found.candidates if one.failure]
    return "\n".join(lines).rstrip() + "\n"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = tuple(rows)
    if not rows:
        return
    for number, row in enumerate((header, *rows)):
        yield f"| {' | '.join(map(escape, row))} |"
        if number == 0:
            yield f"|{' --- |' * len(header)}"


def _without_double_blanks(lines: Iterable[str]) -> Iterator[str]:
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line
