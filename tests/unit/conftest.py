"""Holds whatever an error advises in any unit test to the real command line."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.errors import Advice, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def advice_that_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which an error advises a command line of ours that the parser refuses."""
    given: list[Advice] = []
    init = SandboxError.__init__

    def noted(self: SandboxError, brief: str, **kwargs: Any) -> None:
        init(self, brief, **kwargs)
        given.extend(self.hints)

    monkeypatch.setattr(SandboxError, "__init__", noted)
    yield
    monkeypatch.undo()
    assert {hint: why for hint in dict.fromkeys(given) if (why := _problem(hint))} == {}


@cache
def _problem(hint: Advice) -> str:
    from tests.unit.command_lines import advice_problem

    return advice_problem(hint)
