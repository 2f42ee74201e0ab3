"""Streaming a program's output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import PullFailed
from sandbox.provision.bases.stream import stream

if TYPE_CHECKING:
    from pathlib import Path


def test_output_comes_whole_and_errors_line_by_line() -> None:
    said: list[str] = []
    chunks = stream(("sh", "-c", "echo one >&2; head -c 700000 /dev/zero; echo two >&2"), said.append)
    assert sum(map(len, chunks)) == 700_000
    assert said == ["one", "two"]


def test_failure_comes_after_the_last_chunk_with_the_last_lines() -> None:
    chunks = stream(("sh", "-c", "echo half; echo E: no mirror >&2; exit 7"), lambda _line: None)
    assert next(chunks) == b"half\n"
    with pytest.raises(PullFailed, match="sh ended with status 7") as caught:
        next(chunks)
    assert ("it said", "E: no mirror") in caught.value.details


def test_missing_program_names_the_package_to_install() -> None:
    with pytest.raises(PullFailed, match="can't be run") as caught:
        next(stream(("mmdebstrap-that-is-not-there",), lambda _line: None))
    assert advice_of(caught.value) == ("sudo apt-get install mmdebstrap-that-is-not-there",)


def test_closing_the_stream_lets_the_program_tidy_up(tmp_path: Path) -> None:
    mark = tmp_path / "tidied"
    chunks = stream(("sh", "-c", f"trap 'touch {mark}; exit' TERM; echo on; while :; do sleep 0.05; done"), print)
    assert next(chunks) == b"on\n"
    chunks.close()
    assert mark.exists()
