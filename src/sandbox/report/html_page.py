"""The frame of every HTML page: one file with its own style and script, that asks nobody for anything."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sandbox.core.human import size
from sandbox.core.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.inspect.findings import SizeByGroup

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""What the file may do (CSP level 3): nothing over a network, whatever a package's name may hold."""

STYLE: Final = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f24; --dim: #5b6570; --line: #dfe3e8;
  --bar: #2f6fb3; --good: #1a7f4b; --bad: #b4431f; --shade: rgb(27 31 36 / .22); }
@media (prefers-color-scheme: dark) {
  :root { --back: #101316; --card: #181c20; --text: #e4e7eb; --dim: #98a2ad; --line: #2c333a; --bar: #6aa9e9;
    --good: #5cc98f; --bad: #f0936f; --shade: rgb(0 0 0 / .75); }
}
* { box-sizing: border-box; }
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 66rem; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin-top: 1rem;
  padding: 1rem 1.25rem; }
h3 ~ .scroll th:first-child { width: 55%; }
h3 { font-size: 1rem; margin: 1.25rem 0 0; } h2 + h3, h2 + p { margin-top: 0; }
.meaning { color: var(--dim); margin: 0 0 .5rem; max-width: 45rem; }
/* what is wider than the page shows a shade at the side where more of it is (lea.verou.me/2012/04) */
.scroll { background: linear-gradient(to right, var(--card) 40%, transparent) left / 2.5rem 100% local,
  linear-gradient(to left, var(--card) 40%, transparent) right / 2.5rem 100% local,
  linear-gradient(to right, var(--shade), transparent) left / .8rem 100% scroll,
  linear-gradient(to left, var(--shade), transparent) right / .8rem 100% scroll;
  background-color: var(--card); background-repeat: no-repeat; overflow-x: auto; scrollbar-width: thin; }
.scroll:focus-visible { outline: 2px solid var(--bar); }
dl { display: grid; gap: .3rem 1.25rem; grid-template-columns: max-content 1fr; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.verdict { border-left: 4px solid var(--good); } .verdict.bad { border-left-color: var(--bad); }
.verdict p { font-size: 1.1rem; margin: .15rem 0; } .dim { color: var(--dim); }
.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); margin-top: 1rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem 1rem; }
.tile small { color: var(--dim); display: block; line-height: 1.3; }
.tile b { display: block; font-size: 1.35rem; line-height: 1.3; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); min-width: 5.5rem; padding: .3rem .8rem .3rem 0; text-align: left;
  vertical-align: top; white-space: nowrap; }
td.wide { min-width: 11rem; overflow-wrap: anywhere; white-space: normal; } tr:last-child td { border-bottom: 0; }
th button { background: none; border: 0; color: var(--dim); cursor: pointer; font: inherit; font-size: .9rem;
  padding: 0; text-align: left; white-space: nowrap; }
th button:hover, th button:focus-visible { color: var(--text); text-decoration: underline; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
.bar { background: var(--bar); border-radius: 3px; display: inline-block; height: .7rem; min-width: 2px; }
svg, img { height: auto; max-width: 100%; } svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg path { fill: none; stroke: var(--dim); } svg rect { fill: var(--back); stroke: var(--bar); }
details { margin-left: 1.1rem; } .tree > details { margin-left: 0; } summary { cursor: pointer; }
summary:hover { color: var(--bar); } .file { margin-left: 2.2rem; overflow-wrap: anywhere; }
@media (max-width: 60rem) { .tiles { grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 30rem) {
  body { padding: 1rem .6rem 3rem; } section { padding: .8rem; } h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
  .tiles { gap: .6rem; grid-template-columns: 1fr 1fr; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  details { margin-left: .6rem; } .file { margin-left: 1.4rem; }
}
.file, summary { font: 13px/1.7 ui-monospace, monospace; } code { font: 13px ui-monospace, monospace; }
"""


WIDE: Final = 20
"""Characters above which a cell may have several lines: a shorter one, as a version or a day, is torn in none."""

Cell = tuple[str, int | None]
"""A text, and the number that it is sorted by where it is one."""


def page(title: str, under: str, body: Iterable[str]) -> str:
    """Return the document; `under` is a line below its title, `body` is HTML."""
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f'<h1>{escape(title)}</h1><div class="dim">{escape(under)}</div>\n'
        + "\n".join(body)
        + f"\n<script>{program(__package__, 'sort_table.js')}</script></body></html>\n"
    )


def section(title: str, *parts: str, name: str = "") -> str:
    """Return a part of the page with its heading, to be linked to by its name; nothing where nothing is in it."""
    inner = "".join(parts)
    mark = f' id="{name}"' if name else ""
    return f"<section{mark}><h2>{escape(title)}</h2>{inner}</section>" if inner else ""


def tiles(rows: Iterable[tuple[str, str, str]]) -> str:
    """Return numbers to see at a glance: what each is, how much, and what that means."""
    cells = "".join(
        f'<div class="tile"><span class="dim">{escape(label)}</span><b>{escape(text)}</b>'
        f"<small>{escape(meaning)}</small></div>"
        for label, text, meaning in rows
    )
    return f'<div class="tiles">{cells}</div>'


def explanation(meaning: str, part: str) -> str:
    """Return a part of the page below what it is; nothing where there is none."""
    return f'<p class="meaning">{escape(meaning)}</p>{part}' if part else ""


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return labels with what each is, which is HTML."""
    return f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{text}</dd>' for label, text in rows)}</dl>"


def scroll_box(part: str, label: str) -> str:
    """Return a part that may be wider than the page: it scrolls, by the keyboard too, and shows that there is more."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{part}</div>' if part else ""


def texts(*cells: str) -> tuple[Cell, ...]:
    """Return cells that are sorted as texts."""
    return tuple((cell, None) for cell in cells)


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table whose columns sort by a click, empty where there are no rows."""
    if not rows:
        return ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return scroll_box(f"<table>{_head(header)}<tbody>{body}</tbody></table>", ", ".join(header))


def _head(header: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col"><button type="button">{escape(text)}</button></th>' for text in header)
    return f"<thead><tr>{cells}</tr></thead>"


def _cell(cell: Cell) -> str:
    text, number = cell
    wide = " class=wide" if len(text) > WIDE else ""
    return f"<td{wide}{'' if number is None else f' data-sort={number}'}>{escape(text)}</td>"


def bars(bulks: Sequence[SizeByGroup]) -> str:
    """Return a table of sizes with a bar each, as long as its share of the largest."""
    largest = max((bulk.size for bulk in bulks), default=0) or 1
    rows = "".join(
        f"<tr><td>{escape(bulk.sort)}</td>"
        f"<td data-sort={bulk.size}>{escape(size(bulk.size))}</td><td data-sort={bulk.files}>{bulk.files}</td>"
        f'<td data-sort={bulk.size}><span class="bar" style="width:{max(0.1, 22 * bulk.size / largest):.2f}rem"></span>'
        "</td></tr>"
        for bulk in bulks
    )
    head = ("sort", "size", "files", "share")
    return scroll_box(f"<table>{_head(head)}<tbody>{rows}</tbody></table>", ", ".join(head)) if bulks else ""
