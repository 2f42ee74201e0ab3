"""Copies out of a sandbox and into it: what arrives where, and what is said of what can't."""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine
from tests.unit.fakes.host import host_in

from sandbox.commands.cp import Copied, archive_of, copy, unpack_into
from sandbox.core.tar import links, one_file
from sandbox.engine import labels
from sandbox.engine.protocol import Container
from sandbox.errors import Advice, EngineError, SandboxError, Unwritten, UsageError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"/etc/hosts": b"127.0.0.1 localhost\n", "/srv/www/index.html": b"<p>"}


class Side:
    """A sandbox called mine beside a folder of this host."""

    def __init__(self, folder: Path) -> None:
        self.host = host_in(folder / "state")
        self.here = folder / "here"
        self.here.mkdir()
        found = labels.session_labels(self.host.owner, session="s", name="mine", version="1", kind="kept")
        row = Container(id="i", name="mine", state="exited", image="x", labels=found, created=0.0)
        self.engine = FakeEngine(containers_known=[row], files=dict(FILES))

    def copy(self, source: str, target: str) -> Copied:
        return copy(self.engine, self.host.owner, source, target)

    def read(self, path: str) -> bytes | None:
        return self.engine.read_file("mine", path, limit=1000)

    def refuse(self, source: str, target: str) -> str:
        with pytest.raises(UsageError) as caught:
            self.copy(source, target)
        return caught.value.brief


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return Side(tmp_path)


def test_a_file_comes_out_into_a_folder_or_under_another_name(side: Side) -> None:
    for target in (side.here, side.here / "other"):
        done = side.copy("mine:/etc/hosts", str(target))
        assert (done.files, done.size) == (1, len(FILES["/etc/hosts"]))
    assert {path.name: path.read_bytes() for path in side.here.iterdir()} == dict.fromkeys(
        ("hosts", "other"), FILES["/etc/hosts"]
    )


def test_a_folder_comes_out_whole(side: Side) -> None:
    assert side.copy("mine:/srv", str(side.here)).files == 1
    assert (side.here / "srv" / "www" / "index.html").read_bytes() == b"<p>"


def test_all_of_it_comes_out_under_its_name(side: Side) -> None:
    side.copy("mine:/", str(side.here))
    assert (side.here / "mine" / "etc" / "hosts").read_bytes() == FILES["/etc/hosts"]


def test_a_link_is_followed_within_the_sandbox(side: Side) -> None:
    side.engine.copy_in("mine", "/srv", [links({"names": "/etc/hosts"})])
    side.copy("mine:/srv/names", str(side.here))
    assert (side.here / "names").read_bytes() == FILES["/etc/hosts"]
    side.engine.copy_in("mine", "/srv", [links({"dead": "/no/such"})])
    assert side.refuse("mine:/srv/dead", str(side.here)) == "mine has no file or folder /no/such"


def test_what_goes_in_is_roots_there(side: Side) -> None:
    (side.here / "file").write_text("new\n")
    assert side.copy(str(side.here / "file"), "mine:/etc").place == "mine:/etc/file"
    assert side.copy(str(side.here / "file"), "mine:/etc/other").place == "mine:/etc/other"
    assert side.read("/etc/file") == side.read("/etc/other") == b"new\n"
    side.copy(str(side.here), "mine:/srv")
    assert side.read("/srv/here/file") == b"new\n"


