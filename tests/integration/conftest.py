"""What integration tests stand on: an engine, a base, registries, a package mirror, the proof that nothing is left."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import hashlib
import io
import ipaddress
import os
import shutil
import socket
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
import pytest
from tests.integration.browser import Browser
from tests.integration.engine_proxy import EngineProxy
from tests.integration.running import Program
from tests.lab.images import PREFIX
from tests.side_by_side import lock_of

from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.discover import find_engine
from sandbox.errors import NoEngine
from sandbox.lifecycle.cleanup import sweep
from sandbox.lifecycle.owner import current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fargate.rig import Rig

    from sandbox.engine.protocol import Engine

SERVICE: Final = f"{labels.KIND}=test-service"
CLONE_NEWUTS: Final = 0x04000000
"""From sched.h: a host name of its own for this thread and what it starts."""
GRACE: Final = 60.0
"""Seconds that the engine may take to finish a removal it has begun."""

SEED: Final = """
FROM sandbox-test/services:latest AS services
FROM scratch
LABEL org.sandbox-try.kind=test-service
COPY --from=services /bin/busybox /bin/sh
COPY --from=services /srv/ballast/one /one
COPY --from=services /srv/ballast/two /two
CMD ["/bin/sh", "-c", "echo pulled"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A real registry on this machine that holds one small image (three layers, 7 MB, a shell)."""

    host: str
    repository: str
    digest: str
    user: str = ""
    password: str = ""

    def reference(self, tag: str = "1.0") -> str:
        """Return what to pull: `127.0.0.1:49153/lab/tiny:1.0`. Any other tag is missing."""
        return f"{self.repository}:{tag}"

    @property
    def pinned(self) -> str:
        """The same image by its digest."""
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageMirror:
    """An apt repository of lab-* packages: `url` as a sandbox sees it, `control` as this machine does."""

    url: str
    control: str

    @property
    def source(self) -> str:
        """The line for a sources.list."""
        return f"deb [trusted=yes] {self.url} ./"

    def fault(self, name: str) -> None:
        """Fail from now on as `slow`, `cut`, `corrupt`, `missing` or `down`; `none` ends it."""
        request = urllib.request.Request(f"{self.control}/fault/{name}", method="PUT")
        urllib.request.urlopen(request, timeout=60).close()


@pytest.fixture(scope="session", autouse=True)
def _own_host() -> None:
    """Run as a host of our own (unshare(2)): sweeps and the look at what is left don't meet those of other runs.

    Only root may; others share the engine with whatever else runs there.
    """
    run = f"{Path(__file__).parent} {os.environ.get('PYTEST_XDIST_WORKER', '')}"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUTS) == 0:
        socket.sethostname(f"tests-{hashlib.sha256(run.encode()).hexdigest()[:12]}")


@pytest.fixture(scope="session")
def _frozen_objects() -> None:
    """Let later collections pass over all that the run itself has loaded: 60 ms each otherwise."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_open(_frozen_objects: None) -> Iterator[None]:
    """Collect what a test dropped while it is still the one that fails for a file or a process it left open."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def engine(_own_host: None) -> Iterator[Engine]:
    """Give the engine the program would use; without one skip, or fail where SANDBOX_REQUIRE_ENGINE=1."""
    try:
        found = find_engine(os.environ)
    except NoEngine as error:
        reason = f"{error.brief}: {dict(error.details)}"
        if os.environ.get("SANDBOX_REQUIRE_ENGINE") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with found:
        yield found


@pytest.fixture(scope="session")
def engine_url(engine: Engine) -> str:
    return engine.url


@pytest.fixture(scope="session")
def client(engine_url: str) -> Iterator[Any]:
    """Give the SDK, to look at the engine beside the program."""
    found = docker.DockerClient(base_url=engine_url, timeout=60)
    yield found
    found.close()


@pytest.fixture(scope="session")
def account(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Give an account of AWS on this machine, whose Fargate tasks run on the engine."""
    from tests.fargate.rig import rig  # botocore takes 0.2 s

    with rig(engine_url, tmp_path_factory.mktemp("fargate")) as found:
        yield found


@pytest.fixture
def fargate(account: Rig) -> Iterator[Rig]:
    """Give the account without a fault or a thing in it; what a test leaves there goes."""
    account.clear()
    yield account
    account.clear()


@pytest.fixture(scope="session")
def bridge(client: Any) -> str:
    """Return this machine's address as sandboxes see it: not every daemon says it, but it is the network's first."""
    config = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
    return str(config.get("Gateway") or ipaddress.ip_network(config["Subnet"])[1])


@pytest.fixture(scope="session")
def base(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the reference of debian bookworm: present, pulled or built."""
    return ensure(
        engine, find_target("debian:bookworm"), version="test", folder=tmp_path_factory.mktemp("state")
    ).reference


@pytest.fixture
def program(tmp_path: Path, engine_url: str, base: str) -> Program:
    """Give the program in a folder of its own, with the base of Debian there."""
    assert base
    return Program(folder=tmp_path, engine=engine_url)


@pytest.fixture
def proxy(tmp_path: Path, engine_url: str) -> Iterator[EngineProxy]:
    """Give a proxy of the engine, which a test can hold at a request, or cut off."""
    if not engine_url.startswith("unix://"):
        pytest.skip("the engine is not at a unix socket")
    with EngineProxy(tmp_path, engine_url) as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


@pytest.fixture(scope="module", autouse=True)
def _one_run_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Wait until no other run on this machine uses the same names on the engine."""
    name = lock_of(request.node.nodeid)
    if name is None:
        yield
        return
    with (Path(tempfile.gettempdir()) / f"sandbox-tests-{os.getuid()}-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def _nothing_left(client: Any, engine: Engine) -> Iterator[None]:
    """Prove that a test leaves no container of a session; what a live process of another run holds is not its.

    A busy engine may make a container for a client that was killed after the test's own last look: that is for the
    next command to sweep.
    """
    before = _sessions(client)
    yield
    limit = time.monotonic() + GRACE
    while (left := _sessions(client).keys() - before.keys()) and time.monotonic() < limit:
        sweep(engine, current_owner())
        time.sleep(0.05)
    left = {name for name in left if not _owned_elsewhere(_sessions(client).get(name, {}))}
    assert not left, f"the test left {sorted(left)}"


def _sessions(client: Any) -> dict[str, dict[str, str]]:
    rows = client.api.containers(all=True, filters={"label": [labels.SESSION, f"{labels.HOST}={current_owner().host}"]})
    return {row["Names"][0] if row["Names"] else row["Id"]: row["Labels"] for row in rows}


def _owned_elsewhere(found: dict[str, str]) -> bool:
    """Return whether a container belongs to a live process that did not come from this one."""
    pid = found.get(labels.OWNER, "").partition(":")[0]
    while pid.isdecimal() and int(pid) > 1:
        if int(pid) == os.getpid():
            return False
        try:
            pid = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            return False
    return pid.isdecimal()


@pytest.fixture(scope="session")
def docker_compose_command() -> str:
    return "docker-compose" if shutil.which("docker-compose") else "docker compose"


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(Path(__file__).parent / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_setup(base: str, client: Any) -> str:
    """Return the compose command; what a killed run left goes first."""
    with_index = client.images.list(name=f"{PREFIX}base-bookworm")  # an engine of its own may have no image of the lab
    os.environ["SANDBOX_TEST_BASE"] = with_index[0].tags[0] if with_index else base
    for container in client.containers.list(all=True, filters={"label": SERVICE}):
        run = container.labels.get("com.docker.compose.project", "").removeprefix("pytest")
        if run.isdecimal() and not Path(f"/proc/{run}").exists():
            container.remove(force=True, v=True)
    return "up --build -d"


@pytest.fixture(scope="session")
def _registries(docker_services: Any, client: Any) -> tuple[Registry, Registry]:
    """Make one image, push it to both registries and forget it, so that pulling has something to fetch."""
    tag = f"sandbox-test/seed:{os.getpid()}"
    seed, _ = client.images.build(fileobj=io.BytesIO(SEED.encode()), rm=True, tag=tag)
    try:
        return (
            _seeded(docker_services, "registry", seed, client),
            _seeded(docker_services, "private-registry", seed, client, user="lab", password="open-sesame"),
        )
    finally:
        client.images.remove(tag)  # by name: another run's seed is the same image


def _seeded(services: Any, name: str, seed: Any, client: Any, *, user: str = "", password: str = "") -> Registry:
    host = f"127.0.0.1:{services.port_for(name, 5000)}"
    services.wait_until_responsive(timeout=120, pause=0.1, check=lambda: _answers(f"http://{host}/"))
    repository = f"{host}/lab/tiny"
    login = {"username": user, "password": password} if user else None
    seed.tag(repository, tag="1.0")
    events = list(client.api.push(repository, tag="1.0", stream=True, decode=True, auth_config=login))
    digest = next(event["aux"]["Digest"] for event in events if "aux" in event)
    client.images.remove(f"{repository}:1.0")
    return Registry(host=host, repository=repository, digest=digest, user=user, password=password)


@pytest.fixture(scope="session")
def registry(_registries: tuple[Registry, Registry]) -> Registry:
    """Return a registry that anyone may use."""
    return _registries[0]


@pytest.fixture(scope="session")
def private_registry(_registries: tuple[Registry, Registry]) -> Registry:
    """Return a registry that asks for a login."""
    return _registries[1]


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def _mirror(docker_services: Any, docker_compose_project_name: str, client: Any) -> PackageMirror:
    control = f"http://127.0.0.1:{docker_services.port_for('mirror', 8080)}"
    docker_services.wait_until_responsive(timeout=120, pause=0.1, check=lambda: _answers(f"{control}/Release"))
    project = f"com.docker.compose.project={docker_compose_project_name}"
    wanted = [SERVICE, project, "com.docker.compose.service=mirror"]
    (container,) = client.containers.list(filters={"label": wanted})
    networks = container.attrs["NetworkSettings"]["Networks"].values()  # Docker calls it bridge, Podman podman
    address = next(network["IPAddress"] for network in networks)
    return PackageMirror(url=f"http://{address}:8080", control=control)


@pytest.fixture
def package_mirror(_mirror: PackageMirror) -> Iterator[PackageMirror]:
    """Give the mirror, without a fault; the one that a test sets ends with it."""
    yield _mirror
    _mirror.fault("none")
