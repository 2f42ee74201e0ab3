"""What a spec names of this host is looked at before anything is made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import SpecError, UsageError
from sandbox.specs.host_paths import check_host_paths
from sandbox.specs.model import Copy, Mount, Spec

if TYPE_CHECKING:
    from pathlib import Path


def mount(path: Path) -> Mount:
    return Mount(source=str(path), target="/x")


def test_what_is_there_passes(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").touch()
    spec = Spec(mounts=(mount(tmp_path),), devices=("/dev/null",), dockerfile=str(tmp_path / "Dockerfile"))
    check_host_paths(spec, {}, is_here=True)


def test_each_kind_of_absence_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    spec = Spec(
        mounts=(mount(tmp_path / "no"), mount(tmp_path / "file" / "x"), mount(tmp_path / "link"), mount(tmp_path)),
        devices=("/dev/no-such", str(tmp_path / "file")),
        dockerfile=str(tmp_path),
    )
    with pytest.raises(UsageError) as caught:
        check_host_paths(spec, {}, is_here=True)
    assert list(caught.value.details) == [
        ("--dockerfile", f"{tmp_path} is not a file"),
        ("--mount", f"{tmp_path}/no does not exist on this host"),
        ("--mount", f"{tmp_path}/file/x does not exist on this host"),
        ("--mount", f"{tmp_path}/link is a dead link"),
        ("--device", "/dev/no-such does not exist on this host"),
        ("--device", f"{tmp_path}/file is not a device"),
    ]


@pytest.mark.parametrize(
    ("source", "target", "label", "sign"),
    [
        ("/a:b,c", "/x", "", "a ,"),
        ("/a", '/x:"', "", 'a "'),
        ("/a:b", "/x", "z", "a label"),
        ("/a,b", "/x:", "", "a ,"),
    ],
)
def test_a_path_that_no_form_of_a_mount_can_hold_is_refused_with_its_reason(
    source: str, target: str, label: Literal["", "z"], sign: str
) -> None:
    spec = Spec(mounts=(Mount(source=source, target=target, relabel=label),))
    with pytest.raises(UsageError) as caught:
        check_host_paths(spec, {}, is_here=False)
    path = source if ":" in source else target
    assert caught.value.brief == f'--mount: engines can\'t mount a path with a ":" and {sign}: {path}'


@pytest.mark.parametrize(("source", "label"), [("/a:b", ""), ("/a,b", ""), ('/a"b', ""), ("/a,b", "Z")])
def test_a_path_that_one_form_of_a_mount_can_hold_passes(source: str, label: Literal["", "Z"]) -> None:
    check_host_paths(Spec(mounts=(Mount(source=source, target="/x", relabel=label),)), {}, is_here=False)


def test_one_alone_is_named_in_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--mount: .*/no does not exist on this host$"):
        check_host_paths(Spec(mounts=(mount(tmp_path / "no"),)), {}, is_here=True)


def test_what_is_written_in_a_spec_is_told_by_its_place(tmp_path: Path) -> None:
    spec = Spec(mounts=(mount(tmp_path), mount(tmp_path / "no")))
    with pytest.raises(SpecError) as caught:
        check_host_paths(spec, {"mounts[1]": ("web.yaml", 3, 5)}, is_here=True)
    assert [(row.line, row.column, row.path) for row in caught.value.problems] == [(3, 5, "mounts[1]")]


def test_of_another_machine_only_the_dockerfile_is_known(tmp_path: Path) -> None:
    spec = Spec(mounts=(mount(tmp_path / "no"),), devices=("/dev/no-such",))
    check_host_paths(spec, {}, is_here=False)
    with pytest.raises(UsageError, match="--dockerfile"):
        check_host_paths(Spec(dockerfile=str(tmp_path / "no")), {}, is_here=False)


def test_what_is_to_be_copied_is_looked_at_here_wherever_the_engine_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, problem in (("no", "does not exist on this host"), ("pipe", "is not a file or a folder")):
        spec = Spec(
            copies=(Copy(source=str(tmp_path / "file"), target="/x"), Copy(source=str(tmp_path / name), target="/x"))
        )
        with pytest.raises(UsageError, match=rf"^--copy: .*/{name} {problem}$"):
            check_host_paths(spec, {}, is_here=False, elsewhere="build1")
    check_host_paths(Spec(copies=(Copy(source=str(tmp_path), target="/x"),)), {}, is_here=False)


def test_a_folder_of_this_host_is_no_mount_of_an_engine_on_another(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="is on this host, and the engine is on build1, which can't mount it"
    ) as caught:
        check_host_paths(Spec(mounts=(mount(tmp_path),)), {}, is_here=False, elsewhere="build1")
    assert f"--copy {tmp_path}:/x instead of --mount" in advice_of(caught.value)[0]
    check_host_paths(Spec(mounts=(mount(tmp_path / "there"),)), {}, is_here=False, elsewhere="build1")
