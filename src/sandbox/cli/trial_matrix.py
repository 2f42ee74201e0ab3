"""From the arguments of `sandbox trial` to the entries of a matrix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.cli.request import make_request, target_for
from sandbox.cli.try_arguments import TryArguments
from sandbox.cli.try_options import Bounds, What, Where
from sandbox.distros.lookup import find_target
from sandbox.specs.find import list_specs, load_by_name
from sandbox.specs.grants import parse_allow
from sandbox.trials.matrix import matrix
from sandbox.trials.runner import MatrixEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.cli.trial_options import Cells
    from sandbox.provision.context import Context
    from sandbox.trials.results import Cell


class SpecArgument(Struct, frozen=True, kw_only=True):
    """A spec of the command line: its argument, its file, the positions of its checks, and its own distro."""

    word: str
    source: str
    lines: tuple[int, ...]
    distro: str


def entries_for(cells: Cells, host: Context, *, folder: Path, is_here: bool = True) -> tuple[MatrixEntry, ...]:
    """Return the entries, planned; raise UsageError or SpecError for all that can't be, before an engine is asked.

    `is_here`: whether no engine but that of the settings runs them.
    """
    parse_allow(cells.allow.split(",") if cells.allow else ())
    specs = _specs_by_title(cells.specs or _here(host, folder), host, folder)
    distros = [name for name in (text.strip() for text in (cells.distro or "").split(",")) if name]
    return tuple(
        _entry(cell, cell.distro if distros else None, specs[cell.spec], cells, host, folder, is_here=is_here)
        for cell in matrix(tuple(specs), distros, {name: spec.distro for name, spec in specs.items()})
    )


def _entry(
    cell: Cell,
    distro: str | None,
    spec: SpecArgument,
    cells: Cells,
    host: Context,
    folder: Path,
    *,
    is_here: bool,
) -> MatrixEntry:
    """Return a cell with its plan, and the arguments that repeat it; `distro` None: the spec's own."""
    asked = TryArguments(
        what=What(spec=spec.word, locked=cells.locked),
        where=Where(distro=distro),
        bounds=Bounds(hardened=cells.hardened, allow=cells.allow),
        interactive=False,
        is_here=is_here,
    )
    request = make_request(asked, host, folder=folder)
    again = (spec.word, *(("--distro", distro) if distro else ()), *cells.words)
    return MatrixEntry(cell=cell, request=request, source=spec.source, lines=spec.lines, again=again)


def _here(host: Context, folder: Path) -> list[str]:
    """Return the names of the specs in ./sandboxes."""
    known = list_specs(environ=host.environ, cwd=folder)
    return [spec.name for spec in known if spec.origin == "here"]


def _specs_by_title(words: Sequence[str], host: Context, folder: Path) -> dict[str, SpecArgument]:
    """Return the specs by their titles in the table: the name, or the whole argument if two have the same name."""
    found: dict[str, SpecArgument] = {}
    rows = host.rows()
    known = partial(find_target, rows=rows)
    for word in dict.fromkeys(words):
        loaded = load_by_name(word, environ=host.environ, cwd=folder, known=known, defaults=host.settings.limits)
        lines = tuple(loaded.positions.get(f"checks[{n}]", ("", 0, 0))[1] for n in range(len(loaded.spec.checks)))
        title = loaded.spec.name or word
        target = target_for(loaded.spec, host, rows)
        own = target.option if target else loaded.spec.image or loaded.spec.dockerfile or ""
        name = word if title in found else title
        found[name] = SpecArgument(word=word, source=loaded.source, lines=lines, distro=own)
    return found
