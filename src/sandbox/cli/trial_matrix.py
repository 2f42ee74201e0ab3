"""From the arguments of `sandbox trial` to the entries of a matrix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.cli.request import make_request
from sandbox.cli.try_arguments import TryArguments
from sandbox.cli.try_options import Bounds, What, Where
from sandbox.distros.lookup import find_target
from sandbox.errors import Advice, UsageError
from sandbox.provision.planning import target_for
from sandbox.specs.find import list_specs, load_by_name
from sandbox.specs.grants import parse_allow
from sandbox.specs.model import Spec
from sandbox.trials.matrix import matrix
from sandbox.trials.runner import MatrixEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.cli.trial_options import Cells
    from sandbox.provision.context import Context
    from sandbox.trials.results import Cell


class SpecArgument(Struct, frozen=True, kw_only=True):
    """A spec of the command line: its argument, its file, the positions of its checks, and its own distro.

    `is_list`: whether it is a file of --from, which has no checks.
    """

    word: str
    source: str
    lines: tuple[int, ...]
    distro: str
    is_list: bool = False


def entries_for(cells: Cells, host: Context, *, folder: Path, is_here: bool = True) -> tuple[MatrixEntry, ...]:
    """Return the entries, planned; raise UsageError or SpecError for all that can't be, before an engine is asked.

    `is_here`: whether no engine but that of the settings runs them.
    """
    parse_allow(cells.allow.split(",") if cells.allow else ())
    own = cells.specs or ([] if cells.files else _here(host, folder))
    specs = {**_specs_by_title(own, host, folder), **_lists(cells.files or (), host)}
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
        what=_what(spec, distro, cells, host),
        where=Where(distro=distro),
        bounds=Bounds(hardened=cells.hardened, allow=cells.allow),
        interactive=False,
        is_here=is_here,
    )
    request = make_request(asked, host, folder=folder)
    again = (*(("--from",) if spec.is_list else ()), spec.word, *(("--distro", distro) if distro else ()), *cells.words)
    return MatrixEntry(cell=cell, request=request, source=spec.source, lines=spec.lines, again=again)


def _what(spec: SpecArgument, distro: str | None, cells: Cells, host: Context) -> What:
    if not spec.is_list:
        return What(spec=spec.word, locked=cells.locked)
    from sandbox.cli.package_lists import packages_with_lists

    packages = packages_with_lists(None, [spec.word], host, distro=distro, takes_input=False)
    return What(packages=packages, files=[spec.word], locked=cells.locked)


def _lists(files: Sequence[str], host: Context) -> dict[str, SpecArgument]:
    """Return the files of --from, by what was typed. Raises UsageError for standard input, which is read only once."""
    from sandbox.specs.package_files.read import reads_input

    for file in files:
        if reads_input(file):
            message = "--from - can't be tried on several distros: each reads the file anew"
            raise UsageError(message, hints=[Advice.sandbox("trial", "--from", "packages.txt")])
    target = target_for(Spec(), host, host.rows())
    own = target.option if target else ""
    return {file: SpecArgument(word=file, source=file, lines=(), distro=own, is_list=True) for file in files}


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
