"""The verb search: its answers as a table or as JSON."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import typer

from sandbox.cli.app import connect, make_host, show_json, show_table
from sandbox.cli.verb import verb
from sandbox.core.human import count, names, size
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, RemovalFailed, UsageError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.commands.search import DistroMatches, SearchResult
    from sandbox.distros.model import Target
    from sandbox.errors import Row
    from sandbox.managers.index_search import PackageMatch
    from sandbox.provision.context import Context
    from sandbox.report.terminal import TerminalReporter

ALL: Final = "all"
HEADER: Final = ("distro", "package", "version", "download", "on disk", "command", "summary")
SUMMARY: Final = 60
"""Characters of a summary that a table shows."""


@verb("search")
def search(
    name: str | None = None,
    files: list[str] | None = None,
    command: str | None = None,
    distro: str | None = None,
    as_json: bool = False,
    distros: str | None = None,
    engine: str | None = None,
) -> None:
    """Run `sandbox search`."""
    from msgspec import to_builtins

    texts = search_texts(name, files, command)
    host = make_host(engine=engine, distros=distros)
    result = _run(texts, host, _targets(distro, host), is_command=command is not None)
    if as_json:
        show_json(
            [{**to_builtins(cell), "next": advice_text(cell.next) if cell.next else None} for cell in result.cells]
        )
    else:
        none = "not found" if command is None else "no package found"
        rows = [(cell.asked, *row) for cell in result.cells for row in _rows(cell, none)]
        is_one = len(texts) == 1
        show_table(HEADER if is_one else ("asked for", *HEADER), [row[1:] if is_one else row for row in rows])
        if command is None:
            from sandbox.report.terminal import TerminalReporter

            TerminalReporter(os.environ).rows(by_command(result.cells, distro))
    left = any(removal.left for removal in result.removals)
    raise typer.Exit(result.status or (RemovalFailed.exit_code if left else 0))


def search_texts(name: str | None, files: list[str] | None, command: str | None) -> tuple[str, ...]:
    """Return the texts to search for. Raises UsageError for an invalid name, for both kinds or for none."""
    from sandbox.specs import values
    from sandbox.specs.options import parse_option
    from sandbox.specs.places import is_place

    typed = [parse_option("package", values.PACKAGE, name)] if name is not None else []
    if name is not None and is_place(name):
        message = f"search looks in a distro's index, and {plain_line(name, 80)} is a file"
        raise UsageError(message, hints=[Advice.sandbox("inspect", name)])
    if command is None and files:
        from sandbox.cli.package_lists import distro_names

        return tuple(dict.fromkeys([*typed, *distro_names(files)]))
    if command is None and typed:
        return tuple(typed)
    if command is not None and not (typed or files):
        return (parse_option("--command", values.PROGRAM, command),)
    message = "search needs either package names (NAME or --from FILE) or a command (--command CMD)"
    raise UsageError(message, hints=[Advice.sandbox("search", "ripgrep"), Advice.sandbox("search", "--command", "rg")])


def by_command(cells: Sequence[DistroMatches], distro: str | None) -> list[Row]:
    """Return how to look for a command of a name that no package has, where a distro could look for the name."""
    found = {cell.asked for cell in cells if cell.hits}
    lacking = dict.fromkeys(cell.asked for cell in cells if not (cell.problem or cell.asked in found))
    where = ("--distro", distro) if distro else ()
    lines = [advice_text(Advice.sandbox("search", "--command", text, *where)) for text in lacking if _may_be(text)]
    return [("" if number else "next", line) for number, line in enumerate(lines)]


def _may_be(text: str) -> bool:
    """Return whether a command can have that name."""
    from sandbox.specs import values

    with suppress(ValueError):
        return bool(values.PROGRAM.parse(text))
    return False


def _run(texts: tuple[str, ...], host: Context, targets: tuple[Target, ...], *, is_command: bool) -> SearchResult:
    from sandbox.commands.search import Search, SearchRequest, targets_here
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

    reporter = TerminalReporter(os.environ, quiet=not sys.stderr.isatty())
    with trap_termination() as guard, connect(host) as engine:
        found = targets or targets_here(engine, host.rows(), host.settings.registries)
        request = SearchRequest(texts=texts, targets=found, is_command=is_command)
        result = Search(request, host, engine=engine, reporter=reporter, guard=guard).run()
    _close(result, reporter)
    return result


def _targets(text: str | None, host: Context) -> tuple[Target, ...]:
    """Return the distros to search, none for `all`; by default the one that `try` would use."""
    from sandbox.distros.lookup import find_target
    from sandbox.provision.planning import target_for
    from sandbox.specs.model import Spec

    if text == ALL:
        return ()
    rows = host.rows()
    every = [find_target(word, rows) for word in text.split(",")] if text else [target_for(Spec(), host, rows)]
    return tuple({target.option: target for target in every if target}.values())


def _close(result: SearchResult, reporter: TerminalReporter) -> None:
    """Show what was removed, from the engine's answers; failures are always shown."""
    for removal in result.removals:
        for failure in removal.failures:
            reporter.warn(failure)
    from sandbox.report.try_text import object_names

    left = object_names(item for removal in result.removals for item in removal.left)
    removed = count(sum(len(removal.removed) for removal in result.removals), "container")
    known = f"not removed: {left}" if left else "nothing else of this search is left"
    reporter.rows([("removed", f"{removed}; {known}")])
    reporter.blank()


def _rows(cell: DistroMatches, none: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each package, or one that says why there is none."""
    for hit in cell.hits:
        yield _row(cell, hit)
    if cell.hits:
        return
    why = f"{none}; nearest: {', '.join(cell.nearest)}" if cell.nearest else none
    if cell.problem is not None:
        why = f"{cell.problem}; next: {advice_text(cell.next)}" if cell.next else cell.problem
    yield cell.distro, *(["-"] * (len(HEADER) - 2)), why


def _row(cell: DistroMatches, hit: PackageMatch) -> tuple[str, ...]:
    summary = hit.summary if len(hit.summary) <= SUMMARY else f"{hit.summary[: SUMMARY - 1]}…"
    return (
        cell.distro,
        hit.package,
        hit.version,
        size(hit.download) if hit.download else "-",
        size(hit.size) if hit.size else "-",
        names(hit.commands, 3) or "-",
        summary if hit.is_called_so else f"its name here; {summary}",
    )
