"""The command that makes a base from a package mirror."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.distros.model import Release, Target
from sandbox.errors import PullFailed, UsageError
from sandbox.provision.bases.mmdebstrap import build_argv, build_base, codename, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.engine.protocol import Argv

TODAY = "2026-11-23"
NO_EXPIRY = '--aptopt=Acquire::Check-Valid-Until "false"'


def of(target: Target, release: Release, **changes: Any) -> Target:
    return Target(distro=replace(target.distro, **changes), release=release)


def test_sources_are_those_of_the_public_image(target: Target) -> None:
    assert sources(target.distro, target.release) == (
        "deb http://mirror.example/debian bookworm main",
        "deb http://mirror.example/debian bookworm-updates main",
        "deb http://mirror.example/debian-security bookworm-security main",
    )


def test_sources_name_their_keyring(target: Target) -> None:
    lines = sources(replace(target.distro, keyring="/usr/share/keyrings/k.gpg"), target.release)
    assert all(line.startswith("deb [signed-by=/usr/share/keyrings/k.gpg] http") for line in lines)


def test_rolling_release_has_no_pockets_and_no_expiry(target: Target) -> None:
    sid = of(target, Release(name="sid", aliases=("unstable",)))
    argv = build_argv(sid, root=True, today=TODAY)
    assert argv[-2:] == ("-", "deb http://mirror.example/debian sid main")
    assert NO_EXPIRY in argv


@pytest.mark.parametrize(("end", "ignored"), [(None, True), ("2028-06-30", False), ("2026-08-31", True)])
def test_expiry_is_ignored_only_for_what_has_ended_or_never_does(
    target: Target, end: str | None, ignored: bool
) -> None:
    argv = build_argv(of(target, Release(name="bullseye", end_of_life=end)), root=True, today=TODAY)
    assert (NO_EXPIRY in argv) is ignored


def test_mirror_knows_a_numbered_release_by_its_word() -> None:
    assert codename(Release(name="24.04", aliases=("24", "noble"))) == "noble"


def test_no_root_means_a_user_namespace(target: Target) -> None:
    assert "--mode=unshare" in build_argv(target, root=False, today=TODAY)
    assert "--mode=root" in build_argv(target, root=True, today=TODAY)


def test_hooks_are_those_given(target: Target) -> None:
    argv = build_argv(target, root=True, today=TODAY, hooks=[Path("/hooks/merged")])
    assert "--hook-dir=/hooks/merged" in argv


@pytest.mark.parametrize("row", [{"bootstrap": None}, {"mirror": ""}])
def test_what_mmdebstrap_can_not_make_is_said_with_the_way_out(target: Target, row: dict[str, str | None]) -> None:
    with pytest.raises(UsageError, match="can't build a base of") as caught:
        build_argv(of(target, target.release, **row), root=True, today=TODAY)
    assert "sandbox base import" in advice_of(caught.value)[0]


def test_build_streams_the_tar_into_the_built_name(shelf: Any, target: Target) -> None:
    def run(argv: Argv, on_line: Callable[[str], None]) -> Generator[bytes, None, None]:
        on_line(argv[0])
        yield from (b"root", b"fs")

    said: list[str] = []
    image = build_base(shelf, target, version="1.2", on_line=said.append, run=run)
    assert (image.tags, shelf.content[target.built_image], said) == ((target.built_image,), b"rootfs", ["mmdebstrap"])
    assert 'LABEL org.sandbox-try.kind="base"' in shelf.changes
    assert 'LABEL org.sandbox-try.version="1.2"' in shelf.changes


def test_failed_build_leaves_nothing(shelf: Any, target: Target) -> None:
    def run(_argv: Argv, _on_line: Callable[[str], None]) -> Generator[bytes, None, None]:
        yield b"half"
        raise PullFailed("mmdebstrap ended with status 1")

    with pytest.raises(PullFailed):
        build_base(shelf, target, version="1", run=run)
    assert shelf.held == {}


def test_missing_keyring_is_said_before_anything_runs(shelf: Any, target: Target) -> None:
    unproven = of(target, target.release, keyring="/nonexistent/lab-keyring.gpg")
    with pytest.raises(UsageError, match="keyring is missing") as caught:
        build_base(shelf, unproven, version="1", run=_never)
    assert advice_of(caught.value) == ("sudo apt-get install lab-keyring",)


def _never(_argv: Argv, _on_line: Callable[[str], None]) -> Generator[bytes, None, None]:
    raise AssertionError
