"""What is listed as a sandbox is one, and nothing that only serves one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.engine import labels
from sandbox.engine.protocol import ContainerSpec
from sandbox.errors import UsageError
from sandbox.lifecycle.listing import find_sandbox, list_sandboxes
from sandbox.lifecycle.owner import current_owner
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

US = current_owner()
OWN: Mapping[str, str] = labels.session_labels(
    US, session="0123456789ab", name="brave-otter", version="1", kind="session", expires=None
)


def engine_with(*names: str) -> FakeEngine:
    engine = FakeEngine()
    for name in names:
        engine.create(
            ContainerSpec(name=name, image="x", argv=("true",), labels=OWN, hostname="sandbox", limits=Limits())
        )
    return engine


def test_a_builders_container_and_a_helper_are_no_sandboxes_though_they_have_the_sessions_labels() -> None:
    engine = engine_with("hopeful_curie", "brave-otter", "sandbox-0123456789ab-1")
    assert [box.name for box in list_sandboxes(engine, US)] == ["brave-otter"]
    assert find_sandbox(engine, US, "brave-otter").name == "brave-otter"
    with pytest.raises(UsageError, match="no sandbox 'hopeful_curie'"):
        find_sandbox(engine, US, "hopeful_curie")
