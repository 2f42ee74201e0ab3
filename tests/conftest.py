"""What every test stands on: signals that mean something, however the run was started."""

from __future__ import annotations

import signal

import pytest

PARAMETERS = ("family", "box")
"""Fixtures of a module whose tests of one parameter stand on the same container."""
ALONE = frozenset(
    f"test_{name}.py"
    for name in "bases cache distros engine faults images life living pull quirks services storms swarm".split()
)
"""Files whose tests meet on the engine, by an image's name, the cache, or what a sweep removes: one after the other."""


def pytest_configure() -> None:
    """Heed what `nohup` or a shell's `&` has ignored: what is started here inherits that, and tests send signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let xdist keep together what shares a module's fixtures, and begin with what takes longest to wait for."""
    for item in items:
        name = item.path.name
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        image = next((str(found) for key in PARAMETERS if (found := getattr(parameters.get(key), "image", ""))), "")
        item.add_marker(pytest.mark.xdist_group("alone" if name in ALONE else f"{name} {image}".strip()))
    items.sort(key=lambda item: "integration" not in item.path.parts)
