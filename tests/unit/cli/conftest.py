"""A user without settings, state or engine, whose command lines run in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.cli.program import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.fakes import FakeEngine

    Sandbox = Callable[..., "Answer"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a command line ended, and what it printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sandbox:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("COLUMNS", "100")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def call(*argv: str, engine: FakeEngine | None = None) -> Answer:
        status = run([*argv], (lambda: engine) if engine is not None else None)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Answer(status=status, out=out, err=err)

    return call
