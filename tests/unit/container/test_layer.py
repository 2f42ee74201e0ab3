"""A layer is read without following, opening or touching what a package put there; the image is seen under it."""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine
from tests.unit.snapshots import archive, member

from sandbox.container.box import Box
from sandbox.container.layer import Layer, files_of, merge, read_layer
from sandbox.container.snapshot import FileEntry, Snapshot, read
from sandbox.container.upper import DEEPEST
from sandbox.engine.protocol import Container

if TYPE_CHECKING:
    from pathlib import Path

SECRET = b"a secret of the host"


def plain(text: bytes = b"", **more: object) -> FileEntry:
    given = {"kind": "f", "mode": 0o644, "uid": 0, "gid": 0, "size": len(text), "digest": sha256(text).digest()[:16]}
    return FileEntry(**{**given, **more})  # type: ignore[arg-type]


def box(exported: bytes) -> Box:
    row = Container(id="box", name="b", state="running", image="i", labels={}, created=0, pid=42)
    return Box(FakeEngine(exports=[exported], containers_known=[row]), "box")


FOLDER = FileEntry(kind="d", mode=0o755, uid=0, gid=0)
IMAGE = Snapshot(
    entries={
        "/etc": FOLDER,
        "/etc/passwd": plain(b"root"),
        "/etc/cron.d": FOLDER,
        "/etc/cron.d/a": plain(b"a"),
        "/etc/cron.daily": FOLDER,
        "/etc/cron.daily/b": plain(b"b"),
        "/usr": FOLDER,
        "/usr/one": plain(b"linked"),
        "/usr/two": plain(b"linked", kind="h", link="/usr/one"),
    },
    contents={"/etc/passwd": b"root", "/etc/cron.d/a": b"a"},
)


def test_what_is_not_in_the_layer_is_the_images() -> None:
    assert merge(IMAGE, Layer()) == IMAGE


def test_what_is_removed_is_gone_with_all_below_and_nothing_else() -> None:
    found = merge(IMAGE, Layer(removed={"/etc/cron.d"}))
    assert set(IMAGE.entries) - set(found.entries) == {"/etc/cron.d", "/etc/cron.d/a"}
    assert set(found.contents) == {"/etc/passwd"}


def test_an_emptied_folder_holds_only_what_is_in_the_layer() -> None:
    layer = Layer(entries={"/etc": FOLDER, "/etc/new": plain(b"n")}, emptied={"/etc"})
    found = merge(IMAGE, layer)
    assert {path for path in found.entries if path.startswith("/etc")} == {"/etc", "/etc/new"}
    assert found.contents == {}


def test_a_file_in_the_place_of_a_folder_hides_what_was_below_and_a_folder_does_not() -> None:
    found = merge(IMAGE, Layer(entries={"/etc/cron.d": plain(b"f"), "/etc/cron.daily": FOLDER}))
    assert "/etc/cron.d/a" not in found.entries
    assert "/etc/cron.daily/b" in found.entries


def test_a_changed_file_loses_the_content_that_was_read_of_the_image() -> None:
    found = merge(IMAGE, Layer(entries={"/etc/passwd": plain(b"evil")}))
    assert "/etc/passwd" not in found.contents


@pytest.mark.parametrize(
    "layer",
    [
        Layer(entries={"/usr/one": plain(b"new")}),
        Layer(removed={"/usr/two"}),
        Layer(removed={"/usr"}),
        Layer(entries={"/usr": FOLDER}, emptied={"/usr"}),
    ],
)
def test_a_change_of_a_hard_link_of_the_image_needs_the_export(tmp_path: Path, layer: Layer) -> None:
    with pytest.raises(Exception, match="a hard link"):
        merge(IMAGE, layer)
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr/one").write_text("new")
    whole = archive([(member("/exported"), b"x")])
    found = files_of(box(whole), lambda: IMAGE, find=lambda _id, _pid: str(tmp_path))
    assert found == read([whole])


def test_without_a_layer_the_images_files_are_not_asked_for() -> None:
    whole = archive([(member("/exported"), b"x")])

    def fail() -> Snapshot:
        raise AssertionError

    assert files_of(box(whole), fail, find=lambda _id, _pid: "") == read([whole])
    assert files_of(box(whole), lambda: IMAGE, find=lambda _id, _pid: "/no/such/folder") == read([whole])
    assert files_of(box(whole), None, find=lambda _id, _pid: "/") == read([whole])


