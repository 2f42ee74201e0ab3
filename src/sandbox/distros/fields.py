"""The table of keys in distros.yaml: loading, JSON Schema and docs/how-to/distros.md use it."""

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
    Field(key="name", shape=Word(kind=NAME), doc="The release, as users type it.", required=True),
    Field(key="aliases", shape=NAMES_LIST, doc="Other names of the release, such as its number."),
    Field(key="end-of-life", shape=Word(kind=DATE), doc="The day on which its support ends."),
    Field(key="manager", shape=Word(kind=MANAGER), doc="Its package manager, if not the distro's."),
    Field(key="image", shape=Word(kind=IMAGE), doc="Its image, if not the distro's."),
    Field(key="options", shape=ARGV, doc="Options of the package manager, besides the distro's."),
)

COMPANION_FIELDS: Final = (
    Field(key="image", shape=Word(kind=values.IMAGE), doc="The image to take the volume from.", required=True),
    Field(
        key="path", shape=Word(kind=values.CONTAINER_PATH), doc="The path of its volume in the sandbox.", required=True
    ),
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
        doc="The distro that this one descends from; then give only what differs.",
        example="ubuntu",
    ),
    Field(key="title", shape=Word(kind=TITLE), doc="Its name in messages.", default="the name", example="Linux Mint"),
    Field(
        key="image",
        shape=Word(kind=IMAGE),
        doc="Its image; {release} stands for the name of the release.",
        example="'linuxmintd/mint{release}-amd64'",
    ),
    Field(key="manager", shape=Word(kind=MANAGER), doc="The package manager.", example="apt"),
    Field(
        key="releases",
        shape=ListOf(item=RELEASE_SHAPE, what="releases", longest=100),
        doc="Names, or mappings; the first is the default. A known distro keeps its own releases after yours.",
        example="['22', {name: '21', end-of-life: '2027-04-30'}]",
    ),
    Field(
        key="os-ids",
        shape=NAMES_LIST,
        doc="The ID in its os-release file; identifies hosts and images.",
        default="the name",
        example="[linuxmint]",
    ),
    Field(
        key="shell",
        shape=ListOf(item=Word(kind=values.SHELL), what="shells", longest=10, single=True),
        doc="Shells to open; sandbox takes the first one that exists.",
        default="[bash, sh]",
        example="[zsh, bash, sh]",
    ),
    Field(key="path", shape=PATHS, doc="Folders to add to the image's PATH.", example="[/usr/games]"),
    Field(
        key="options",
        shape=ARGV,
        doc="Options of the package manager in the sandbox, placed right after its name.",
        example="['-o', 'Acquire::Check-Valid-Until=false']",
    ),
    Field(
        key="upgrade",
        shape=ARGV,
        doc="The command that upgrades all packages, if the distro needs that before an install.",
        example="[pacman, -Su, --noconfirm]",
    ),
    Field(
        key="companions",
        shape=ListOf(item=ObjectOf(make=_companion, fields=COMPANION_FIELDS), what="companions", longest=10),
        doc="Images whose volumes the sandbox mounts read-only.",
        example="[{image: 'gentoo/portage:latest', path: /var/db/repos/gentoo}]",
    ),
    Field(
        key="mirror",
        shape=Word(kind=MIRROR),
        doc="The package mirror that its images use.",
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
        doc="The keyring file on this host that verifies the mirror's packages.",
        example="/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    ),
)

DOCUMENT: Final = Table(
    name=NAME, value=ObjectOf(make=_as_they_are, fields=ROW_FIELDS), what="distros to what is said of them"
)
