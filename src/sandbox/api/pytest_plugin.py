"""The plugin for pytest: the fixture `sandbox_box` and the mark `sandbox`. It loads nothing of ours before it is used.

The mark's arguments are those of `Sandbox`. All boxes of a run with the same ones start from one provisioned state.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from inspect import signature
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.api.arguments import Wanted
    from sandbox.api.box import Sandbox
    from sandbox.api.opened import Opened
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
    with open_box(request.node.get_closest_marker("sandbox"), _sandbox_states.open) as box:
        yield box


@contextmanager
def open_box(mark: pytest.Mark | None, opener: Callable[[Wanted], Opened]) -> Iterator[Sandbox]:
    """Open the sandbox of a mark; where that fails, the test fails with the error's own lines and no traceback.

    That of a wrong distro or package had 60 lines of our modules, and named the line of the test nowhere.
    """
    from sandbox.errors import SandboxError

    with ExitStack() as stack:
        try:
            box = _box_of(mark)
            box.opener = opener
            stack.enter_context(box)
        except SandboxError as error:
            from sandbox.report.logger import problem_lines

            failure = "\n".join((error.brief, *problem_lines(error)))
        else:
            yield box
            return
    # not in the handler: pytest would show the error twice
    pytest.fail(failure, pytrace=False)


def _box_of(mark: pytest.Mark | None) -> Sandbox:
    from sandbox.api.box import Sandbox

    if mark is None:
        return Sandbox()
    known = tuple(signature(Sandbox).parameters)
    if unknown := next((name for name in mark.kwargs if name not in known), None):
        from sandbox.core.fuzzy import did_you_mean

        message = f"pytest.mark.sandbox has no argument {unknown}{did_you_mean(unknown, known)}"
        pytest.fail(f"{message}\n  known   {', '.join(known)}", pytrace=False)
    if len(mark.args) > 1:
        message = f"pytest.mark.sandbox takes one word without a name, the distro; got {len(mark.args)}"
        pytest.fail(message, pytrace=False)
    return Sandbox(*mark.args, **mark.kwargs)
