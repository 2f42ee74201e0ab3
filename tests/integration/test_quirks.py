"""What bites in Debian's images and archives, on the real thing: questions, services, caches, dates, manual pages."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import ARCHIVE, Program
from tests.matrix import FULL

from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.integration.conftest import PackageMirror

    from sandbox.engine.docker.client import DockerEngine

DEBIAN: Final = ("try", "--distro", "debian:bookworm")
ANOTHER_HOST: Final = ("unshare", "--uts", "--", "sh", "-c", 'hostname lab-quirks && exec "$@"', "sh")
MANUAL: Final = "/usr/share/man/man1/hello.1.gz"
SLIM: Final = "sandbox-base/debian:forky"
"""A release that no other test but those of faults uses, as a base with what the public slim images have."""

DOCKERFILE: Final = r"""
FROM {base}
LABEL {kind}=base
RUN rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/docker-image \
 && printf '#!/bin/sh\necho N 2\n' >/sbin/runlevel && chmod 755 /sbin/runlevel && cp /sbin/runlevel /sbin/init \
 && printf 'path-exclude /usr/share/man/*\npath-exclude /usr/share/doc/*\n' >/etc/dpkg/dpkg.cfg.d/docker \
 && clean='"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true";' \
 && printf '%s\n' "DPkg::Post-Invoke {{ $clean }};" "APT::Update::Post-Invoke {{ $clean }};" \
      'Dir::Cache::pkgcache "";' 'Dir::Cache::srcpkgcache "";' >/etc/apt/apt.conf.d/docker-clean \
 && printf 'Acquire::GzipIndexes "true";\nAcquire::CompressionTypes::Order:: "gz";\n' >/etc/apt/apt.conf.d/docker-gzip
"""
"""debuerreotype-minimizing-config and debuerreotype-slimify make such files in the public images. What passes for an
init in a runlevel is ours: without one, Debian starts no service anyway."""


@contextmanager
def as_slim(client: Any, text: str) -> Iterator[None]:
    """Give what a Dockerfile makes the name SLIM, and what had that before has it again afterwards."""
    before = client.images.list(name=SLIM)
    made, _ = client.images.build(fileobj=io.BytesIO(text.encode()), rm=True, tag=SLIM)
    yield
    if before:
        before[0].tag(*SLIM.split(":"))  # first: it may be what this one was made of
        client.images.remove(made.id)
    else:
        client.images.remove(SLIM)


@pytest.fixture(scope="module")
def engine_with_slim(engine_url: str, client: Any) -> Iterator[str]:
    with as_slim(client, DOCKERFILE.format(base=ARCHIVE, kind=labels.KIND)):
        yield engine_url


@pytest.fixture
def slim(tmp_path: Path, engine_with_slim: str) -> Program:
    return Program(folder=tmp_path, engine=engine_with_slim)


def test_a_package_that_asks_is_not_asked_back(tmp_path: Path, engine_url: str) -> None:
    program = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)
    done = program.run(*DEBIAN, "tzdata", "-q", "--", "cat", "/etc/timezone")
    assert (done.returncode, done.stdout) == (0, b"Etc/UTC\n"), done.stderr.decode()


def test_a_service_does_not_start_by_its_install(slim: Program) -> None:
    running = "ls /proc/[0-9]*/exe -l 2>/dev/null | grep redis; test -x /usr/bin/redis-server"
    done = slim.run("try", "redis-server", "-d", "debian:forky", "-q", "--", "sh", "-c", running)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()


def fetched(done: CompletedProcess[bytes]) -> set[str]:
    """Return the packages of the lab whose archives apt says it got: `Get:1 http://172.17.0.2:8080 ./ lab-lib 1.1`."""
    return set(re.findall(r"Get:[0-9]+ \S+ \S+ (lab-\S+) [0-9]", done.stderr.decode()))


def test_an_image_that_deletes_archives_leaves_the_cache_whole(
    slim: Program, package_mirror: PackageMirror, client: Any
) -> None:
    alone = replace(slim, around=ANOTHER_HOST)  # whose cache is nobody's
    words = ("-d", "debian:forky", "--cache", "-v", "--", "labtool")
    with as_slim(client, f"FROM {SLIM}\nRUN echo '{package_mirror.source}' >/etc/apt/sources.list\n"):
        try:
            first = alone.run("try", "lab-tool", *words)
            second = alone.run("try", "lab-tool", "lab-extra", *words)
        finally:
            alone.run("clean", "--cache")
    assert (first.returncode, second.returncode) == (0, 0), second.stderr.decode()
    assert "lab-tool" in fetched(first)
    assert "lab-extra" in fetched(second)
    assert "lab-tool" not in fetched(second)


def test_manual_pages_come_where_the_image_drops_them_if_they_are_asked_for(slim: Program) -> None:
    words = ("try", "hello", "-d", "debian:forky", "-q")
    without = slim.run(*words, "--", "test", "-e", MANUAL)
    with_them = slim.run(*words, "--docs", "--", "test", "-e", MANUAL)
    assert (without.returncode, with_them.returncode) == (1, 0), with_them.stderr.decode()


@FULL
def test_an_index_that_has_expired_is_no_reason_where_the_release_never_ends(
    engine: DockerEngine, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine.url)
    ensure(engine, find_target("debian:sid"), version="test", folder=tmp_path)
    done = program.run("try", "hello", "-d", "debian:sid", "-q", "--", "hello")
    assert (done.returncode, done.stdout) == (0, b"Hello, world!\n"), done.stderr.decode()
