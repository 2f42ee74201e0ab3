"""What the bases of a matrix hold: read in the first cell of each, since the next ones begin with the same files."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

from sandbox.provision.index_choice import is_plain_base

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sandbox.container.survey import Survey
    from sandbox.provision.launch import Launch


class BaseLooks:
    """The looks at the bases of one matrix; safe in threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Survey] = {}
        self._alone: defaultdict[tuple[str, ...], AbstractContextManager[object]] = defaultdict(threading.Lock)

    def of(self, launch: Launch, read: Callable[[], Survey]) -> Survey:
        """Return what a cell's base holds, as `read` returns it where no cell has read it; never kept where it fails.

        A cell whose spec changes anything before the packages, or has an image of its own, reads for itself.
        """
        if not is_plain_base(launch.found):
            return read()
        key = (launch.engine.url, launch.image.id, launch.image.platform, launch.path)
        with self._alone[key]:
            if key not in self._found:
                self._found[key] = read()
            return self._found[key]
