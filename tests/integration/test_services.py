"""The services of the integration tests behave as the registries and mirrors they stand for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from docker.errors import APIError, NotFound
from tests.integration.running import output_of
from tests.matrix import first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.conftest import PackageMirror, Registry

APT = "apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=5"


@pytest.fixture
def apt(base: str, client: Any, package_mirror: PackageMirror) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Give a way to run a shell line in a box of Debian that knows only the lab's mirror."""
    box = client.containers.run(base, ["sleep", "600"], detach=True, init=True)
    box.exec_run(
        ["sh", "-c", f"rm -rf /etc/apt/sources.list.d/*; echo '{package_mirror.source}' >/etc/apt/sources.list"]
    )

    def run(line: str) -> tuple[int, str]:
        code, output = box.exec_run(["sh", "-c", line])
        return code, output.decode()

    yield run
    box.remove(force=True, v=True)


def test_pull_reports_layers_and_leaves_the_digest(registry: Registry, client: Any) -> None:
    events = list(client.api.pull(registry.reference(), stream=True, decode=True))
    image = client.images.get(registry.reference())
    client.images.remove(registry.reference())
    assert [event for event in events if event.get("progressDetail", {}).get("total", 0) > 1_000_000]
    assert f"{registry.repository}@{registry.digest}" in image.attrs["RepoDigests"]


def test_pull_by_digest_gives_the_same_image(registry: Registry, client: Any) -> None:
    by_digest = client.images.pull(registry.pinned)
    by_tag = client.images.pull(registry.reference())
    client.images.remove(registry.reference())
    assert by_digest.id == by_tag.id


def test_pulled_image_runs(registry: Registry, client: Any) -> None:
    client.images.pull(registry.reference())
    output = output_of(client, registry.reference())
    client.images.remove(registry.reference())
    assert output == b"pulled\n"


def test_missing_tag_is_not_found(registry: Registry, client: Any) -> None:
    with pytest.raises(NotFound, match=r"manifest unknown|not found"):
        client.images.pull(registry.reference("9.9"))


def test_private_registry_refuses_strangers(private_registry: Registry, client: Any) -> None:
    with pytest.raises(APIError, match=r"no basic auth credentials|unauthorized|denied"):
        client.images.pull(private_registry.reference())


def test_private_registry_serves_who_logs_in(private_registry: Registry, client: Any) -> None:
    login = {"username": private_registry.user, "password": private_registry.password}
    client.images.pull(private_registry.reference(), auth_config=login)
    client.images.remove(private_registry.reference())


def test_mirror_serves_a_package_and_its_dependency(apt: Callable[[str], tuple[int, str]]) -> None:
    code, output = apt(f"{APT} update && {APT} -y install lab-tool && labtool && dpkg-query -W lab-lib")
    assert (code, "labtool 2.0" in output, "lab-lib\t1.1" in output) == (0, True, True), output


def test_mirror_serves_the_older_version(apt: Callable[[str], tuple[int, str]]) -> None:
    code, output = apt(f"{APT} update && {APT} -y install lab-tool=1.0 && labtool")
    assert (code, output.splitlines()[-1:]) == (0, ["labtool 1.0"])


def test_failing_package_fails_when_it_is_configured(apt: Callable[[str], tuple[int, str]]) -> None:
    code, output = apt(f"{APT} update && {APT} -y install lab-broken")
    assert (code, "the lab breaks here" in output) == (100, True)


def test_setuid_package_brings_a_setuid_file(apt: Callable[[str], tuple[int, str]]) -> None:
    code, _ = apt(f"{APT} update && {APT} -y install lab-setuid && test -u /usr/bin/labroot")
    assert code == 0


BROKEN = (("down", "503"), ("corrupt", "Hash Sum mismatch|unexpected size|Failed to fetch"))


@pytest.mark.parametrize(("fault", "said"), first(BROKEN, several=True))
def test_broken_index_fails_the_update(
    fault: str, said: str, apt: Callable[[str], tuple[int, str]], package_mirror: PackageMirror
) -> None:
    package_mirror.fault(fault)
    code, output = apt(f"{APT} update --error-on=any")
    assert code == 100
    assert any(word in output for word in said.split("|")), output


@pytest.mark.parametrize(("fault", "said"), first([("cut", "Failed to fetch"), ("missing", "404")], several=True))
def test_lost_package_fails_the_install(
    fault: str, said: str, apt: Callable[[str], tuple[int, str]], package_mirror: PackageMirror
) -> None:
    apt(f"{APT} update")
    package_mirror.fault(fault)
    code, output = apt(f"{APT} -y install lab-big")
    assert code == 100
    assert any(word in output for word in said.split("|")), output


def test_slow_mirror_takes_its_time(apt: Callable[[str], tuple[int, str]], package_mirror: PackageMirror) -> None:
    apt(f"{APT} update")
    package_mirror.fault("slow")
    start = time.monotonic()
    apt(f"timeout 2 {APT} -y --download-only install lab-big")
    assert time.monotonic() - start > 1.9


def test_fault_ends_with_its_test(apt: Callable[[str], tuple[int, str]]) -> None:
    assert apt(f"{APT} update --error-on=any")[0] == 0
