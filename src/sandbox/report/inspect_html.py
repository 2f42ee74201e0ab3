"""An inspection, or several side by side, as one HTML file that opens anywhere and asks nobody for anything."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core.human import count, names, seconds, size
from sandbox.inspect.claims import CLEAN, NO_FINDINGS, NOT_LEFT, absence, may_claim, none_of
from sandbox.inspect.comparison import build_date
from sandbox.inspect.comparison import table as side_by_side
from sandbox.inspect.findings import KINDS
from sandbox.report.finding_text import note
from sandbox.report.html_page import bars, explanation, facts, page, scroll_box, section, table, texts, tiles
from sandbox.report.inspect_filetree import filetree
from sandbox.report.inspect_graph import graph
from sandbox.report.inspect_text import installer_rows, subject_of, untried_text, was_taken_back
from sandbox.report.page_words import (
    AFTER_PURGE,
    AFTER_UNDO,
    ANSWERS,
    BOOTED,
    BY_SORT,
    FILES,
    GLANCE,
    LATER,
    MEANINGS,
    NEEDS,
    TALKED,
    TITLES,
    UNSEEN,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.inspect.comparison import Comparison
    from sandbox.inspect.findings import Footprint, Inspection, InstalledPackage
    from sandbox.report.html_page import Cell


class Provenance(Struct, frozen=True, kw_only=True):
    """Where the numbers of a page come from: the day and time (UTC), by what, from which mirror, and how to repeat it.

    `mirror` is empty where the distro has no one mirror.
    """

    date: str
    version: str
    command: str
    mirror: str = ""


def inspection_html(found: Inspection, made: Provenance, picture: bytes = b"", icon: bytes = b"") -> str:
    """Return the document of one inspection; `picture`, `icon`: of its program, as PNG of our own making."""
    under = f"measured on {made.date} in a throwaway container, in {seconds(found.seconds)}"
    return page(
        f"{subject_of(found)} in {found.distro}",
        under,
        [*_inspection(found), *_pictures(picture, icon), _how(made, found.distro, found.base)],
    )


def _pictures(picture: bytes, icon: bytes) -> Iterator[str]:
    """Yield the part with the picture of a program and its icon, if there is one."""
    if picture:
        shown = _image(icon, "icon", "The program's icon") if icon else ""
        yield section("How it looks", shown, _image(picture, "screen", "The program's window"))


def _image(png: bytes, kind: str, text: str) -> str:
    data = b64encode(png).decode()
    return f'<p><img class="{kind}" alt="{text}" src="data:image/png;base64,{data}"></p>'


def _how(made: Provenance, distro: str, base: str) -> str:
    """Return the part that says how a page came about, so that a reader can repeat it."""
    rows = [
        ("command", f"<code>{escape(made.command)}</code>"),
        ("measured on", escape(made.date)),
        ("by", escape(f"sandbox {made.version}")),
        ("distro", escape(distro)),
        ("base image", f"<code>{escape(base)}</code>" if base else ""),
        ("packages from", escape(made.mirror)),
    ]
    return section("How to repeat this", facts((label, text) for label, text in rows if text), name="how")


def _inspection(found: Inspection) -> Iterator[str]:
    """Yield the sections of a page, in their order."""
    footprint = found.footprint
    yield _verdict(found)
    yield tiles((label, text, GLANCE[label]) for label, text in _glance(found))
    if found.installer:
        yield section("How it ran", facts((label, escape(text)) for label, text in installer_rows(found.installer)))
    yield section("What needs what", explanation(NEEDS, scroll_box(graph(footprint.packages), "what needs what")))
    yield _packages(footprint)
    commands = "".join(f"<code>{escape(name)}</code> " for name in footprint.commands)
    yield section(count(len(footprint.commands), "command"), commands)
    nothing = f"<p>{absence(NO_FINDINGS, found.unknown)}</p>"
    yield section("What it does to the system", *_findings(footprint), *[nothing] * (not footprint.findings))
    yield from _runs(footprint)
    answers = [texts(row.question, row.answer) for row in footprint.answers]
    yield section("Answers that were chosen", explanation(ANSWERS, table(("question", "answer"), answers)))
    yield section("Size by sort", explanation(BY_SORT, bars(footprint.bulks)))
    yield section(count(len(footprint.files), "new or changed file"), explanation(FILES, filetree(footprint.files)))
    if found.contacts is not None:
        spoken = [texts(names(row.names), row.address, f"{row.port}/{row.protocol}") for row in found.contacts]
        yield section("Talked to", explanation(TALKED, table(("names", "address", "port"), spoken) or "<p>nobody</p>"))
    yield _rest(found)
    if found.unknown:
        missing = escape(names(found.unknown, len(found.unknown)))
        yield section("Not seen", explanation(UNSEEN, f"<p>{missing}</p>"))


def _verdict(found: Inspection) -> str:
    sentences = "".join(f"<p>{escape(sentence.text)}</p>" for sentence in found.verdict)
    is_good = found.residue.is_clean and not found.footprint.of("damage") and may_claim(CLEAN, found.unknown)
    return f'<section class="verdict{"" if is_good else " bad"}">{sentences}</section>'


def _packages(found: Footprint) -> str:
    """Return the section of the packages that came, and of those that are only recommended."""
    rows = [_package(row) for row in found.packages]
    return section(
        count(len(rows), "package"),
        table(("package", "version", "made on", "size", "because of", "licence"), rows),
        f"<p class=dim>Recommended and left out: {escape(names(found.recommended, 40))}.</p>"
        if found.recommended
        else "",
        name="packages",
    )


def _runs(found: Footprint) -> Iterator[str]:
    """Yield the sections of what will run later, and of what a boot has started."""
    later = [texts(row.name, row.when, row.runs, row.user, names(row.protections or (), 9)) for row in found.later]
    head = ("by", "when", "what", "as", "protected by systemd's")
    yield section("Later", explanation(LATER, table(head, later)))
    if found.booted is not None:
        units = [
            texts(row.name, row.state, names(row.users, 5), names(row.when, 5), names(row.starts, 5))
            for row in found.booted
        ]
        head = ("unit", "what became of it", "as", "when or where", "starts")
        yield section("In a boot", explanation(BOOTED, table(head, units) or "<p>nothing starts</p>"))


def _rest(found: Inspection) -> str:
    """Return the section of what is left behind a purge, or behind an installer's undo."""
    residue, ran = found.residue, found.installer
    left = [texts(row.kind, row.what, row.note) for row in residue.left]
    failure = f"<p>{'Failed' if ran else 'Not purged'}: {escape(residue.failure)}</p>" if residue.failure else ""
    header = ("kind", "what", "note") if any(row.note for row in residue.left) else ("kind", "what")
    rest = table(header, [row[: len(header)] for row in sorted(left)]) or f"<p>{_end(found)}</p>" * (not failure)
    if ran:
        return section("After its undo", explanation(AFTER_UNDO, failure + rest))
    return section("After a purge", explanation(AFTER_PURGE, failure + rest))


