"""An inspection, or several side by side, as one HTML file that opens anywhere and asks nobody for anything."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sandbox.evaluate.comparison import table
from sandbox.quantities import count, names, seconds, size
from sandbox.report.graph import graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.evaluate.comparison import Comparison
    from sandbox.evaluate.findings import Bulk, Inspection

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What the file may do (CSP level 3): nothing over a network, whatever a package's name may hold."""

STYLE: Final = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #667; --line: #d8dce2; --bar: #3572b0; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171a; --text: #e4e7eb; --dim: #98a2ad; --line: #333a42; --bar: #6aa9e9; }
}
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.verdict { font-size: 1.1rem; } .dim { color: var(--dim); }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: .25rem .6rem .25rem 0;
  text-align: left; vertical-align: top; }
th button { background: none; border: 0; color: inherit; cursor: pointer; font: inherit; font-weight: 600; padding: 0; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
.bar { background: var(--bar); display: inline-block; height: .7rem; min-width: 2px; }
svg { max-width: 100%; } svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg path { fill: none; stroke: var(--dim); } svg rect { fill: none; stroke: var(--bar); }
"""

SCRIPT: Final = """
document.querySelectorAll("th button").forEach(function (button) {
  button.addEventListener("click", function () {
    var cell = button.parentNode, table = cell.closest("table"), body = table.tBodies[0];
    var down = cell.getAttribute("aria-sort") === "ascending" ? -1 : 1, at = cell.cellIndex;
    function value(row) { return row.cells[at].dataset.sort || row.cells[at].textContent; }
    var rows = Array.from(body.rows).sort(function (a, b) {
      return down * value(a).localeCompare(value(b), undefined, { numeric: true });
    });
    table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    cell.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
    rows.forEach(function (row) { body.appendChild(row); });
  });
});
"""

Cell = tuple[str, int | None]
"""A text, and the number that it is sorted by where it is one."""


def inspection_html(found: Inspection) -> str:
    """Return the document of one inspection."""
    footprint, residue = found.footprint, found.residue
    asked = names(tuple(f"{row.name} {row.version}" for row in footprint.packages if row.asked) or found.packages)
    packages = [
        (
            (row.name, None),
            (row.version, None),
            (size(row.size), row.size),
            ("asked for" if row.asked else names(row.needed_by, 4) or "not known", None),
            (row.licence or "not said", None),
        )
        for row in footprint.packages
    ]
    brings = f"{count(len(footprint.packages), 'package')}, {size(footprint.measured)} on disk"
    claims = f"The manager claims {size(footprint.claimed)}; {size(footprint.received)} were received."
    body = [
        *(f'<p class="verdict">{escape(sentence.text)}</p>' for sentence in found.verdict),
        f"<h2>What comes: {escape(brings)}</h2><p class=dim>{escape(claims)}</p>",
        graph(footprint.packages),
        _table(("package", "version", "size", "because of", "licence"), packages),
        f"<h2>Commands</h2><p>{escape(', '.join(footprint.commands) or 'none')}</p>",
        "<h2>What it does to the system</h2>",
        _table(("kind", "what", "note"), [_texts(row.kind, row.what, row.note) for row in footprint.findings]),
        "<h2>Files by sort</h2>",
        _bars(footprint.bulks),
        "<h2>Files by folder</h2>",
        _bars(footprint.folders),
        f"<h2>After a purge{': clean' if residue.is_clean else ''}</h2>",
        *([f"<p>Not purged: {escape(residue.failure)}</p>"] if residue.failure else []),
        _table(("kind", "what", "note"), [_texts(left.kind, left.what, left.note) for left in residue.left]),
        f"<p class=dim>Measured in {escape(found.base)} in {escape(seconds(found.seconds))}.</p>",
    ]
    return _document(f"{asked} in {found.distro}", body)


def comparison_html(found: Comparison) -> str:
    """Return the document of several inspections side by side."""
    header, *rows = table(found)
    failures = [f"<li>{escape(one.name)}: {escape(one.failure)}</li>" for one in found.candidates if one.failure]
    body = [_table(header, [_texts(*row) for row in rows]), f"<ul>{''.join(failures)}</ul>" if failures else ""]
    return _document(f"{names(header[1:], 9)} side by side", body)


def _texts(*cells: str) -> tuple[Cell, ...]:
    return tuple((cell, None) for cell in cells)


def _document(title: str, body: Iterable[str]) -> str:
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(body) + f"\n<script>{SCRIPT}</script></body></html>\n"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f'<th scope="col"><button type="button">{escape(text)}</button></th>' for text in header)
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>"
        + "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        + "</tbody></table>"
    )


def _cell(cell: Cell) -> str:
    text, number = cell
    return f"<td{'' if number is None else f' data-sort={number}'}>{escape(text)}</td>"


def _bars(bulks: Sequence[Bulk]) -> str:
    largest = max((bulk.size for bulk in bulks), default=0) or 1
    rows = "".join(
        f"<tr><td>{escape(bulk.sort)}</td>"
        f'<td><span class="bar" style="width:{max(0.1, 16 * bulk.size / largest):.2f}rem"></span></td>'
        f"<td data-sort={bulk.size}>{escape(size(bulk.size))}</td>"
        f"<td data-sort={bulk.files}>{bulk.files}</td></tr>"
        for bulk in bulks
    )
    head = "".join(
        f'<th scope="col"><button type="button">{text}</button></th>' for text in ("", "share", "size", "files")
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
