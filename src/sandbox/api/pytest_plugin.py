"""The plugin for pytest: the fixture `sandbox_box` and the mark `sandbox`. It loads nothing of ours before it is used.

The mark's arguments are those of `Sandbox`. All boxes of a run with the same ones start from one provisioned state.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.api.box import Sandbox
    from sandbox.api.states import RunStates

MARK = "sandbox(distro=None, *, packages=(), ...): what sandbox_box is, by the arguments of sandbox.Sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known to --strict-markers."""
    config.addinivalue_line("markers", MARK)


@pytest.fixture(scope="session")
def _sandbox_states(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunStates]:
    from sandbox.api.states import RunStates
    from sandbox.errors import NoEngine

    is_worker = hasattr(request.config, "workerinput")  # of pytest-xdist: workers have folders in that of the run
    folder = tmp_path_factory.getbasetemp()
    states = RunStates(folder.parent if is_worker else folder, leader=os.getppid() if is_worker else os.getpid())
    try:
        states.check_engine()
    except NoEngine as error:
        reason = "; ".join((error.brief, *(": ".join(row) for row in error.details)))
        if os.environ.get("SANDBOX_REQUIRE_ENGINE") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    yield states
    states.close()


@pytest.fixture
def sandbox_box(request: pytest.FixtureRequest, _sandbox_states: RunStates) -> Iterator[Sandbox]:
    """Give the test a fresh sandbox of its own; without a container engine skip, or fail: SANDBOX_REQUIRE_ENGINE=1."""
    from sandbox.api.box import Sandbox

    mark = request.node.get_closest_marker("sandbox")
    box = Sandbox(*mark.args, **mark.kwargs) if mark else Sandbox()
    box.opener = _sandbox_states.open
    with box:
        yield box
