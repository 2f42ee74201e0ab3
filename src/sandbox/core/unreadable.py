"""Says why a file that the user named can't be read, and what is there instead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENTRIES: Final = 10_000
"""Names of a folder to compare, which bounds the time in a folder of a million."""


def unreadable_file(
    path: str | os.PathLike[str],
    error: Exception,
    *,
    shown: str = "",
    fits: Callable[[str], bool] | None = None,
    hints: Sequence[Advice] = (),
) -> UsageError:
    """Return the error for a file of this host: it does not exist, with the nearest names, or why it can't be read.

    `error` is what its opening raised, a ValueError for a NUL in the path. `shown` is the path as it was typed. `fits`
    says which names beside it could have been meant, all else that is spelled alike. `hints` come first.
    """
    name = plain_line((shown or os.fspath(path)).replace("\0", r"\0"), 200)
    if isinstance(error, IsADirectoryError):
        return UsageError(f"{name} is a folder, not a file", hints=hints)
    reason = getattr(error, "strerror", None) or "not a path"
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        look = [Advice.program("ls", "-ld", name)] if isinstance(error, OSError) and _is_plain(name) else []
        return UsageError(f"{name} can't be read: {reason.lower()}", hints=[*hints, *look])
    text = os.fspath(path)
    if os.path.islink(text):  # noqa: PTH114 - as os.open takes the text
        message = f"{name} is a link to {plain_line(os.readlink(text), 200)}, which does not exist"  # noqa: PTH115
        return UsageError(message, hints=hints)
    folder, near = _nearest(text, fits)
    details = [("nearest", ", ".join(plain_line(one, 200) for one in near))] if near else []
    look = [Advice.program("ls", folder)] if _is_plain(folder) else []
    return UsageError(f"{name} does not exist", details=details, hints=[*hints, *look])


def _is_plain(text: str) -> bool:
    """Return whether a path can be printed as it is, to be typed."""
    return bool(text) and plain_line(text, 200) == text


def _nearest(path: str, fits: Callable[[str], bool] | None) -> tuple[str, list[str]]:
    """Return the nearest folder of a path that is there, and what is similar in it to what is not."""
    from sandbox.core.fuzzy import nearest

    folder, name = os.path.split(path.rstrip("/"))
    while folder not in ("", "/") and not os.path.isdir(folder):  # noqa: PTH112
        folder, name = os.path.split(folder)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry, _ in zip(entries, range(ENTRIES), strict=False)]
    except OSError:
        return "", []
    fitting = sorted(filter(fits, names)) if fits else names
    near = nearest(name, fitting) or (fitting[:3] if fits else ())
    return folder or ".", [os.path.join(folder, one) for one in near]  # noqa: PTH118
