"""A kept index is plain files of the manager's own places, whatever an archive or a file of this machine has."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from sandbox.provision import index_file
from sandbox.provision.index_file import (
    END,
    MAGIC,
    IndexContents,
    IndexMember,
    is_path_below,
    read_index,
    tar_of,
    write_archives,
    write_list,
    write_time,
)

LISTS = "/var/lib/apt/lists"
CACHE = "/var/cache/apt/pkgcache.bin"
ROOTS = (LISTS, CACHE)


def archive(*members: tarfile.TarInfo, content: bytes = b"") -> list[bytes]:
    """Return an archive of members, of which regular ones have a content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return [out.getvalue()]


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mtime: float = 7) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mtime, found.uid, found.mode = kind, link, mtime, 42, 0o4777
    return found


def write_index(archives: list[tuple[str, list[bytes]]], out: io.BytesIO, fetched: float) -> IndexContents:
    return write_list(out, write_archives(archives, out), fetched)


def stored(content: bytes = b"Package: a\n") -> io.BytesIO:
    out = io.BytesIO()
    lists = archive(info("lists", tarfile.DIRTYPE), info("lists/a_InRelease"), info("lists/r/p"), content=content)
    write_index([(LISTS, lists), (CACHE, archive(info("pkgcache.bin"), content=b"cache"))], out, fetched=5.5)
    return out


def made(file: io.BytesIO, contents: IndexContents) -> bytes:
    return b"".join(tar_of(file, len(file.getvalue()), contents))


def reread(file: io.BytesIO, roots: tuple[str, ...] = ROOTS) -> IndexContents:
    return read_index(file, len(file.getvalue()), roots)


def test_what_is_kept_comes_back_as_plain_files_of_root() -> None:
    file = stored()
    contents = reread(file)
    assert (contents.fetched, [member.path for member in contents.files]) == (
        5.5,
        [f"{LISTS}/a_InRelease", f"{LISTS}/r/p", CACHE],
    )
    with tarfile.open(fileobj=io.BytesIO(made(file, contents))) as tar:
        rows = {row.name: (row.type, row.mode, row.uid, row.mtime) for row in tar}
        found = tar.extractfile("var/lib/apt/lists/a_InRelease")
        assert found is not None
        assert found.read() == b"Package: a\n"
    folder, plain = (tarfile.DIRTYPE, 0o755, 0, 5), (tarfile.REGTYPE, 0o644, 0, 7)
    assert rows == {
        "var/lib/apt/lists": folder,
        "var/lib/apt/lists/a_InRelease": plain,
        "var/lib/apt/lists/r": folder,
        "var/lib/apt/lists/r/p": plain,
        "var/cache/apt/pkgcache.bin": plain,
    }


@pytest.mark.parametrize(
    "member",
    [
        info("lists/a", tarfile.SYMTYPE, "/etc/passwd"),
        info("lists/a", tarfile.LNKTYPE, "lists/b"),
        info("lists/a", tarfile.FIFOTYPE),
        info("lists/a", tarfile.CHRTYPE),
        info("lists/a", tarfile.BLKTYPE),
        info("lists/a", tarfile.CONTTYPE),
        info("lists/a", tarfile.GNUTYPE_SPARSE),
        info("lists/../../../../etc/cron.d/a"),
        info("../lists/a"),
        info("etc/passwd"),
        info("listsa"),
        info("lists/a\nb"),
        info("lists/ä"),
        info("lists/a b"),
        info("lists/" + "a" * 256),
        info("lists/a", mtime=-1),
        info("lists/a", mtime=1e300),
        info(""),
    ],
    ids=lambda member: repr((member.name[:20], member.type, member.mtime)),
)
def test_an_archive_with_anything_but_plain_files_below_its_place_is_refused(member: tarfile.TarInfo) -> None:
    with pytest.raises(ValueError, match=r"."):
        write_index([(LISTS, archive(info("lists/fine"), member))], io.BytesIO(), fetched=1)


def test_an_archive_twice_with_a_file_or_with_a_file_as_a_folder_is_refused() -> None:
    for names in (("lists/a", "lists/a"), ("lists/a", "lists/a/b")):
        with pytest.raises(ValueError, match="list"):
            write_index([(LISTS, archive(*map(info, names)))], io.BytesIO(), fetched=1)


def test_an_index_of_no_files_or_too_many_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="list"):
        write_index([(LISTS, archive(info("lists", tarfile.DIRTYPE)))], io.BytesIO(), fetched=1)
    monkeypatch.setattr(index_file, "MOST", 2)
    with pytest.raises(ValueError, match="too much"):
        write_index([(LISTS, archive(*(info(f"lists/{number}") for number in range(3))))], io.BytesIO(), fetched=1)
    monkeypatch.setattr(index_file, "LARGEST", 10)
    with pytest.raises(ValueError, match="too much"):
        write_index([(LISTS, archive(info("lists/a"), content=bytes(11)))], io.BytesIO(), fetched=1)