def _findings(found: Footprint) -> Iterator[str]:
    """Yield the findings, those of one kind together below what that kind is."""
    for kind in KINDS:
        if rows := [texts(row.what, note(row.fact)) for row in found.of(kind)]:
            header = ("what", "note") if any(told for _, (told, _) in rows) else ("what",)
            yield f"<h3>{escape(TITLES[kind])} <span class=dim>({len(rows)})</span></h3>"
            yield explanation(MEANINGS[kind], table(header, [row[: len(header)] for row in rows]))


def _glance(found: Inspection) -> Iterator[tuple[str, str]]:
    """Yield the numbers at the top, by their names."""
    footprint, left = found.footprint, len(found.residue.left)
    nothing = absence(NOT_LEFT, found.unknown, "nothing")
    yield "on disk", size(footprint.measured)
    yield "the manager claims", size(footprint.claimed)
    yield "received", size(footprint.received)
    yield "install", seconds(found.install_seconds)
    yield "setuid", str(len(footprint.of("setuid")) or none_of(("setuid",), found.unknown, "0"))
    if found.installer:
        failed = "failed" if found.residue.failure else ""
        told = failed or (str(left) if left else nothing)
        yield "left after its undo", told if found.installer.undo else "not tried"
    else:
        yield "left after a purge", "not purged" if found.residue.failure else str(left) if left else nothing


def _end(found: Inspection) -> str:
    return absence(CLEAN, found.unknown) if was_taken_back(found) else untried_text(found)


def _package(row: InstalledPackage) -> tuple[Cell, ...]:
    return (
        (row.name, None),
        (row.version, None),
        (build_date([row]), row.built),
        (size(row.size), row.size),
        ("asked for" if row.asked else names(row.needed_by, 4) or "not known", None),
        (row.licence or "not said", None),
    )


def comparison_html(found: Comparison, made: Provenance) -> str:
    """Return the document of several inspections side by side, with all of each below."""
    header, *rows = side_by_side(found)
    failures = "".join(f"<p>{escape(one.name)}: {escape(one.failure)}</p>" for one in found.candidates if one.failure)
    title = f"{names(header[1:], 9)} side by side"
    body = [
        section("Side by side", table(("what", *header[1:]), [texts(*row) for row in rows])),
        section("Failed", failures),
    ]
    under = f"measured on {made.date} in throwaway containers, in {seconds(found.seconds)}"
    seen = [one.inspection for one in found.candidates if one.inspection is not None]
    distros, bases = dict.fromkeys(one.distro for one in seen), dict.fromkeys(one.base for one in seen)
    how = _how(made, names((*distros,), 9), names((*bases,), 9))
    return page(title, under, [*body, *_verdicts(found), how])


def _verdicts(found: Comparison) -> Iterator[str]:
    for one in found.candidates:
        if one.inspection is not None:
            yield section(one.name, *(f"<p>{escape(sentence.text)}</p>" for sentence in one.inspection.verdict))
