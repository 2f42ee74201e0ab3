"""Which tests a worker of pytest-xdist runs one after the other, and what the workers begin with.

xdist 3.8 would do this by marks, which it hands on in `Item._nodeid`. pytest 9.2 has no such attribute any more, and
every mark is passed over without a word.
"""

from __future__ import annotations

import re
from typing import Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

MEETING: Final = frozenset(f"test_{name}.py" for name in "faults pull quirks services".split())
"""Files whose tests meet on the engine, by an image's name or by its layers."""
FIXED_NAMES: Final = frozenset(f"test_{name}.py" for name in "living storms swarm".split())
"""Files whose containers and images have names that another run of the tests would give its own, too."""
BY_IMAGE: Final = frozenset(f"test_{name}.py" for name in "captured conformance inspect locked_labs proof".split())
"""Files whose tests of one image stand on the same container of it, and on none of another."""
LONGEST: Final = tuple(
    f"test_{name}.py"
    for name in "languages living swarm trial storms promoting inspect reproducible terminal script try".split()
)
"""Files that take long: begun with, so that no worker is left with one of them while the others have nothing."""
LAST: Final = re.compile(r"\[([^\]]*)\]$")


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out groups as a whole, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the group of a test: one worker runs it in their order."""
    name = nodeid.partition("::")[0].rpartition("/")[2]
    if name in MEETING:
        return "meeting"
    if name.startswith("test_fargate"):
        return "fargate"  # on one emulator of AWS, which takes seconds to start
    image = LAST.search(nodeid) if name in BY_IMAGE else None
    return f"{name} {image[1]}" if image else name


def place_of(nodeid: str) -> tuple[bool, int]:
    """Return a sort key: what waits for an engine first, of that the longest."""
    folder, _, name = nodeid.partition("::")[0].rpartition("/")
    return not folder.endswith("integration"), LONGEST.index(name) if name in LONGEST else len(LONGEST)


def lock_of(nodeid: str) -> str | None:
    """Return the name of the lock that keeps a test apart from those of another run on this machine; None for none."""
    group = group_of(nodeid)
    return group if group == "meeting" or group in FIXED_NAMES else None
