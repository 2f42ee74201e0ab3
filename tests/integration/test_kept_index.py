"""A package index is fetched once for the sandboxes of a base: by real managers, of signed repositories."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.integration.signed_repositories import (
    apk_repository,
    deb_package,
    deb_repository,
    pacman_repository,
    rpm_repository,
    signer,
)
from tests.matrix import rows
from tests.serving import Quiet

from sandbox.managers.registry import data_of
from sandbox.provision.index_file import read_index, write_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import CompletedProcess

    from tests.integration.signed_repositories import Signer

    from sandbox.managers.registry import ManagerName

PACKAGE: Final = re.compile(r"/lab-(?:third|fourth|fifth)[-_]1[^/]*\.(?:deb|apk|rpm|pkg\.tar\.zst)(?:\.sig)?$")
OTHERS: Final = ("lab-fourth", "lab-fifth")
AT_ONCE: Final = ("apt", "pacman", "dnf4", "dnf5")
"""Managers that fetch several packages at once: pacman by default one, and apt one of a host."""
ASK: Final = ("lab-third", "--", "lab-third")


@dataclass(frozen=True, slots=True)
class Mirror:
    """A repository of one package on this machine. `asked` are the paths of all requests."""

    url: str
    folder: Path
    asked: list[str] = field(default_factory=list)
    has_moved: threading.Event = field(default_factory=threading.Event)
    """While it is set, the package is missing; who asks for the index then finds it again."""
    together: list[threading.Barrier] = field(default_factory=list)
    """Requests for packages wait at each of these for others."""

    def take(self) -> list[str]:
        """Return what was asked for since the last time, but the package: parts of the index."""
        found = [path for path in self.asked if not PACKAGE.search(path)]
        self.asked.clear()
        return found


class Served(Quiet):
    """Notes what is asked for, and hides the package of a mirror that has moved on."""

    mirror: Mirror

    def do_GET(self) -> None:  # noqa: N802 - its name in http.server
        self.mirror.asked.append(self.path)
        if not PACKAGE.search(self.path):
            self.mirror.has_moved.clear()
        elif self.mirror.has_moved.is_set():
            self.send_error(404)
            return
        for barrier in self.mirror.together if PACKAGE.search(self.path) else ():
            barrier.wait(60)
        super().do_GET()


def deb(mirror: Mirror, key: Signer, _image: str) -> dict[str, str]:
    for name in ("lab-third", *OTHERS):
        deb_package(mirror.folder, name, "1.0.0")
    deb_repository(mirror.folder, key)
    return {"/etc/third.asc": key.public, "/etc/apt/sources.list": f"deb [signed-by=/etc/third.asc] {mirror.url} ./\n"}


def apk(mirror: Mirror, _key: Signer, image: str) -> dict[str, str]:
    return {"/etc/apk/keys/third.rsa.pub": apk_repository(mirror.folder, image), "/etc/apk/repositories": mirror.url}


def rpm(mirror: Mirror, key: Signer, image: str) -> dict[str, str]:
    rpm_repository(mirror.folder, key, image, OTHERS)
    checks = "gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file:///etc/third.asc\n"
    repo = f"[third]\nname=third\nbaseurl={mirror.url}\nenabled=1\nautorefresh=1\n{checks}"
    return {"/etc/third.asc": key.public, "/etc/yum.repos.d/lab.repo": repo, "/etc/zypp/repos.d/lab.repo": repo}


def pacman(mirror: Mirror, key: Signer, image: str) -> dict[str, str]:
    pacman_repository(mirror.folder, key, image, OTHERS)
    conf = f"[options]\nArchitecture = auto\nSigLevel = Required\n[third]\nServer = {mirror.url}\n"
    return {"/etc/third.asc": key.public, "/etc/pacman.conf": conf}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A manager in a lab's image, and the distro that it stands for; `setup` is what its image needs besides."""

    lab: str
    manager: ManagerName
    distro: str
    make: Callable[[Mirror, Signer, str], dict[str, str]]
    setup: str = "rm -rf /etc/apt/sources.list.d/*"


CASES: Final = (
    Case(lab="apt-bookworm", manager="apt", distro="debian", make=deb),
    Case(lab="apk", manager="apk", distro="alpine", make=apk),
    Case(lab="dnf5", manager="dnf5", distro="fedora", make=rpm),
    Case(lab="dnf4", manager="dnf4", distro="rocky", make=rpm),
    Case(lab="zypper", manager="zypper", distro="opensuse-leap", make=rpm, setup="rpm --import /etc/third.asc"),
    Case(
        lab="pacman",
        manager="pacman",
        distro="arch",
        make=pacman,
        setup="pacman-key --init && pacman-key --add /etc/third.asc"
        " && pacman-key --lsign-key third@lab.test && gpgconf --homedir /etc/pacman.d/gnupg --kill all",
    ),
    Case(lab="apt-bullseye", manager="apt", distro="debian:bullseye", make=deb),
    Case(lab="apt-trixie", manager="apt", distro="debian:trixie", make=deb),
)


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def mirror(bridge: str) -> Iterator[Mirror]:
    with tempfile.TemporaryDirectory() as folder:
        handler = type("Handler", (Served,), {})
        server = ThreadingHTTPServer((bridge, 0), partial(handler, directory=folder))
        found = Mirror(f"http://{bridge}:{server.server_address[1]}", Path(folder))
        handler.mirror = found  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()
        server.server_close()


@pytest.fixture
def image(case: Case, mirror: Mirror, client: Any, tmp_path: Path) -> Iterator[str]:
    """Give the lab's image with that repository alone."""
    key = signer(tmp_path / "key")
    try:
        files = case.make(mirror, key, f"sandbox-lab/{case.lab}")
    finally:
        key.close()
    yield built(client, case, files, tag_of(case))
    client.images.remove(tag_of(case), force=True)


