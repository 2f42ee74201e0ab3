"""Owners are asked for by one command in sh, as far as there is time."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.unit.fakes import FakeConnection, FakeEngine, FakeExec, frame

from sandbox.container.box import Box
from sandbox.inspect import owners as module
from sandbox.inspect.owners import owners
from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    import pytest

    from sandbox.engine.protocol import ExecSpec

ANSWERS = 'case $1 in /known*) echo "of $1" ;; /none*) exit 1 ;; *) exit 2 ;; esac'


def ask(path: str) -> Query[str]:
    return Query(
        argv=("sh", "-c", ANSWERS, "sh", path), parse=lambda text: tuple(text.split("\n"))[:1], statuses=(0, 1)
    )


class Shell(FakeEngine):
    """Runs the command in this machine's own sh."""

    def open(self, ident: str, spec: ExecSpec) -> FakeExec:  # noqa: ARG002 - of the Protocol
        done = subprocess.run(spec.argv, capture_output=True, check=True)
        return FakeExec(stream=FakeConnection(*([frame(done.stdout)] if done.stdout else [])), code=done.returncode)


def test_each_file_has_its_owner_none_has_no_name_and_a_failure_is_no_answer() -> None:
    paths = [*(f"/known $(id) '{number}" for number in range(30)), "/none", "/broken", "/with\nnewline"]
    found = owners(Box(Shell(), "box"), paths, ask=ask, env={})
    assert found == {**{path: f"of {path}" for path in paths[:30]}, "/none": ""}


def test_what_there_is_no_time_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0)
    assert owners(Box(Shell(), "box"), ["/known"], ask=ask, env={}) == {}
    assert owners(Box(Shell(), "box"), [], ask=ask, env={}) == {}
