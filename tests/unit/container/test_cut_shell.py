"""A shell that was cut off is followed by another, but not for ever."""

from __future__ import annotations

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.container.cut_shell import TRIES, CutShells
from sandbox.errors import ConnectionCut


def test_a_shell_follows_one_that_was_cut_until_several_were_at_once() -> None:
    shells, cut, box = CutShells(), ConnectionCut("the connection was cut"), Box(FakeEngine(), "i")
    for _ in range(TRIES - 1):
        shells.begin()
        assert shells.warning(box, cut).brief == "the connection was cut: here is a new shell in the same sandbox"
    shells.begin()
    with pytest.raises(ConnectionCut):
        shells.warning(box, cut)
