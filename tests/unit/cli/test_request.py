"""What a request takes from where it is typed: the current folder, and the settings of docker's own commands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes.host import host_in

from sandbox.cli.app import working_folder
from sandbox.cli.request import make_request
from sandbox.cli.try_arguments import TryArguments
from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.provision.request import TryRequest

HTOP = What(packages=["htop"])
DEBIAN = Where(distro="debian:bookworm")


def request_of(folder: Path, state: Path, asked: TryArguments, **environ: str) -> TryRequest:
    return make_request(asked, host_in(state, environ=environ), folder=folder)


def test_the_platform_of_docker_commands_is_the_default(tmp_path: Path) -> None:
    usual = {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}
    asked = TryArguments(what=HTOP, where=DEBIAN)
    assert request_of(tmp_path, tmp_path, asked).spec.platform is None
    assert request_of(tmp_path, tmp_path, asked, **usual).spec.platform == "linux/arm64"
    named = TryArguments(what=HTOP, where=Where(distro="debian:bookworm", platform="linux/386"))
    assert request_of(tmp_path, tmp_path, named, **usual).spec.platform == "linux/386"


def test_a_platform_in_the_environment_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DOCKER_DEFAULT_PLATFORM: expected a platform"):
        request_of(tmp_path, tmp_path, TryArguments(what=HTOP, where=DEBIAN), DOCKER_DEFAULT_PLATFORM="arm")


def test_shared_memory_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    asked = TryArguments(what=HTOP, where=DEBIAN, bounds=Bounds(shm_size="1G"))
    assert request_of(tmp_path, tmp_path, asked).spec.shm_size == 1_000_000_000
    with pytest.raises(UsageError, match="--shm-size: expected a size"):
        request_of(tmp_path, tmp_path, TryArguments(what=HTOP, where=DEBIAN, bounds=Bounds(shm_size="big")))


def test_a_deleted_folder_matters_only_where_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    folder = working_folder()
    there = TryArguments(what=HTOP, where=DEBIAN, reach=Reach(mount=[f"{tmp_path}:/x"]))
    assert request_of(folder, tmp_path, there).spec.mounts[0].source == str(tmp_path)
    for asked in (
        TryArguments(what=HTOP, where=DEBIAN, reach=Reach(mount=["./x:/x"])),
        TryArguments(what=What(spec="./web.yaml")),
        TryArguments(where=Where(dockerfile="Dockerfile")),
    ):
        with pytest.raises(UsageError, match="the current folder has been deleted"):
            request_of(folder, tmp_path, asked)


@pytest.mark.parametrize(
    ("who", "user", "is_caller"),
    [
        ("", (), False),
        ("1234", ("1234",), False),
        ("1234:07", ("1234", "7"), False),
        ("www-data", ("www-data",), False),
        ("_apt:5", ("_apt", "5"), False),
        ("host", (str(os.getuid()), str(os.getgid())), True),
    ],
)
def test_a_user_is_a_new_one_or_a_number_or_a_name_or_the_caller(
    tmp_path: Path, who: str, user: tuple[str, ...], is_caller: bool
) -> None:
    asked = TryArguments(what=HTOP, where=DEBIAN, bounds=Bounds(as_user=True), user=who)
    (tmp_path / "own.yaml").write_text(f"user: {who or 'new'}\npackages: [htop]\ndistro: debian\n")
    for one in (asked, TryArguments(what=What(spec="./own.yaml"))):
        trust = request_of(tmp_path, tmp_path, one).trust
        assert (trust.as_user, trust.user, trust.is_caller) == (True, user, is_caller)


def test_an_option_takes_the_place_of_a_specs_user_and_size_and_adds_to_its_copies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).touch()
    (tmp_path / "own.yaml").write_text("user: host\nshm-size: 64M\ncopies: ['./a:/srv']\ndistro: debian\n")
    asked = TryArguments(
        what=What(spec="./own.yaml"),
        user="5",
        reach=Reach(copy=["b:/srv"]),
        bounds=Bounds(as_user=True, shm_size="1G", allow="copies"),
    )
    found = request_of(tmp_path, tmp_path, asked).spec
    assert (found.user, found.shm_size) == ("5", 1_000_000_000)
    assert [(copy.source, copy.target) for copy in found.copies] == [
        (f"{tmp_path}/a", "/srv"),
        (f"{tmp_path}/b", "/srv"),
    ]


@pytest.mark.parametrize("who", ["1joe", "-1", "1:", "1:2:3", "4294967295", "host:5", "a b", "x" * 33])
def test_a_user_that_is_neither_a_number_nor_a_name_is_refused(tmp_path: Path, who: str) -> None:
    with pytest.raises(UsageError, match=r"--user: (expected|host can't have a group)"):
        request_of(tmp_path, tmp_path, TryArguments(what=HTOP, bounds=Bounds(as_user=True), user=who))


def test_what_is_detached_is_root_and_no_other_user_is_promised(tmp_path: Path) -> None:
    asked = TryArguments(what=HTOP, where=DEBIAN, bounds=Bounds(as_user=True), ending=Ending(detach=True))
    (tmp_path / "own.yaml").write_text("user: new\ndistro: debian\n")
    for one in (asked, TryArguments(what=What(spec="./own.yaml"), ending=Ending(detach=True))):
        with pytest.raises(UsageError, match="--user and --detach can't be combined"):
            request_of(tmp_path, tmp_path, one)


def test_the_platform_of_docker_commands_is_none_of_a_trial_elsewhere(tmp_path: Path) -> None:
    asked = TryArguments(what=HTOP, where=DEBIAN, is_here=False)
    assert request_of(tmp_path, tmp_path, asked, DOCKER_DEFAULT_PLATFORM="linux/arm64").spec.platform is None