def test_a_cut_archive_is_refused() -> None:
    whole = archive(info("lists/a"), content=bytes(5000))[0]
    for end in (100, 600, 1500):
        with pytest.raises(ValueError, match=r"."):
            write_index([(LISTS, [whole[:end]])], io.BytesIO(), fetched=1)


def test_an_archive_without_its_end_or_with_more_behind_that_is_refused() -> None:
    whole = archive(info("lists/a"), content=bytes(512))[0]
    for wrong in (whole[: 3 * 512], whole[: 3 * 512] + b"a" * 512, whole + b"a", whole + bytes(1 << 17)):
        with pytest.raises(ValueError, match="end"):
            write_index([(LISTS, [wrong])], io.BytesIO(), fetched=1)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_member_of_less_than_no_bytes_is_refused(kind: bytes) -> None:
    fine, wrong = info("lists/fine"), info("lists/a", kind)
    wrong.size = -2048
    content = fine.tobuf() + wrong.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    with pytest.raises(ValueError, match=r"."):
        write_index([(LISTS, [content])], io.BytesIO(), fetched=1)


def test_a_file_with_holes_is_refused() -> None:
    sparse = info("lists/a")
    sparse.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "9", "GNU.sparse.numblocks": "1"}
    with pytest.raises(ValueError, match="plain"):
        write_index([(LISTS, archive(sparse, content=b"x"))], io.BytesIO(), fetched=1)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=12))
def test_whatever_an_archive_holds_it_is_refused_or_listed(place: int, change: bytes) -> None:
    whole = bytearray(archive(info("lists", tarfile.DIRTYPE), info("lists/a"), info("lists/b"), content=b"x" * 700)[0])
    whole[place : place + len(change)] = change
    try:
        found = write_index([(LISTS, [bytes(whole)])], io.BytesIO(), fetched=1)
    except ValueError:
        return
    assert all(is_path_below(member.path, (LISTS,)) for member in found.files)


def test_an_index_that_is_still_the_newest_is_as_if_it_was_fetched_then() -> None:
    file = stored()
    write_time(file, len(file.getvalue()), 9.25)
    contents = reread(file)
    assert contents.fetched == 9.25
    assert made(file, contents)


def test_an_index_of_other_places_is_refused() -> None:
    with pytest.raises(ValueError, match="list"):
        reread(stored(), (LISTS,))


def test_changed_contents_are_noticed() -> None:
    file = stored()
    file.seek(3)
    file.write(b"X")
    contents = reread(file)
    with pytest.raises(ValueError, match="changed"):
        made(file, contents)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_a_changed_file_is_refused_or_gives_only_what_was_kept(place: int, change: bytes) -> None:
    file = stored()
    file.seek(place % len(file.getvalue()))
    file.write(change)
    try:
        found = made(file, reread(file))
    except ValueError:
        return
    with tarfile.open(fileobj=io.BytesIO(found)) as tar:
        for member in tar:
            assert member.type in (tarfile.REGTYPE, tarfile.DIRTYPE)
            assert is_path_below(f"/{member.name}", ROOTS)
            assert (member.uid, member.gid) == (0, 0)


PARTS = st.text("abc./\\ \n~%:_-é\0", max_size=6)
PATHS = st.builds(lambda root, parts: "/".join((root, *parts)), st.sampled_from((*ROOTS, "/etc", "")), st.lists(PARTS))


SIZES = st.integers(-1, 9)


@given(st.lists(st.tuples(PATHS, SIZES, SIZES, st.integers(-1, 1 << 40)), max_size=4), st.floats(), st.binary())
def test_whoever_wrote_a_file_only_the_managers_places_are_written(
    rows: list[tuple[str, int, int, int]], fetched: float, content: bytes
) -> None:
    files = tuple(IndexMember(*row) for row in rows)
    text = msgpack.encode(IndexContents(digest=b"", roots=ROOTS, files=files))
    file = io.BytesIO(content + text + END.pack(fetched, len(text), MAGIC))
    try:
        contents = reread(file)
    except ValueError:
        return
    for member in contents.files:
        path = member.path
        assert path in ROOTS or path.startswith((f"{LISTS}/", f"{CACHE}/"))
        assert not {"", ".", ".."} & set(path.split("/")[1:])
        assert path.isascii()
        assert path.isprintable()
    places = [place for member in contents.files for place in (member.start, member.start + member.size)]
    assert places == sorted(places)
    assert all(0 <= place <= len(content) for place in places)


@given(st.binary(max_size=400))
def test_bytes_that_are_no_index_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        reread(io.BytesIO(content))
