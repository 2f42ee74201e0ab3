"""The verb distros: lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.cli.app import make_host, show_json, show_table
from sandbox.cli.host import answer_within
from sandbox.cli.verb import verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.commands.distros import Listed
    from sandbox.distros.model import Support
    from sandbox.provision.context import Context


@verb("distros")
def distros(name: str | None = None, as_json: bool = False, rows: str | None = None, engine: str | None = None) -> None:
    """Run `sandbox distros`."""
    import time

    from msgspec import to_builtins

    from sandbox.commands.distros import distros as listed
    from sandbox.distros.lookup import targets_of

    host = make_host(engine=engine, distros=rows)
    targets = targets_of(name, host.rows())
    found = listed(targets, today=time.strftime("%Y-%m-%d"), tags=_tags(host))
    if as_json:
        show_json([to_builtins(row) for row in found])
        return
    table = [(f"{row.distro}:{row.release}", row.manager, _until(row), row.here, SUPPORT[row.support]) for row in found]
    show_table(("distro", "manager", "supported until", "image", "how it is tested"), table)


SUPPORT: Final[Mapping[Support, str]] = {
    "run": "run: the tests run the genuine distro",
    "lab": "lab: the tests run its real package manager on another distro's files",
    "documented": "documented: not tested",
    "yours": "your own row",
}
QUICK: Final = 1.5
"""Seconds that an engine has to list its images; the list works without."""


def _until(row: Listed) -> str:
    if row.until is None:
        return "-"
    return f"{row.until} (ended)" if row.has_ended else row.until


def _tags(host: Context) -> frozenset[str] | None:
    """Return the names of the engine's images; None if it does not answer quickly."""
    return answer_within(QUICK, host, lambda engine: frozenset(tag for image in engine.images() for tag in image.tags))
