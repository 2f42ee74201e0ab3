"""Packages of another architecture than the machine's own: what a manager has to be told before it knows them.

dpkg knows its own architecture alone until it is told of others (dpkg(1), --add-architecture), and apt-get fetches no
index of those; told of one that it knows it changes nothing. rpm's managers take `NAME.ARCH` as it is. The rest can't
ask for one by a package's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.managers.protocol import Argv, PackageRef

OWN: Final = ("all", "any", "native")
"""What stands in an architecture's place in `NAME:ARCH` and is none."""


def architectures(packages: Iterable[PackageRef], manager: str) -> tuple[str, ...]:
    """Return the architectures that packages ask for and a machine may have to be told of, each once; none for most."""
    if manager != "apt":
        return ()
    found = (ref.name.partition(":")[2] for ref in packages if not ref.source)
    return tuple(dict.fromkeys(text for text in found if text and text not in OWN))


def add_architecture(architecture: str) -> Argv:
    """Return the argv that lets apt's next refresh have an architecture's packages; at once done where it has them."""
    return ("dpkg", "--add-architecture", architecture)