def test_a_file_that_is_there_is_written_over(side: Side) -> None:
    (side.here / "file").write_text("new\n")
    side.copy(str(side.here / "file"), "mine:/srv/www/index.html")
    assert side.read("/srv/www/index.html") == b"new\n"


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("{here}", "{here}", "cp copies between a sandbox (NAME:PATH) and"),
        ("mine:/a", "mine:/b", "cp copies between a sandbox (NAME:PATH) and"),
        ("mine:/no/such", "{here}", "mine has no file or folder /no/such"),
        ("mien:/etc", "{here}", "there is no sandbox 'mien'"),
        ("mine:/etc/hosts", "{here}/no/such/place", "there is no folder {here}/no/such here"),
        ("mine:/srv", "{here}/file", "{here}/file is a file, and /srv is a folder"),
        ("{here}/none", "mine:/etc", "{here}/none does not exist"),
        ("{here}/dead", "mine:/etc", "{here}/dead is a link to {here}/none, which does not exist"),
        ("{here}/pipe", "mine:/etc", "{here}/pipe is neither a file nor a folder"),
        ("{here}", "mine:/etc/hosts", "mine:/etc/hosts is a file, and {here} is a folder"),
        ("{here}/file", "mine:/no/such/place", "mine has no folder /no/such"),
        ("{here}/file", "mine:/etc/hosts/x", "mine has no folder /etc/hosts"),
        ("{here}/file", "mine:/etc/hosts", "the engine provides /etc/hosts of mine"),
        ("{here}/file", "mine:/dev/shm/x", "the engine copies nothing to or from /dev"),
        ("mine:/proc/version", "{here}", "the engine copies nothing to or from /proc"),
    ],
)
def test_what_can_not_be_copied_is_refused_with_the_place(side: Side, source: str, target: str, said: str) -> None:
    (side.here / "file").write_text("x")
    (side.here / "dead").symlink_to(side.here / "none")
    os.mkfifo(side.here / "pipe")
    place = {"here": side.here}
    before = sorted(side.here.iterdir())
    assert said.format(**place) in side.refuse(source.format(**place), target.format(**place))
    assert sorted(side.here.iterdir()) == before


def test_a_path_that_is_no_file_is_left_out_and_said(side: Side) -> None:
    buffer, info = io.BytesIO(), tarfile.TarInfo("null")
    info.type = tarfile.CHRTYPE
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(info)
    side.engine.copy_in("mine", "/srv", [buffer.getvalue()])
    assert "is a device or a pipe" in side.refuse("mine:/srv/null", str(side.here))
    done = side.copy("mine:/srv", str(side.here))
    assert (done.files, len(done.left_out)) == (1, 1)


def test_a_path_of_this_host_with_a_colon_is_told_from_a_sandbox_by_what_it_begins_with(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(side.here)
    (side.here / "a:b").write_text("x")
    with pytest.raises(UsageError) as caught:
        side.copy("a:b", "mine:/etc")
    assert caught.value.hints[0] == Advice.mend(("a:b", "./a:b"))
    assert side.copy("./a:b", "mine:/etc").place == "mine:/etc/a:b"


def test_a_place_that_can_not_be_written_is_said(side: Side) -> None:
    with pytest.raises(Unwritten, match="/proc/hosts"):
        side.copy("mine:/etc/hosts", "/proc/hosts")


def test_a_file_that_can_not_be_read_here_is_said_and_nothing_goes_in(side: Side) -> None:
    (side.here / "gone").write_text("")
    side.engine.failing["copy_in"] = [OSError(5, "Input/output error", str(side.here / "gone"))]
    with pytest.raises(SandboxError, match=r"could not read .*gone: Input/output error"):
        side.copy(str(side.here / "gone"), "mine:/etc")


def test_an_engine_that_fails_below_a_file_means_that_nothing_is_there(side: Side) -> None:
    side.engine.failing["stamp"] = [EngineError("not a directory")]
    assert side.refuse("mine:/etc/hosts/x", str(side.here)) == "mine has no file or folder /etc/hosts/x"
    side.engine.failing["stamp"] = [EngineError("broken pipe")]
    with pytest.raises(EngineError, match="broken pipe"):
        side.copy("mine:/etc/hosts", str(side.here))


def test_an_archive_goes_out_and_into_a_folder(side: Side) -> None:
    packed = b"".join(archive_of(side.engine, side.host.owner, "mine", "/srv"))
    assert unpack_into(side.engine, side.host.owner, [packed], "mine", "/etc").place == "mine:/etc"
    assert side.read("/etc/srv/www/index.html") == b"<p>"


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ([b""], "/etc", "standard input is empty"),
        ([b"no", b" archive"], "/etc", "standard input is not a tar archive"),
        ([one_file("x", b"")], "/etc/hosts", "is a file; an archive needs a folder"),
        ([one_file("x", b"")], "/no/such", "mine has no file or folder /no/such"),
    ],
)
def test_what_is_no_archive_or_no_folder_is_refused(side: Side, given: list[bytes], path: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        unpack_into(side.engine, side.host.owner, given, "mine", path)
