"""`--cache` makes the next time fast, keeps nothing that is the host's or a session's, and is made by nothing else.

The cache belongs to a user on a host, and the engine is shared: these tests run as another host, so that no cache but
theirs is met or dropped.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.engine_proxy import COMMIT, RUN, EngineProxy
from tests.integration.running import PROGRAM, Program, owned, wait_for
from tests.serving import Quiet, certificate, secure_server

from sandbox.core.statefile import lock_file
from sandbox.engine import labels
from sandbox.provision.cache import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

HOST = f"lab-{os.getpid()}"
ANOTHER_HOST = ("unshare", "--uts", "--", "sh", "-c", 'hostname "$1" && shift && exec "$@"', "sh", HOST)
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
OURS = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "http_proxy", "HTTPS_PROXY", "proxy.lab", "ca.pem")
OF_PODMAN = ("HOSTNAME=", "container=podman", "TERM=xterm")
"""What Podman gives every container, and saves with it; TERM does 4.3 alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """A plan that has been run twice with `--cache`."""

    program: Program
    plan: tuple[str, ...]
    cold: subprocess.CompletedProcess[bytes]
    warm: subprocess.CompletedProcess[bytes]
    images: tuple[Any, ...]


def host_id(host: str) -> str:
    """Return a lab host's id, as the program says it there."""
    code = "from sandbox.lifecycle.owner import current_owner; print(current_owner().host)"
    return subprocess.run(
        [*ANOTHER_HOST[:-1], host, PROGRAM[0], "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def images_of_the_lab(client: Any, host: str = HOST) -> tuple[Any, ...]:
    return tuple(client.images.list(filters={"label": f"{labels.HOST}={host_id(host)}"}))


@pytest.fixture(scope="module")
def cached(
    tmp_path_factory: pytest.TempPathFactory, engine_url: str, base: str, client: Any, bridge: str
) -> Iterator[Cached]:
    assert base
    if shutil.which("unshare") is None or subprocess.run([*ANOTHER_HOST, "true"], check=False).returncode:
        pytest.skip("being another host for a while needs unshare(1) and root")
    folder = tmp_path_factory.mktemp("cached")
    files = certificate(folder, f"IP:{bridge}")
    trusted = folder / "trusted.pem"  # by this host: what the machine trusts, for its mirrors, and the server
    trusted.write_bytes((BUNDLE.read_bytes() if BUNDLE.exists() else b"") + files[0].read_bytes())
    environ = {"NO_PROXY": "proxy.lab", "SSL_CERT_FILE": str(trusted)}
    program = Program(folder=folder, engine=engine_url, around=ANOTHER_HOST, environ=environ)
    with secure_server(files, partial(Quiet, directory=str(program.work)), bridge) as port:
        ask = f"curl -fsS --noproxy '*' -o /dev/null https://{bridge}:{port}/"
        setup = f'test "$no_proxy" = proxy.lab && {ask}'
        plan = ("try", "curl", "--distro", "debian", "--cache", "--setup", setup, "-q", "--")
        look = f"ls -A /dev/sandbox; env; {ask} 2>/dev/null || echo no certificates; hostname"
        try:
            cold, warm = (program.run(*plan, "sh", "-c", look) for _ in range(2))
            yield Cached(program=program, plan=plan, cold=cold, warm=warm, images=images_of_the_lab(client))
        finally:
            program.run("clean", "--cache")
    assert not images_of_the_lab(client)


def test_setup_has_the_hosts_certificates_and_proxies(cached: Cached) -> None:
    assert cached.cold.returncode == 0, cached.cold.stderr


def test_neither_certificates_nor_proxies_reach_the_shell(cached: Cached) -> None:
    for run in (cached.cold, cached.warm):
        said = run.stdout.decode()
        assert "no certificates" in said
        assert not [word for word in OURS if word in said]


def test_the_second_time_runs_nothing(cached: Cached) -> None:
    named = 'test "$HOSTNAME" = "$(hostname)"'  # Podman saves a container's
    done = cached.program.run("try", "curl", *cached.plan[2:-2], "--", "sh", "-c", named)
    said = done.stderr.decode()
    assert (done.returncode, "index" in said, "install" in said, "  cache" in said) == (0, False, False, True), said
    assert cached.warm.returncode == 0


def test_the_shell_opens_while_the_journal_is_written_and_a_signal_then_leaves_nothing(
    cached: Cached, tmp_path: Path, engine_url: str, client: Any
) -> None:
    if not engine_url.startswith("unix://"):
        pytest.skip("the engine is not at a unix socket")
    with EngineProxy(tmp_path, engine_url) as proxy, lock_file(cached.program.journal):
        proxy.hold(RUN)
        terminal = replace(cached.program, engine=proxy.url).terminal(*cached.plan[:-1])
        wait_for(proxy.held.is_set)
        terminal.signal(signal.SIGTERM)
        proxy.release()
        assert terminal.status() == 128 + signal.SIGTERM
    assert not owned(client, terminal.child.pid)


def test_the_cached_image_holds_nothing_of_a_session_or_the_host(cached: Cached, engine: DockerEngine) -> None:
    known = OF_PODMAN if engine.about().name == "podman" else ()
    assert len(cached.images) == 2  # the provisioned state, and the package index
    for image in cached.images:
        config = json.dumps(image.attrs["Config"])
        assert not [name for name in labels.OWNED if image.labels[name]]
        assert not [word for word in OURS if word in config]
        assert not any(image.attrs["Config"].get("Entrypoint") or ())
        env = image.attrs["Config"].get("Env") or []
        assert [text for text in env if not text.startswith("PATH=") and text not in known] == []


def test_the_cached_files_hold_nothing_of_ours(cached: Cached, client: Any) -> None:
    line = "ls -A /dev/sandbox 2>/dev/null; find / -xdev -name promote -o -xdev -name ca.pem; test -x /usr/bin/curl"
    for image in cached.images:
        plain = client.containers.create(image.id, ["sh", "-c", line], network_mode="none")
        try:
            plain.start()
            status = plain.wait()["StatusCode"]
            assert plain.logs() == b""
            assert status == (0 if STATE in image.labels else 1)  # an index has nothing installed
        finally:
            plain.remove(force=True)


def test_without_cache_no_image_is_made(cached: Cached, client: Any) -> None:
    before = images_of_the_lab(client)
    done = cached.program.run("try", "--distro", "debian", "--setup", "true", "-q", "--", "true")
    assert (done.returncode, set(images_of_the_lab(client))) == (0, set(before))


def test_another_host_neither_meets_nor_drops_it(cached: Cached, tmp_path: Path, client: Any) -> None:
    other = Program(folder=tmp_path, engine=cached.program.engine, around=(*ANOTHER_HOST[:-1], f"{HOST}-b"))
    assert b"nothing to remove" in other.run("clean", "--cache").stdout
    assert set(images_of_the_lab(client)) == set(cached.images)


def test_clean_lists_what_it_would_drop(cached: Cached) -> None:
    listed = cached.program.run("clean", "--cache", "--dry-run").stdout.decode()
    assert listed.count("would remove cache") == 2
    assert "debian bookworm: curl" in listed


def test_clean_drops_it(base: str, tmp_path: Path, engine_url: str, client: Any) -> None:
    assert base
    host = f"{HOST}-c"  # of its own: other tests, in any order, look at what is saved
    program = Program(folder=tmp_path, engine=engine_url, around=(*ANOTHER_HOST[:-1], host))
    done = program.run("try", "-d", "debian", "--cache", "--setup", "true", "-q", "--", "true")
    assert (done.returncode, len(images_of_the_lab(client, host))) == (0, 1), done.stderr
    dropped = program.run("clean", "--cache")
    assert (dropped.returncode, dropped.stdout.decode().count("removed cache")) == (0, 1)
    assert not images_of_the_lab(client, host)


def test_a_cache_that_the_engine_refuses_is_a_warning(tmp_path: Path, engine_url: str, base: str) -> None:
    assert base
    with EngineProxy(tmp_path, engine_url) as proxy:
        proxy.refuse(COMMIT, "write /var/lib: no space left on device")
        program = Program(folder=tmp_path, engine=proxy.url)
        done = program.run("try", "-d", "debian", "--cache", "--setup", "echo mine >/mine", "--", "cat", "/mine")
    assert (done.returncode, done.stdout) == (0, b"mine\n"), done.stderr
    assert b"warning: the cache could not save it: the engine could not save sandbox-cache/plan:" in done.stderr
    assert b"it said   write /var/lib: no space left on device" in done.stderr
    assert b"not saved" in done.stderr