def test_a_layer_is_looked_for_by_the_id_and_the_first_process_of_its_container(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def find(ident: str, pid: int) -> str:
        asked.append((ident, pid))
        return str(tmp_path)

    (tmp_path / "new").write_bytes(b"n")
    own = {"uid": os.getuid(), "gid": os.getgid(), "mode": (tmp_path / "new").stat().st_mode & 0o7777}
    assert files_of(box(b""), lambda: IMAGE, find=find).entries == {**IMAGE.entries, "/new": plain(b"n", **own)}
    assert asked == [("box", 42)]


def test_every_kind_of_file_is_read_as_it_is_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir(mode=0o750)
    (tmp_path / "etc/passwd").write_bytes(b"root:x:0")
    (tmp_path / "etc/passwd").chmod(0o4755)
    os.link(tmp_path / "etc/passwd", tmp_path / "zz")
    (tmp_path / "link").symlink_to("/etc/shadow")
    os.mkfifo(tmp_path / "pipe", 0o600)
    odd = os.fsdecode(b"new\nline \xff")
    (tmp_path / odd).write_bytes(b"")
    layer = read_layer(str(tmp_path))
    own = {"uid": os.getuid(), "gid": os.getgid()}
    assert {path: entry.kind for path, entry in layer.entries.items()} == {
        "/etc": "d",
        "/etc/passwd": "f",
        "/link": "l",
        f"/{odd}": "f",
        "/pipe": "p",
        "/zz": "h",
    }
    assert layer.entries["/etc/passwd"] == plain(b"root:x:0", mode=0o4755, **own)
    assert layer.entries["/zz"] == plain(b"root:x:0", mode=0o4755, kind="h", link="/etc/passwd", **own)
    assert layer.entries["/link"].link == "/etc/shadow"
    assert layer.contents == {"/etc/passwd": b"root:x:0"}


def test_a_socket_is_in_no_archive_and_hides_what_was_there(tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "s"))
        assert read_layer(str(tmp_path)) == Layer(removed={"/s"})


def test_reading_changes_no_time_of_access(tmp_path: Path) -> None:
    for path in (tmp_path / "d", tmp_path / "d/e"):
        path.mkdir()
    (tmp_path / "d/file").write_bytes(b"x")
    for path in (tmp_path / "d", tmp_path / "d/file", tmp_path / "d/e"):
        os.utime(path, (1, 10**9))
    read_layer(str(tmp_path))
    assert [(tmp_path / name).stat().st_atime for name in ("d", "d/file", "d/e")] == [1, 1, 1]


def test_folders_deeper_than_any_package_has_need_the_export(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(DEEPEST + 2):
        path /= "d"
        path.mkdir()
    with pytest.raises(Exception, match="deep folders"):
        read_layer(str(tmp_path))


def test_a_folder_that_becomes_a_link_to_the_host_meanwhile_never_shows_what_is_there(tmp_path: Path) -> None:
    layer, host, over = tmp_path / "layer", tmp_path / "host", threading.Event()
    for folder in (layer / "d", host):
        folder.mkdir(parents=True)
    for number in range(20):
        (layer / f"d/{number}").write_bytes(b"own")
        (host / f"{number}").write_bytes(SECRET)

    def swap() -> None:
        while not over.is_set():
            (layer / "d").rename(layer / "e")
            (layer / "d").symlink_to(host)
            (layer / "d").unlink()
            (layer / "e").rename(layer / "d")
            (layer / "d/5").rename(layer / "x")
            (layer / "d/5").symlink_to(host / "5")
            (layer / "d/5").unlink()
            (layer / "x").rename(layer / "d/5")

    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[bytes] = set()
    try:
        for _ in range(200):
            try:
                seen |= {entry.digest for entry in read_layer(str(layer)).entries.values() if entry.kind == "f"}
            except OSError:
                continue
    finally:
        over.set()
        thread.join()
    assert seen == {sha256(b"own").digest()[:16]}
