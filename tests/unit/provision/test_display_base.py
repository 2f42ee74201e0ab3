"""The base of displays is built where the engine has none, and used where it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tests.unit.fakes import FakeEngine, FakeReporter

from sandbox.core.signals import Guard
from sandbox.engine.protocol import Image
from sandbox.provision.display.base import DISPLAY_BASE, display_base

if TYPE_CHECKING:
    from sandbox.provision.context import Context


def test_a_base_that_is_there_is_used_as_it_is() -> None:
    there = Image(id="sha256:9", tags=(DISPLAY_BASE,))
    engine, reporter = FakeEngine(images_known=[there]), FakeReporter()
    nothing_of_the_host = cast("Context", None)
    assert display_base(engine, nothing_of_the_host, reporter, Guard()) == there
    assert engine.created == []
