"""Packages of another architecture than the machine's own: what a manager has to be told before it knows them.

dpkg knows its own architecture alone until it is told of others (dpkg(1), --add-architecture), and apt-get fetches no
index of those; told of one that it knows it changes nothing. rpm's managers take `NAME.ARCH` as it is. The rest can't
ask for one by a package's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.managers.protocol import OWN_ARCHITECTURES
from sandbox.managers.registry import find_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.managers.protocol import Argv, PackageRef


def architectures(packages: Iterable[PackageRef], manager: str) -> tuple[str, ...]:
    """Return the architectures that packages ask for and a machine may have to be told of, each once; none for most."""
    texts = (ref.name.partition(":")[2] for ref in packages if not ref.source)
    found = tuple(dict.fromkeys(text for text in texts if text and text not in OWN_ARCHITECTURES))
    data = find_data(manager) if found else None
    return found if data is not None and data.add_architecture else ()


def add_architecture(manager: str, architecture: str) -> Argv:
    """Return the argv that lets the next refresh have an architecture's packages; at once done where it has them.

    `manager` is one of whose packages `architectures` returns some.
    """
    data = find_data(manager)
    return (*data.add_architecture, architecture) if data is not None else (architecture,)
