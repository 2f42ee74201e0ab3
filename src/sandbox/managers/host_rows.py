"""Uses a manager's data for a host: dry runs of commands, and what the manager accepted by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.managers.data import HostManager
    from sandbox.managers.protocol import Argv, PackageRef


ACCEPTED: Final = re.compile(r"package\.(?:accept_keywords|license|use|unmask) [<>=~]*[A-Za-z0-9_]\S*/\S+(?: \S+)*")
"""A file below /etc/portage and a line of it, as portage(5) has them."""


def accepted_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that are of ACCEPTED's form, each once: they come from a container or a file."""
    return tuple(dict.fromkeys(text for text in texts if ACCEPTED.fullmatch(text) and text.isprintable()))


def dry_run_argv(argv: Argv, row: HostManager) -> Argv:
    """Return an install's argv as one that only shows what would be done."""
    plan = row.rehearsal
    place = argv.index(plan.behind) + 1
    return (*argv[:place], *plan.options, *(word for word in argv[place:] if word not in plan.less))


def split_argv(argv: Argv, packages: Sequence[PackageRef]) -> tuple[Argv, Argv]:
    """Return a removal's argv without its packages, and the word it has for each of them."""
    return argv[: -len(packages)], argv[-len(packages) :]
