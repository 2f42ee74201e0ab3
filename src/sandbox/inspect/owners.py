"""Which packages own existing files: one command for all, bounded in files and in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.plaintext import plain
from sandbox.core.programs import program
from sandbox.errors import EngineError, TooLong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.managers.protocol import Query

MOST: Final = 2000
"""Most files to query: their paths are arguments of one command."""
SECONDS: Final = 8
"""Seconds after which no further file is queried; a manager takes 0.01 to 0.5 s for each."""
LARGEST: Final = 8_000_000


def owners(
    box: Box,
    paths: Sequence[str],
    *,
    ask: Callable[[str], Query[str]],
    env: Mapping[str, str],
) -> dict[str, str]:
    """Return the packages that own each path, "" for none; paths of which that is not known are left out.

    `ask` is a manager's question for one path, which has the path as its last word.
    """
    known = [path for path in paths if path.isprintable()][:MOST]
    if not known:
        return {}
    # One command for all: earlier, only 20 files were asked about, and the rest counted as nobody's.
    *words, _ = ask(known[0]).argv
    argv = ("/bin/sh", "-c", program(__package__, "owners.sh"), "sh", str(SECONDS), str(len(words)), *words, *known)
    try:
        _, output = box.read(argv, env=env, limit=LARGEST, seconds=3 * SECONDS + 1)
    except (EngineError, TooLong):  # an answer that does not end, or that is missing
        return {}
    return dict(_answers(known, output.split(b"\0")[:-1], ask))


def _answers(
    paths: Sequence[str], said: Sequence[bytes], ask: Callable[[str], Query[str]]
) -> Iterator[tuple[str, str]]:
    """Yield each queried path with the names in the answer; answers and exit statuses alternate."""
    for path, text, status in zip(paths, said[::2], said[1::2], strict=False):
        query = ask(path)
        if status.isdigit() and int(status) in query.statuses:
            yield path, readable(", ".join(query.parse(plain(text))))
