"""From the words of `sandbox trial` to the entries of a matrix."""

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
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.provision.context import Context


class SpecArgument(Struct, frozen=True, kw_only=True):
    """A spec of the command line: what it is found by, its file, where its checks stand, and its own distro."""

    word: str
    source: str
    lines: tuple[int, ...]
    distro: str


def entries_for(
    words: Sequence[str],
    distro: str | None,
    asked_for: Mapping[str, str | None],
    host: Context,
    *,
    folder: Path,
    locked: bool = False,
    hardened: bool = False,
) -> tuple[MatrixEntry, ...]:
    """Return the entries, planned; raise UsageError or SpecError for all that can't be, before an engine is asked.

    `asked_for` are options with values that each cell alone needs too.
    """
    allow = asked_for.get("--allow")
    parse_allow(allow.split(",") if allow else ())
    specs = _specs_by_title(words or _here(host, folder), host, folder)
    distros = [name for name in (text.strip() for text in (distro or "").split(",")) if name]
    entries = []
    for cell in matrix(tuple(specs), distros, {name: spec.distro for name, spec in specs.items()}):
        spec = specs[cell.spec]
        asked = TryArguments(
            what=What(spec=spec.word, locked=locked),
            where=Where(distro=cell.distro if distros else None),
            bounds=Bounds(hardened=hardened, allow=allow),
            interactive=False,
        )
        request = make_request(asked, host, folder=folder)
        where = ("--distro", cell.distro) if distros else ()
        held = (*(("--locked",) if locked else ()), *(("--hardened",) if hardened else ()))
        more = (word for option, value in asked_for.items() if value for word in (option, value))
        again = (spec.word, *where, *held, *more)
        entries.append(MatrixEntry(cell=cell, request=request, source=spec.source, lines=spec.lines, again=again))
    return tuple(entries)


def _here(host: Context, folder: Path) -> list[str]:
    """Return the names of the specs in ./sandboxes."""
    known = list_specs(environ=host.environ, cwd=folder)
    return [spec.name for spec in known if spec.origin == "here"]


def _specs_by_title(words: Sequence[str], host: Context, folder: Path) -> dict[str, SpecArgument]:
    """Return the specs by what they are called in the table: their name, the whole word where two have the same."""
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
