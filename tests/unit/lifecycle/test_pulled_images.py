"""The note of what we pulled: per engine, and nothing worse than empty when it is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.lifecycle.pulled_images import FILE, forget, record, records

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pull_is_noted_before_it_begins_and_with_its_image_after(tmp_path: Path) -> None:
    record(tmp_path, "unix:///a", "debian:bookworm")
    assert records(tmp_path, "unix:///a") == {"debian:bookworm": ""}
    record(tmp_path, "unix:///a", "debian:bookworm", "sha256:1")
    assert records(tmp_path, "unix:///a") == {"debian:bookworm": "sha256:1"}


def test_each_engine_has_its_own(tmp_path: Path) -> None:
    record(tmp_path, "unix:///a", "debian:bookworm")
    record(tmp_path, "unix:///b", "debian:trixie")
    forget(tmp_path, "unix:///a", "debian:trixie")
    forget(tmp_path, "unix:///c", "debian:trixie")
    assert records(tmp_path, "unix:///b") == {"debian:trixie": ""}
    forget(tmp_path, "unix:///b", "debian:trixie")
    assert records(tmp_path, "unix:///b") == {}
    assert records(tmp_path, "unix:///a") == {"debian:bookworm": ""}


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '{"unix:///a": []}', '{"unix:///a": null}'])
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert records(tmp_path, "unix:///a") == {}
    record(tmp_path, "unix:///a", "debian:bookworm")
    assert records(tmp_path, "unix:///a") == {"debian:bookworm": ""}


def test_bytes_that_are_no_text_are_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    assert records(tmp_path, "unix:///a") == {}
