"""Names for completion: distros, specs, sandboxes and packages known on this host.

It starts no container and does not wait for an engine.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine

QUICK: Final = 0.7
"""Seconds that an engine, or the host's package manager, has to answer."""


def _distros(typed: str) -> list[str]:
    """Return the distros, or the releases of a typed distro."""
    from sandbox.cli.app import make_host

    rows = make_host().rows()
    if ":" not in typed and not any(row.name == typed for row in rows):
        return [row.name for row in rows]
    return [f"{row.name}:{release.name}" for row in rows for release in row.releases]


def _targets(typed: str) -> list[str]:
    return ["host", "tried", *_distros(typed)]


def _specs(_: str) -> list[str]:
    """Return the names of specs, and files in this folder that may be specs."""
    from sandbox.cli.app import working_folder
    from sandbox.specs.find import names

    folder = working_folder()
    files = [path.name for path in folder.glob("*.y*ml") if not path.name.endswith(".lock.yaml")]
    return [*names(os.environ, folder), *(f"./{name}" for name in files), *files]


def _sandboxes(_: str) -> list[str]:
    from sandbox.lifecycle.listing import list_sandboxes

    return _of_engine(lambda engine, owner: [box.name for box in list_sandboxes(engine, owner) if box.is_ours])


def _images(_: str) -> list[str]:
    return _of_engine(
        lambda engine, _: [tag for image in engine.images() for tag in image.tags if not tag.startswith("sandbox")]
    )


def _bases(_: str) -> list[str]:
    from sandbox.commands import base

    return _of_engine(lambda engine, _: [row.reference for row in base.list_(engine)])


def _of_engine(ask: Callable[[Engine, Owner], list[str]]) -> list[str]:
    """Return what is asked of the engine, for our owner; nothing if it does not answer in time."""
    from sandbox.cli.host import answer_within, make_host

    host = make_host()
    return answer_within(QUICK, host, lambda engine: ask(engine, host.owner)) or []


def _places(typed: str) -> list[str]:
    """Return `NAME:` for each sandbox; the shell adds its own files."""
    return [f"{name}:" for name in _sandboxes(typed)]


def _sessions(_: str) -> list[str]:
    from sandbox.cli.app import make_host

    return list(dict.fromkeys(record.name for record in make_host().journal.records()))


def _packages(typed: str) -> list[str]:
    """Return packages of past sessions and specs, those in the host's own index, and prefixes of languages."""
    from sandbox.cli.app import make_host, working_folder
    from sandbox.managers.registry import LANGUAGES
    from sandbox.specs.find import list_specs

    host = make_host()
    tried = [row.full_name for record in host.journal.records() for row in record.packages]
    named = [name for spec in list_specs(environ=os.environ, cwd=working_folder()) for name in spec.packages]
    return [*tried, *named, *_of_host(typed), *(f"{name}:" for name in LANGUAGES)]


def _of_host(typed: str) -> list[str]:
    """Return the packages that the host's own index has, as its manager answers shells without writing anything."""
    import shutil
    import subprocess

    argv = next((words for words in INDEXES if shutil.which(words[0])), None)
    if argv is None or not re.fullmatch("[a-z0-9][a-z0-9+.-]+", typed):
        return []
    try:
        done = subprocess.run(
            [word.format(typed) for word in argv], capture_output=True, text=True, timeout=QUICK, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return sorted(word for word in done.stdout.split() if word.startswith(typed))


INDEXES: Final = (
    ("apt-cache", "--no-generate", "pkgnames", "{}"),
    ("pacman", "-Slq"),
    ("apk", "search", "--quiet", "--no-network", "{}"),
)
"""Commands that print the host's package names quickly: those of the managers' own completions."""


def _keys(_: str) -> list[str]:
    from sandbox.specs.schema import key_docs

    return [doc.key for doc in key_docs()]


LISTS: Final[Mapping[str, Callable[[str], list[str]]]] = {
    "bases": _bases,
    "distros": _distros,
    "images": _images,
    "keys": _keys,
    "packages": _packages,
    "places": _places,
    "sandboxes": _sandboxes,
    "sessions": _sessions,
    "specs": _specs,
    "targets": _targets,
}
"""The table's names for lists of values, and the function that returns the values for a typed word."""
