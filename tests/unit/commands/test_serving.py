"""What is said of services that were started in a sandbox."""

from __future__ import annotations

import pytest

from sandbox.commands.serving import unheard
from sandbox.evaluate.findings import Started
from sandbox.services import Service


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("", ""),
        ("once", ""),  # it does what it is there for, and ends
        ("a once", "Where a listens is not known: started here, it ended at once."),
        ("a b", "Where a and b listen is not known: started here, they ended at once."),
    ],
)
def test_a_service_that_ended_here_is_named_since_its_ports_are_not_known(ended: str, said: str) -> None:
    services = [Service(name=name, path=f"/{name}", script="", lasts=name != "once") for name in ("a", "b", "once")]
    started = [Started(name=one.name, path=one.path, runs=one.name not in ended.split()) for one in services]
    assert unheard(services, started) == said
