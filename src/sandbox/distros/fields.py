"""The table of what a row of distros.yaml may hold; loading, JSON Schema and docs/how-to/distros.md come from it."""

from __future__ import annotations

import re
from typing import Final

from sandbox.distros.model import RELEASE, Companion
from sandbox.managers.registry import NAMES
from sandbox.specs import values
from sandbox.specs.kinds import Kind, choice, matching
from sandbox.specs.shapes import Field, ListOf, ObjectOf, Table, TextOr, Word

PART: Final = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*"


def _image(text: str) -> str:
    if not re.fullmatch(values.IMAGE_PATTERN, text.replace(RELEASE, "1")) or len(text) > 500:  # noqa: PLR2004
        raise ValueError
    return text


def _date(text: str) -> str:
    from datetime import date

    return date.fromisoformat(text).isoformat()


def _with_name(text: str) -> dict[str, object]:
    return {"name": NAME.parse(text)}


NAME: Final = matching(PART, "a name of small letters, digits and . _ -", longest=100)
IMAGE: Final = Kind(
    expected="an image such as fedora:{release}",
    convert=_image,
    schema={"type": "string", "maxLength": 500, "pattern": r"^[A-Za-z0-9\[][A-Za-z0-9._:/@{}\[\]-]*$"},
)
DATE: Final = Kind(expected="a day such as 2028-06-30", convert=_date, schema={"type": "string", "format": "date"})
MIRROR: Final = matching(r"https?://[^\s,]+", "a URL such as http://deb.example/debian", longest=1000)
_MANAGERS: Final = choice({name: name for name in NAMES})
MANAGER: Final = Kind(expected="a package manager such as apt", convert=_MANAGERS.convert, schema=_MANAGERS.schema)
TITLE: Final = values.DESCRIPTION
BOOTSTRAP: Final = choice({"mmdebstrap": "mmdebstrap"})
RELEASE_NAME: Final = Kind(expected=NAME.expected, convert=_with_name, schema=NAME.schema)

ARGV: Final = ListOf(item=Word(kind=values.ARGUMENT), what="arguments", longest=100)
NAMES_LIST: Final = ListOf(item=Word(kind=NAME), what="names", longest=100, single=True)
PATHS: Final = ListOf(item=Word(kind=values.CONTAINER_PATH), what="absolute paths", longest=100)

RELEASE_FIELDS: Final = (
    Field(key="name", shape=Word(kind=NAME), doc="As users type it.", required=True),
    Field(key="aliases", shape=NAMES_LIST, doc="Other names for it, as numbers."),
    Field(key="end-of-life", shape=Word(kind=DATE), doc="The day its support ends."),
    Field(key="manager", shape=Word(kind=MANAGER), doc="Where it is another one than the distro's."),
    Field(key="image", shape=Word(kind=IMAGE), doc="Where it is another one than the distro's."),
    Field(key="options", shape=ARGV, doc="Options of the manager, besides the distro's."),
)

COMPANION_FIELDS: Final = (
    Field(key="image", shape=Word(kind=values.IMAGE), doc="The image.", required=True),
    Field(key="path", shape=Word(kind=values.CONTAINER_PATH), doc="Where its volume is seen.", required=True),
)


def _as_they_are(**given: object) -> dict[str, object]:
    return {key.replace("-", "_"): value for key, value in given.items()}


def _companion(*, image: str, path: str) -> Companion:
    return Companion(image=image, path=path)


RELEASE_SHAPE: Final = TextOr(text=Word(kind=RELEASE_NAME), other=ObjectOf(make=_as_they_are, fields=RELEASE_FIELDS))

ROW_FIELDS: Final = (
    Field(
        key="like",
        shape=Word(kind=NAME),
        doc="The distro that this one descends from; only what differs is said then.",
        example="ubuntu",
    ),
    Field(key="title", shape=Word(kind=TITLE), doc="Its name in sentences.", default="the name", example="Linux Mint"),
    Field(
        key="image",
        shape=Word(kind=IMAGE),
        doc="The image; {release} stands for the release's name.",
        example="'linuxmintd/mint{release}-amd64'",
    ),
    Field(key="manager", shape=Word(kind=MANAGER), doc="The package manager.", example="apt"),
    Field(
        key="releases",
        shape=ListOf(item=RELEASE_SHAPE, what="releases", longest=100),
        doc="Names, or mappings; the first is the default. Those of a known distro stay behind the ones said here.",
        example="['22', {name: '21', end-of-life: '2027-04-30'}]",
    ),
    Field(
        key="os-ids",
        shape=NAMES_LIST,
        doc="What os-release calls it (ID), to tell a host or an image by.",
        default="the name",
        example="[linuxmint]",
    ),
    Field(
        key="shell",
        shape=ListOf(item=Word(kind=values.SHELL), what="shells", longest=10, single=True),
        doc="The shells, the first one that is there is opened.",
        default="[bash, sh]",
        example="[zsh, bash, sh]",
    ),
    Field(key="path", shape=PATHS, doc="Folders of PATH beyond the image's own.", example="[/usr/games]"),
    Field(
        key="options",
        shape=ARGV,
        doc="Options of the manager in the sandbox, right behind its program's name.",
        example="['-o', 'Acquire::Check-Valid-Until=false']",
    ),
    Field(
        key="upgrade",
        shape=ARGV,
        doc="What brings all packages up to date, where a new one needs that.",
        example="[pacman, -Su, --noconfirm]",
    ),
    Field(
        key="companions",
        shape=ListOf(item=ObjectOf(make=_companion, fields=COMPANION_FIELDS), what="companions", longest=10),
        doc="Images whose volumes a sandbox sees read-only.",
        example="[{image: 'gentoo/portage:latest', path: /var/db/repos/gentoo}]",
    ),
    Field(
        key="mirror",
        shape=Word(kind=MIRROR),
        doc="The package mirror that its images name.",
        example="'http://archive.ubuntu.com/ubuntu'",
    ),
    Field(
        key="bootstrap",
        shape=Word(kind=BOOTSTRAP),
        doc="The program that builds a base from the mirror.",
        example="mmdebstrap",
    ),
    Field(
        key="keyring",
        shape=Word(kind=values.HOST_PATH),
        doc="The file on a host that proves the mirror's packages.",
        example="/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    ),
)

DOCUMENT: Final = Table(
    name=NAME, value=ObjectOf(make=_as_they_are, fields=ROW_FIELDS), what="distros to what is said of them"
)
