"""What every test stands on: signals that mean something, however the run was started."""

from __future__ import annotations

import gc
import signal
from typing import Any

import pytest
from hypothesis import settings
from tests.by_room import rooms_of
from tests.rooms import MAY_IMPORT
from tests.side_by_side import SideBySide, place_of

from sandbox.core.signals import ENDING

pytest.register_assert_rewrite("tests.contract.engine_claims")

# how long an example takes says how busy the machine is, not whether the claim is true
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")


def pytest_configure() -> None:
    """Heed what `nohup` or a shell's `&` has ignored: what is started here inherits that, and tests send signals."""
    gc.disable()  # 9400 tests are collected in two thirds of the time: what is made by it stays
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only", default="", choices=("", *MAY_IMPORT), help="run the tests of one room of src")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest to wait for; leave out what is not about the room that was asked for."""
    if room := config.getoption("--only"):
        others = [item for item in items if room not in rooms_of(item.nodeid)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]
    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_collection_finish() -> None:
    """Leave what was collected out of each look for garbage: a fifth of the time of small tests went there."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SideBySide | None:
    """Keep together what meets, or shares a module's fixtures, with `--dist loadgroup`."""
    return SideBySide(config, log) if config.getvalue("dist") == "loadgroup" else None
