# ruff: noqa: INP001 - a script and its module, no package
"""Draws the frames of a terminal session as one SVG that plays them; where nothing moves, it shows one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS: Final = 26
COLUMNS: Final = 100
CELL: Final = (8.4, 18.0)
"""Width and height of a character, in pixels, at FONT."""
FONT: Final = 14
MARGIN: Final = 18
BAR: Final = 38
"""Height of the window's title bar, in pixels."""

Look = tuple[str, str, bool]
"""Colours of the text and behind it, by pyte's names or as rrggbb, and whether it is bold."""

PALETTE: Final = {
    "default": "#d6dde6",
    "front": "#d6dde6",
    "back": "#11161d",
    "black": "#3b4252",
    "red": "#f2777a",
    "green": "#8fd18f",
    "brown": "#e5c07b",
    "blue": "#6cb0f5",
    "magenta": "#d29bf0",
    "cyan": "#63c9cf",
    "white": "#d6dde6",
    "brightblack": "#8792a2",
    "brightred": "#ff9a9c",
    "brightgreen": "#b0ecaf",
    "brightbrown": "#ffdc9a",
    "brightblue": "#9acbff",
    "brightmagenta": "#e7bdff",
    "brightcyan": "#90e6ea",
    "brightwhite": "#ffffff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Characters of one look that stand beside each other; `column` is the first one's."""

    column: int
    text: str
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A moment of the session: its rows, the cursor's row and column, and the seconds it is shown.

    `still`: it is the one that is shown where nothing moves.
    """

    rows: tuple[tuple[Run, ...], ...]
    cursor: tuple[int, int] | None
    hold: float
    still: bool = False


def drawn(frames: Sequence[Frame]) -> str:
    """Return the SVG. Rows that several frames share are in it once."""
    width, height = COLUMNS * CELL[0] + 2 * MARGIN, ROWS * CELL[1] + BAR + MARGIN
    rows: dict[tuple[Run, ...], str] = {}
    shown = [_frame(frame, number, rows) for number, frame in enumerate(frames)]
    shared = "\n".join(f'<g id="{name}">{_row(row)}</g>' for row, name in rows.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" xml:space="preserve">\n'
        "<title>sandbox try htop, recorded at a terminal</title>\n"
        f"<style>{_style(frames)}</style>\n<defs>\n{shared}\n</defs>\n"
        f'<rect width="{width:g}" height="{height:g}" rx="10" fill="{PALETTE["back"]}"/>\n{_bar(width)}\n'
        + "\n".join(shown)
        + "\n</svg>\n"
    )


def _style(frames: Sequence[Frame]) -> str:
    """Return the style sheet: one animation a frame, of the whole length, in which it is seen in its own time."""
    total = sum(frame.hold for frame in frames)
    text = f"text{{font:{FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    still = [f".f{number}{{visibility:visible}}" for number, frame in enumerate(frames) if frame.still]
    lines = [f"{text}white-space:pre}}", ".b{font-weight:700}", ".f{visibility:hidden}", *still]
    lines.append("@media (prefers-reduced-motion:no-preference){")
    start = 0.0
    for number, frame in enumerate(frames):
        begin, end = (100 * moment / total for moment in (start, start + frame.hold))
        seen = f"{begin:.2f}%{{visibility:visible}}" + (f"{end:.2f}%{{visibility:hidden}}" if end < 99.99 else "")  # noqa: PLR2004 - rounding
        first = "0%{visibility:hidden}" if number else ""
        lines.append(f"@keyframes k{number}{{{first}{seen}{'100%{visibility:hidden}' if end < 99.99 else ''}}}")  # noqa: PLR2004
        lines.append(f".f{number}{{animation:k{number} {total:g}s step-end infinite}}")
        start += frame.hold
    return "".join([*lines, "}"])


def _bar(width: float) -> str:
    dots = "".join(
        f'<circle cx="{MARGIN + 5 + 20 * number}" cy="{BAR / 2:g}" r="5.5" fill="{colour}"/>'
        for number, colour in enumerate(("#f2777a", "#e5c07b", "#8fd18f"))
    )
    return f'{dots}<text x="{width / 2:g}" y="{BAR / 2 + 5:g}" text-anchor="middle" fill="#8792a2">sandbox</text>'


def _frame(frame: Frame, number: int, rows: dict[tuple[Run, ...], str]) -> str:
    uses = []
    for index, row in enumerate(frame.rows):
        if _row(row):
            name = rows.setdefault(row, f"r{len(rows)}")
            uses.append(f'<use href="#{name}" x="{MARGIN}" y="{BAR + index * CELL[1]:g}"/>')
    if frame.cursor:
        line, column = frame.cursor
        place = f'x="{MARGIN + column * CELL[0]:g}" y="{BAR + line * CELL[1] + 1:g}"'
        uses.append(f'<rect {place} width="{CELL[0]:g}" height="{CELL[1] - 2:g}" fill="#d6dde6" opacity=".8"/>')
    return f'<g class="f f{number}">{"".join(uses)}</g>'


def _row(row: tuple[Run, ...]) -> str:
    return "".join(_behind(run) for run in row) + "".join(_text(run) for run in row if run.text.strip())


def _behind(run: Run) -> str:
    if run.look[1] in ("default", "back"):
        return ""
    width = len(run.text) * CELL[0]
    return f'<rect x="{run.column * CELL[0]:g}" width="{width:g}" height="{CELL[1]:g}" fill="{_colour(run.look[1])}"/>'


def _text(run: Run) -> str:
    """Return a run without the blanks around it, stretched to the width that its cells have in every font."""
    words = run.text.strip()
    column = run.column + len(run.text) - len(run.text.lstrip())
    weight = ' class="b"' if run.look[2] else ""
    place = f'x="{column * CELL[0]:g}" y="{CELL[1] - 4.5:g}" textLength="{len(words) * CELL[0]:g}"'
    return f'<text {place} fill="{_colour(run.look[0])}"{weight}>{escape(words)}</text>'


def _colour(name: str) -> str:
    return PALETTE.get(name) or f"#{name}"
