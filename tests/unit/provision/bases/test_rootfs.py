"""Importing root tarballs."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from tests.serving import Quiet
from tests.unit.advised import advice_of

from sandbox.errors import PullFailed, UsageError
from sandbox.provision.bases.rootfs import import_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://user:secret@127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_packed_tarball_reaches_the_engine_plain(shelf: Any, tarball: Path, packing: str) -> None:
    packed = tarball.with_name("misnamed")
    packed.write_bytes(PACKERS[packing](tarball.read_bytes()))
    import_base(shelf, str(packed), "alpine:3.23", version="1")
    assert shelf.content["sandbox-base/alpine:3.23"] == tarball.read_bytes()


def test_plain_tarball_is_labelled_with_name_and_checksum(shelf: Any, tarball: Path) -> None:
    import_base(shelf, str(tarball), "void", version="1")
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    assert f'LABEL org.sandbox-try.origin="rootfs.tar sha256:{digest}"' in shelf.changes


def test_right_checksum_is_accepted(shelf: Any, tarball: Path) -> None:
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest().upper()
    assert import_base(shelf, str(tarball), "void", version="1", sha256=f"sha256:{digest}").tags


def test_wrong_checksum_never_reaches_the_engine(shelf: Any, tarball: Path) -> None:
    with pytest.raises(PullFailed, match=r"rootfs\.tar has another checksum") as caught:
        import_base(shelf, str(tarball), "void", version="1", sha256="0" * 64)
    assert (shelf.content, caught.value.details[0]) == ({}, ("expected", "0" * 64))


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63])
def test_checksum_that_is_none_is_refused(shelf: Any, tarball: Path, text: str) -> None:
    with pytest.raises(UsageError, match="64 hex digits"):
        import_base(shelf, str(tarball), "void", version="1", sha256=text)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"#!/bin/sh\n" * 100, gzip.compress(b"text", mtime=0), b"PK\x03\x04" * 200]
)
def test_file_that_is_no_tar_is_refused_by_name(shelf: Any, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notes").write_bytes(content)
    with pytest.raises(UsageError, match="notes is not a root file system in a tar file") as caught:
        import_base(shelf, str(tmp_path / "notes"), "void", version="1")
    assert dict(caught.value.details)["expected"] == "a tar file, plain or compressed with gzip, xz or zstd"
    assert shelf.content == {}


@pytest.mark.parametrize("packing", sorted(PACKERS))
def test_cut_off_tarball_is_said_to_be(shelf: Any, tarball: Path, packing: str) -> None:
    noise = b"".join(hashlib.sha256(bytes([n % 251, n // 251])).digest() for n in range(9000))
    whole = PACKERS[packing](tarball.read_bytes()[:1024] + noise)
    tarball.write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(PullFailed, match="damaged or incomplete"):
        import_base(shelf, str(tarball), "void", version="1")
    assert shelf.held == {}


@pytest.mark.parametrize(("source", "said"), [("/nonexistent/x.tar", "does not exist"), ("/", "a folder")])
def test_unreadable_source_is_said(shelf: Any, source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        import_base(shelf, source, "void", version="1")


def test_url_is_fetched_with_progress_and_kept_without_its_password(shelf: Any, tarball: Path, site: str) -> None:
    seen: list[tuple[int, int]] = []
    source = f"{site.replace('user:secret@', '')}/rootfs.tar?token=1"
    import_base(shelf, source, "void", version="1", on_bytes=lambda *pair: seen.append(pair))
    size = tarball.stat().st_size
    assert seen[-1] == (size, size)
    assert not [line for line in shelf.changes if "token" in line]


def test_missing_url_names_the_cause_and_no_password(shelf: Any, site: str) -> None:
    with pytest.raises(PullFailed, match="could not download") as caught:
        import_base(shelf, f"{site}/none.tar", "void", version="1")
    assert "secret" not in f"{caught.value.brief} {advice_of(caught.value)}"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x.tar", "file:///etc/passwd"])
def test_other_schemes_are_refused(shelf: Any, url: str) -> None:
    with pytest.raises(UsageError, match="http://"):
        import_base(shelf, url, "void", version="1")