@pytest.fixture
def program(image: str, engine_url: str, tmp_path: Path) -> Program:
    """Give the program, once the image is there."""
    assert image
    return Program(folder=tmp_path, engine=engine_url, keeps_index=True)


def tag_of(case: Case) -> str:
    return f"sandbox-test/index-{case.lab}:{os.getpid()}"


def built(client: Any, case: Case, files: dict[str, str], tag: str) -> str:
    """Build the image of a case with these files."""
    texts = {f"root{path}": text for path, text in files.items()}
    label = "LABEL org.sandbox-try.kind=test-service"
    texts["Dockerfile"] = f"FROM sandbox-lab/{case.lab}\n{label}\nCOPY root /\nRUN {case.setup}\n"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, text in texts.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, rm=True, tag=tag)
    return tag


def use_image(program: Program, case: Case, tag: str) -> None:
    """Make an image the base of the case's distro, by a row of the user."""
    path = program.folder / "config/sandbox/distros.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{case.distro.partition(':')[0]}: {{image: '{tag}', companions: []}}\n")


def tried(program: Program, case: Case, *words: str) -> CompletedProcess[bytes]:
    """Try the package, which has to come; return how that ended."""
    done = program.run("try", "--distro", case.distro, *words, *ASK)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split() == [b"lab-third", b"1.0.0"]
    return done


def inspected(program: Program, case: Case, *, keeps: str = "true") -> dict[str, Any]:
    """Return what an inspection says of the package, but how long that took, and what came by the network."""
    done = program.run("inspect", "--json", "--distro", case.distro, "lab-third", SANDBOX_INDEX_CACHE=keeps)
    assert done.returncode == 0, done.stderr.decode()
    assert (b", and checked" in done.stderr) is (keeps == "true")
    found: dict[str, Any] = json.loads(done.stdout)
    del found["seconds"], found["install_seconds"], found["footprint"]["received"]
    return found


def indexes(program: Program) -> list[Path]:
    return sorted((program.folder / "cache/sandbox/index").glob("*.index"))


def places_of(case: Case) -> tuple[str, ...]:
    """Return the places of the manager's index."""
    data = data_of(case.manager).kept_index
    assert not isinstance(data, str)
    return data.places


def places_in(path: Path, case: Case) -> set[str]:
    """Return those of which a kept index has a file."""
    with path.open("rb") as file:
        files = read_index(file, path.stat().st_size, places_of(case)).files
    return {place for place in places_of(case) for member in files if f"{member.path}/".startswith(f"{place}/")}


def make_old(path: Path) -> None:
    """Make a kept index two hours old."""
    with path.open("r+b") as file:
        write_time(file, path.stat().st_size, time.time() - 7200)


@pytest.mark.parametrize(
    "case", rows(CASES, lambda case: case.lab == "apt-bookworm"), indirect=True, ids=lambda case: case.lab
)
def test_the_index_is_fetched_once_and_anew_where_the_mirror_has_moved_on(
    case: Case, mirror: Mirror, program: Program
) -> None:
    use_image(program, case, tag_of(case))
    others = OTHERS if case.manager in AT_ONCE else ()
    mirror.together.append(threading.Barrier(1 + len(others)))  # none is sent before all are asked for
    first = tried(program, case, *others)
    mirror.together.clear()
    assert b"kept here" not in first.stderr
    assert mirror.take()
    (path,) = indexes(program)
    assert places_in(path, case) == set(places_of(case))
    second = tried(program, case)
    assert b"kept here " in second.stderr
    assert mirror.take() == []
    make_old(path)
    before = path.stat()
    old = tried(program, case)
    assert b"kept here 2 hours ago, and checked" in old.stderr
    assert mirror.take()
    if case.manager == "apt":
        assert path.stat().st_ino == before.st_ino  # it was the newest still, so it was not kept anew
        assert path.stat().st_size == before.st_size
    found = inspected(program, case)  # younger than an hour by now, but an inspection has the mirror asked
    assert mirror.take()
    assert found == inspected(program, case, keeps="false")
    mirror.take()
    mirror.has_moved.set()
    moved = tried(program, case)
    assert b"kept here" in moved.stderr
    assert b"the package index was fetched anew" in moved.stderr
    assert mirror.take()
    assert indexes(program) == []


@pytest.mark.parametrize("case", CASES[:1], indirect=True, ids=lambda case: case.lab)
def test_what_a_hostile_image_fills_no_other_sandbox_uses(
    case: Case, mirror: Mirror, program: Program, client: Any, tmp_path: Path
) -> None:
    key = signer(tmp_path / "evil")
    evil = Mirror(f"{mirror.url}/evil", mirror.folder / "evil")
    evil.folder.mkdir()
    deb_package(evil.folder, "lab-third", "6.6.6")
    deb_repository(evil.folder, key)
    files = {"/etc/third.asc": key.public, "/etc/apt/sources.list": f"deb [signed-by=/etc/third.asc] {evil.url} ./\n"}
    key.close()
    tag = built(client, case, files, f"sandbox-test/index-evil:{os.getpid()}")
    try:
        for words in (("--image", tag), ("--distro", case.distro)):
            use_image(program, case, tag)
            done = program.run("try", *words, *ASK)
            assert done.stdout.split() == [b"lab-third", b"6.6.6"], done.stderr.decode()
            assert len(indexes(program)) == ("--distro" in words)
        mirror.take()
        use_image(program, case, tag_of(case))
        assert b"kept here" not in tried(program, case).stderr
        assert mirror.take()
        assert len(indexes(program)) == 2
    finally:
        client.images.remove(tag, force=True)
