"""A snapshot is what the engine's archive says, whatever the names are and wherever the pieces are cut."""

from __future__ import annotations

import tarfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.fakes import FakeEngine
from tests.unit.snapshots import archive, member, tree

from sandbox.container.box import Box
from sandbox.container.snapshot import read, readable, snapshot
from sandbox.errors import EngineError

NAMES = st.binary(min_size=1, max_size=300).filter(
    lambda raw: b"\0" not in raw and b"/" not in raw and raw.strip(b"./") and raw not in (b".", b"..")
)


@given(raw=NAMES, content=st.binary(max_size=2000), cut=st.integers(1, 1500))
def test_a_file_of_any_name_is_found_with_its_digest(raw: bytes, content: bytes, cut: int) -> None:
    name = raw.decode("utf-8", "surrogateescape")
    for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        data = archive([(member(f"/opt/{name}", mode=0o4711), content)], kind)
        found = read(data[at : at + cut] for at in range(0, len(data), cut))
        (path,) = found.entries
        assert path == f"/opt/{name}"
        assert found.entries[path].mode == 0o4711
        assert found.entries[path].size == len(content)
        assert found.entries[path].digest == sha256(content).digest()[:16]


@given(raw=st.binary(max_size=80))
def test_what_is_shown_is_one_line_of_text(raw: bytes) -> None:
    shown = readable(raw.decode("utf-8", "surrogateescape"))
    assert "\n" not in shown
    assert "\x1b" not in shown
    shown.encode("utf-8")


def test_bytes_that_are_no_text_are_shown_by_their_numbers() -> None:
    assert readable(b"/a\xff\n\x1b[31m".decode("utf-8", "surrogateescape")) == r"/a\xff\n\x1b[31m"


@given(data=st.binary(max_size=3000))
def test_an_archive_that_is_none_is_an_error_of_the_engine(data: bytes) -> None:
    try:
        read(iter([data]))
    except EngineError:
        return


def test_an_archive_that_ends_early_is_asked_for_twice() -> None:
    whole = archive([(member("/a"), b"content")])
    engine = FakeEngine(exports=[whole[:520], whole])
    assert set(snapshot(Box(engine, "box")).entries) == {"/a"}
    with pytest.raises(EngineError, match="is cut off"):
        snapshot(Box(FakeEngine(exports=[whole[:520], whole[:520]]), "box"))


def test_links_are_followed_as_the_kernel_does() -> None:
    found = tree(
        {
            "/bin": member("/bin", link="usr/bin"),
            "/usr/bin/mawk": b"x",
            "/usr/bin/awk": member("/usr/bin/awk", link="/etc/alternatives/awk"),
            "/etc/alternatives/awk": member("/etc/alternatives/awk", link="../../usr/bin/mawk"),
            "/loop": member("/loop", link="loop"),
        }
    )
    assert found.resolve("/bin/awk") == "/usr/bin/mawk"
    assert found.real("/bin/awk") == "/usr/bin/awk"
    assert found.resolve("/loop") == "/loop"
