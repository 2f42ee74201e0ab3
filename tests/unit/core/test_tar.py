"""Archives from a sandbox can't reach beyond the place they are unpacked in, whatever they hold."""

from __future__ import annotations

import io
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.core.tar import one_file, pack, unpack
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def archive(*members: tuple[str, bytes, str]) -> bytes:
    """Return an archive of (name, type, content or link)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, text in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o6777
            if kind == tarfile.REGTYPE:
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
            else:
                info.linkname = text
                tar.addfile(info)
    return buffer.getvalue()


def bitwise(data: bytes, size: int = 7) -> Iterator[bytes]:
    yield from (data[start : start + size] for start in range(0, len(data), size))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("mine")
    (tmp_path / "in").mkdir()
    return tmp_path / "in" / "copy"


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_comes_out_under_the_new_name(place: Path) -> None:
    data = archive(("etc", tarfile.DIRTYPE, ""), ("etc/a", tarfile.REGTYPE, "one"), ("etc/b/c", tarfile.REGTYPE, "x"))
    done = unpack(bitwise(data), place)
    assert tree(place) == {"a": "one"}
    assert (done.files, done.size) == (1, 3)
    assert done.left_out == ("etc/b/c points out of the copied folder",)


def test_a_file_comes_out_as_itself_and_replaces_one(place: Path) -> None:
    place.write_text("old")
    unpack([archive(("hosts", tarfile.REGTYPE, "new"))], place)
    assert place.read_text() == "new"


def test_no_file_is_setuid_or_writable_for_others(place: Path) -> None:
    unpack([archive(("su", tarfile.REGTYPE, "x"))], place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


HOSTILE = {
    "dots": [("d", tarfile.DIRTYPE, ""), ("d/../../outside/new", tarfile.REGTYPE, "x")],
    "an absolute name": [("/outside/new", tarfile.REGTYPE, "x")],
    "a link out": [
        ("d", tarfile.DIRTYPE, ""),
        ("d/l", tarfile.SYMTYPE, "../../outside"),
        ("d/l/new", tarfile.REGTYPE, "x"),
    ],
    "an absolute link": [
        ("d", tarfile.DIRTYPE, ""),
        ("d/l", tarfile.SYMTYPE, "/etc"),
        ("d/l/new", tarfile.REGTYPE, "x"),
    ],
    "a link that climbs": [("d", tarfile.DIRTYPE, ""), ("d/l", tarfile.SYMTYPE, "x/../../../outside")],
    "the root as a link": [("d", tarfile.SYMTYPE, "../outside"), ("d/new", tarfile.REGTYPE, "x")],
    "a hard link out": [("d", tarfile.DIRTYPE, ""), ("d/h", tarfile.LNKTYPE, "../outside/secret")],
    "a hard link to what is not there": [("d", tarfile.DIRTYPE, ""), ("d/h", tarfile.LNKTYPE, "d/none")],
    "a device": [("d", tarfile.DIRTYPE, ""), ("d/dev", tarfile.BLKTYPE, "")],
    "a pipe": [("d", tarfile.DIRTYPE, ""), ("d/pipe", tarfile.FIFOTYPE, "")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_nothing_gets_out_of_the_place(members: list[tuple[str, bytes, str]], place: Path) -> None:
    done = unpack(bitwise(archive(*members)), place)
    assert done.left_out
    assert done.files == 0
    assert tree(place.parent.parent) == {"outside/secret": "mine"}


def test_a_file_never_replaces_what_a_link_leads_to(place: Path) -> None:
    place.mkdir()
    (place / "a").symlink_to(place.parent.parent / "outside" / "secret")
    unpack([archive(("d", tarfile.DIRTYPE, ""), ("d/a", tarfile.REGTYPE, "theirs"))], place)
    assert tree(place.parent.parent)["outside/secret"] == "mine"
    assert (place / "a").read_text() == "theirs"


def test_links_that_stay_inside_come_along(place: Path) -> None:
    members = [("d", tarfile.DIRTYPE, ""), ("d/a", tarfile.REGTYPE, "x"), ("d/l", tarfile.SYMTYPE, "a")]
    done = unpack([archive(*members, ("d/h", tarfile.LNKTYPE, "d/a"))], place)
    assert done.left_out == ()
    assert (place / "l").read_text() == (place / "h").read_text() == "x"


def test_a_link_to_nothing_is_left_out_and_the_rest_comes_along(place: Path) -> None:
    members = [("d", tarfile.DIRTYPE, ""), ("d/l", tarfile.SYMTYPE, ""), ("d/a", tarfile.REGTYPE, "x")]
    done = unpack([archive(*members)], place)
    assert (done.left_out, tree(place)) == (("d/l is a link to nothing",), {"a": "x"})


def test_a_link_can_not_lead_out_by_way_of_another(place: Path) -> None:
    data = archive(
        ("top", tarfile.DIRTYPE, ""),
        ("top/d", tarfile.DIRTYPE, ""),
        ("top/d/up", tarfile.SYMTYPE, ".."),
        ("top/out", tarfile.SYMTYPE, "d/up/../../outside/secret"),
        ("top/d/down", tarfile.SYMTYPE, "../d/up"),
    )
    done = unpack(bitwise(data), place)
    assert [path.name for path in place.rglob("*") if path.is_symlink()] == ["up", "down"]
    assert done.left_out == ("top/out is a link to d/up/../../outside/secret, which is outside of the copied folder",)


@pytest.mark.parametrize("head", ["/", "./", ""])
def test_a_whole_file_system_comes_out_below_the_new_name(place: Path, head: str) -> None:
    members = [("etc", tarfile.DIRTYPE, ""), ("etc/a", tarfile.REGTYPE, "one"), ("etc/up", tarfile.SYMTYPE, "../b")]
    root = [(head, tarfile.DIRTYPE, "")] if head else [(".", tarfile.DIRTYPE, "")]
    out = [("out", tarfile.SYMTYPE, "../outside"), ("../outside/secret", tarfile.REGTYPE, "theirs")]
    named = [(f"{head}{name}", kind, text) for name, kind, text in (*members, *out)]
    done = unpack(bitwise(archive(*root, *named)), place, is_root=True)
    assert (tree(place), done.files, len(done.left_out)) == ({"etc/a": "one"}, 1, 2)
    assert (place / "etc" / "up").is_symlink()
    assert (place.parents[1] / "outside" / "secret").read_text() == "mine"


def test_a_damaged_archive_is_said_to_be_one(place: Path) -> None:
    with pytest.raises(SandboxError, match="damaged"):
        unpack([b"not an archive" * 100], place)


NAMES = st.lists(st.sampled_from(["d", "..", ".", "a", "", "l"]), min_size=1, max_size=4).map("/".join)
KINDS = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, KINDS, NAMES), max_size=6))
def test_no_mixture_gets_out_of_the_place(
    tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes, str]]
) -> None:
    root = tmp_path_factory.mktemp("mix")
    (root / "outside").mkdir()
    (root / "a").write_text("mine")
    (root / "in").mkdir()
    unpack([archive(*members)], root / "in" / "d")
    assert {path.name for path in root.iterdir()} == {"outside", "a", "in"}
    assert {path.name for path in (root / "in").iterdir()} <= {"d"}
    assert (root / "a").read_text() == "mine"
    assert not list((root / "outside").iterdir())


def test_what_goes_in_is_roots_and_has_the_new_name(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "f").write_text("x")
    with tarfile.open(fileobj=io.BytesIO(b"".join(pack(tmp_path / "here", "there")))) as tar:
        assert {(member.name, member.uid, member.uname) for member in tar} == {("there", 0, ""), ("there/f", 0, "")}


def test_one_file_is_an_archive_of_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(one_file("a", b"text"))) as tar:
        (member,) = tar.getmembers()
        assert (member.name, member.size) == ("a", 4)
