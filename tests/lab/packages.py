"""The packages of the lab, once: every family's own format is rendered from this table."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What a file holds, and its permissions."""

    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version of a package. Scripts are bodies for sh; a format without such a thing leaves it out.

    `breaks`: the installation fails. `asks` is a question that is put meanwhile, with its default. `only` names the
    families that have it, where not all do. `category` and `testing` (keyword ~amd64) are Gentoo's.
    """

    name: str
    files: Mapping[str, File] = field(default_factory=dict)
    version: str = "1.0"
    depends: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    after_install: str = ""
    before_removal: str = ""
    breaks: bool = False
    asks: tuple[str, str] | None = None
    only: tuple[str, ...] = ()
    category: str = "app-lab"
    testing: bool = False


def command(name: str, says: str, mode: int = 0o755) -> dict[str, File]:
    """Return the file of a command that prints a line."""
    return {f"/usr/bin/{name}": File(content=f"#!/bin/sh\necho '{says}'\n".encode(), mode=mode)}


def note(package: str, says: str = "of the lab") -> dict[str, File]:
    """Return a file that tells one package from the others."""
    return {f"/usr/share/{package}/note": File(content=f"{package} {says}\n".encode())}


UNIT: Final = b"[Unit]\nDescription=Trap of the lab\n\n[Service]\nExecStart=/bin/true\n"

LEAVE_THINGS: Final = """\
if command -v useradd >/dev/null; then
    id labtrap >/dev/null 2>&1 || useradd --system --no-create-home --shell /bin/false labtrap
else
    id labtrap >/dev/null 2>&1 || adduser -S -D -H -s /bin/false labtrap
fi
mkdir -p /var/lib/labtrap
echo 'no package owns this' >/var/lib/labtrap/unowned"""

PACKAGES: Final = (
    *(Package(name="lab-lib", version=version, files=note("lab-lib", version)) for version in ("1.0", "1.1")),
    *(
        Package(
            name="lab-tool",
            version=version,
            files=command("labtool", f"labtool {version}"),
            depends=("lab-lib",),
            recommends=("lab-extra",),
        )
        for version in ("1.0", "2.0")
    ),
    Package(name="lab-extra", files=command("labextra", "labextra 1.0")),
    Package(
        name="lab-big",
        files={"/usr/share/lab-big/ballast": File(content=random.Random("lab").randbytes(MIB))},
    ),
    Package(name="lab-broken", files=note("lab-broken"), breaks=True),
    Package(name="lab-question", files=note("lab-question"), asks=("Which colour shall the lab have?", "blue")),
    Package(name="lab-stubborn", files=note("lab-stubborn"), before_removal="echo 'lab-stubborn stays' >&2; exit 4"),
    Package(
        name="lab-trap",
        files={
            **command("labtrap", "labtrap 1.0", mode=0o4755),
            "/usr/lib/systemd/system/labtrap.service": File(content=UNIT),
        },
        after_install=LEAVE_THINGS,
    ),
    # the same command as lab-extra's: nix knows no conflicts but sees that one
    Package(name="lab-conflict", files=command("labextra", "labconflict 1.0"), conflicts=("lab-extra",)),
    Package(name="lab-testing", files=command("labtesting", "labtesting 1.0"), only=("portage",), testing=True),
    *(
        Package(name="lab-twin", files=note(f"lab-twin-of-{category}"), only=("portage",), category=category)
        for category in ("app-lab", "dev-lab")
    ),
    # is there from the start: libzypp fails on an empty database
    Package(name="lab-base", files=note("lab-base"), only=("rpm",)),
)


def packages_of(family: str) -> tuple[Package, ...]:
    """Return the packages that a family has."""
    return tuple(package for package in PACKAGES if not package.only or family in package.only)
