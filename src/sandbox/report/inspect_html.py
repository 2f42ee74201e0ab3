"""An inspection, or several side by side, as one HTML file that opens anywhere and asks nobody for anything."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sandbox.core.human import count, names, seconds, size
from sandbox.inspect.claims import CLEAN, NO_FINDINGS, NOT_LEFT, NOTHING_TO_PURGE, absence, may_claim, none_of
from sandbox.inspect.comparison import build_date
from sandbox.inspect.comparison import table as side_by_side
from sandbox.report.finding_text import note
from sandbox.report.html_page import bars, page, section, table, texts, tiles
from sandbox.report.inspect_filetree import filetree
from sandbox.report.inspect_graph import graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.inspect.comparison import Comparison
    from sandbox.inspect.findings import Inspection, InstalledPackage
    from sandbox.report.html_page import Cell


def inspection_html(found: Inspection) -> str:
    """Return the document of one inspection."""
    asked = names(tuple(f"{row.name} {row.version}" for row in found.footprint.packages if row.asked) or found.packages)
    under = f"measured in a throwaway container in {seconds(found.seconds)}"
    return page(f"{asked} in {found.distro}", under, _inspection(found))


def _inspection(found: Inspection) -> Iterator[str]:
    footprint, residue = found.footprint, found.residue
    sentences = "".join(f"<p>{escape(sentence.text)}</p>" for sentence in found.verdict)
    is_good = residue.is_clean and not footprint.of("damage") and may_claim(CLEAN, found.unknown)
    yield f'<section class="verdict{"" if is_good else " bad"}">{sentences}</section>'
    yield tiles(_glance(found))
    yield section("What needs what", graph(footprint.packages))
    rows = [_package(row) for row in footprint.packages]
    yield section(
        count(len(rows), "package"),
        table(("package", "version", "made on", "size", "because of", "licence"), rows),
        f"<p class=dim>Recommended and left out: {escape(names(footprint.recommended, 40))}.</p>"
        if footprint.recommended
        else "",
        name="packages",
    )
    commands = "".join(f"<code>{escape(name)}</code> " for name in footprint.commands)
    yield section(count(len(footprint.commands), "command"), commands)
    nothing = absence(NO_FINDINGS, found.unknown)
    findings = [texts(row.kind, row.what, note(row.fact)) for row in footprint.findings]
    yield section("What it does to the system", table(("kind", "what", "note"), findings) or f"<p>{nothing}</p>")
    later = [texts(row.name, row.when, row.runs, row.user, names(row.protections or (), 9)) for row in footprint.later]
    if later:
        yield section("Later", table(("by", "when", "what", "as", "protected by systemd's"), later))
    answers = [texts(row.question, row.answer) for row in footprint.answers]
    if answers:
        yield section("Answers that were chosen", table(("question", "answer"), answers))
    yield section("Size by sort", bars(footprint.bulks))
    yield section(count(len(footprint.files), "new or changed file"), filetree(footprint.files))
    if found.contacts is not None:
        spoken = [texts(names(row.names), row.address, f"{row.port}/{row.protocol}") for row in found.contacts]
        yield section("Talked to", table(("names", "address", "port"), spoken) or "<p>nobody</p>")
    left = [texts(row.kind, row.what, row.note) for row in residue.left]
    failure = f"<p>Not purged: {escape(residue.failure)}</p>" if residue.failure else ""
    yield section(
        "After a purge", failure, table(("kind", "what", "note"), left) or f"<p>{_end(found)}</p>" * (not failure)
    )
    if found.unknown:
        yield section("Not seen", f"<p>{escape(names(found.unknown, len(found.unknown)))}</p>")
    yield f"<p class=dim>Base image: <code>{escape(found.base)}</code></p>"


def _glance(found: Inspection) -> Iterator[tuple[str, str]]:
    footprint, left = found.footprint, len(found.residue.left)
    nothing = absence(NOT_LEFT, found.unknown, "nothing")
    yield "on disk", size(footprint.measured)
    yield "the manager claims", size(footprint.claimed)
    yield "received", size(footprint.received)
    yield "install", seconds(found.install_seconds)
    yield "setuid", str(len(footprint.of("setuid")) or none_of(("setuid",), found.unknown, "0"))
    yield "left after a purge", "not purged" if found.residue.failure else str(left) if left else nothing


def _end(found: Inspection) -> str:
    return absence(CLEAN if found.footprint.packages else NOTHING_TO_PURGE, found.unknown)


def _package(row: InstalledPackage) -> tuple[Cell, ...]:
    return (
        (row.name, None),
        (row.version, None),
        (build_date([row]), row.built),
        (size(row.size), row.size),
        ("asked for" if row.asked else names(row.needed_by, 4) or "not known", None),
        (row.licence or "not said", None),
    )


def comparison_html(found: Comparison) -> str:
    """Return the document of several inspections side by side, with all of each below."""
    header, *rows = side_by_side(found)
    failures = "".join(f"<p>{escape(one.name)}: {escape(one.failure)}</p>" for one in found.candidates if one.failure)
    title = f"{names(header[1:], 9)} side by side"
    body = [
        section("Side by side", table(("what", *header[1:]), [texts(*row) for row in rows])),
        section("Failed", failures),
    ]
    return page(title, f"measured in throwaway containers in {seconds(found.seconds)}", [*body, *_verdicts(found)])


def _verdicts(found: Comparison) -> Iterator[str]:
    for one in found.candidates:
        if one.inspection is not None:
            yield section(one.name, *(f"<p>{escape(sentence.text)}</p>" for sentence in one.inspection.verdict))
