"""A promotion as a Dockerfile: the same commands in an image of the same base."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError
from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.header import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.managers.protocol import Argv, PackageFile
    from sandbox.promote.formats.base import Promotion
    from sandbox.promote.formats.commands import Command

name: Final = "dockerfile"
file: Final = "Dockerfile"


def render(promotion: Promotion) -> str:
    """Return the Dockerfile. `--build-arg BASE=...` names another base, such as a local one."""
    lines = [
        "# docker build -t NAME .",
        comment(promotion).rstrip("\n"),
        f"ARG BASE={base(promotion)}",
        "FROM ${BASE}",
        *_runs(commands(promotion)),
    ]
    return "\n".join([*lines, ""])


FIRST: Final = ("setting", "answer")
"""Kinds of commands that come before the packages."""
LAST: Final = ("step", "service")
"""Kinds of commands that come behind them."""


def base(promotion: Promotion) -> str:
    """Return the distro's public image, by its registry digest if known."""
    public = promotion.target.image or promotion.image
    digest = promotion.digest.rpartition("@")[2] if promotion.digest and public == promotion.image else ""
    text = f"{public.partition('@')[0]}@{digest}" if digest else public
    return "".join(plain_line(text, 200).split())


def _runs(rows: tuple[Command, ...]) -> Iterator[str]:
    """Yield the instructions: a single RUN for the distro's manager, so that a layer's index is never stale."""
    yield from (f"RUN {instruction(row.whole)}" for row in rows if row.kind in FIRST)
    for row in rows:
        if row.file is not None:
            yield from _files(row.file)
    rows = tuple(row for row in rows if row.kind not in (*FIRST, "file"))
    own = [row for row in rows if row.kind not in LAST and not (row.packages and row.packages[0].source)]
    if all("\n" not in word for row in own for word in row.whole):
        yield "RUN " + " && \\\n    ".join(shlex.join(row.whole) for row in own)
        rest = [row for row in rows if row not in own]
    else:
        rest = list(rows)
    yield from (f"RUN {instruction(row.whole)}" for row in rest)


def _files(file: PackageFile) -> Iterator[str]:
    """Yield what brings a package's file: from its address, or from beside the Dockerfile, held to its checksum."""
    if file.source.startswith("https://"):
        yield f"ADD --checksum=sha256:{file.sha256} {file.source} {file.path}"
        return
    name = file.source.rpartition("/")[2]
    if set(name) & set("*?[]\\"):
        message = f"{plain_line(name, 100)} can't be named in a Dockerfile: its name is a pattern there"
        raise UsageError(message, hints=[Advice.say("the file under another name")])
    yield f"COPY {json.dumps([name, file.path])}"
    yield f"RUN echo {shlex.quote(f'{file.sha256}  {file.path}')} | sha256sum -c -"


def instruction(argv: Argv) -> str:
    """Return an argv in the exec form, which no shell parses; line breaks are escaped."""
    return json.dumps(argv)
