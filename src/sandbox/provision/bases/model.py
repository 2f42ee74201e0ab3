"""Base images made on this machine: their names and labels, and which of them an engine has."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.shell import DEFAULT_PATH
from sandbox.core.fuzzy import nearest_rows, nearest_words
from sandbox.engine.labels import KIND, VERSION
from sandbox.errors import Advice, Conflict, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.engine.protocol import Engine, Image

PREFIX: Final = "sandbox-base/"
ORIGIN: Final = "org.sandbox-try.origin"
"""The label with a base's origin: a program and a mirror, or a tar file and its checksum."""

NAME: Final = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?")
"""A repository of one component and a tag: https://github.com/distribution/reference/blob/main/reference.go"""

NAME_LIMIT: Final = 200


class Base(Struct, frozen=True, kw_only=True):
    """A base image made here: `size` in bytes, `created` as Unix time, `origin` as in its label."""

    reference: str
    id: str
    size: int
    created: float
    origin: str


def base_reference(name: str) -> str:
    """Return the reference of the base that a user calls `name`, as `sandbox-base/alpine:3.23` for `alpine:3.23`.

    The prefix may be given or not; without a tag it is `latest`. Raise UsageError where it can't be a name.
    """
    bare = name.removeprefix(PREFIX)
    if len(bare) > NAME_LIMIT or not NAME.fullmatch(bare):
        message = f"{name[:80]!r} is not a valid name for a base"
        raise UsageError(
            message, hints=[Advice.say("a name such as alpine:3.23: small letters, digits and . _ - before the colon")]
        )
    return PREFIX + (bare if ":" in bare else f"{bare}:latest")


def changes(*, origin: str, version: str, command: Sequence[str]) -> tuple[str, ...]:
    """Return the Dockerfile lines that turn a root file system into a base; `version` is the program's."""
    return lines({KIND: "base", VERSION: version, ORIGIN: origin}, command=command)


def lines(labels: Mapping[str, str], *, path: str = DEFAULT_PATH, command: Sequence[str]) -> tuple[str, ...]:
    """Return the Dockerfile lines that give a root file system labels, a PATH and a command."""
    return (
        *(f"LABEL {key}={_quote(value)}" for key, value in labels.items()),
        f"ENV PATH={_quote(path)}",
        f"CMD {json.dumps(list(command))}",
    )


def _quote(value: str) -> str:
    """Return `value` as one word of a Dockerfile: backslash, quote and dollar are special, and a newline ends it."""
    plain = "".join(character if character.isprintable() else "?" for character in value)
    return '"' + re.sub(r'([\\"$])', r"\\\1", plain) + '"'


def bases_from(image: Image) -> tuple[Base, ...]:
    """Return the bases that an image is, one for each of its names with our prefix."""
    return tuple(
        Base(
            reference=tag,
            id=image.id,
            size=image.size,
            created=image.created,
            origin=image.labels.get(ORIGIN, ""),
        )
        for tag in image.tags
        if tag.startswith(PREFIX)
    )


def list_bases(engine: Engine) -> tuple[Base, ...]:
    """Return the bases made here, by reference. Raises EngineError if the engine can't say."""
    images = engine.images((f"{KIND}=base",))
    return tuple(sorted((base for image in images for base in bases_from(image)), key=lambda base: base.reference))


def replace_base(engine: Engine, chunks: Iterator[bytes], reference: str, lines: Sequence[str]) -> Image:
    """Import `chunks` as `reference`; the earlier image of that name is removed only afterwards."""
    before = engine.image(reference)
    try:
        made = engine.import_image(chunks, reference=reference, changes=lines)
    except BaseException:
        if before is None:
            engine.remove_image(reference)
        raise
    if before is not None and before.id != made.id:
        _forget(engine, before.id)
    return made


def _forget(engine: Engine, image: str) -> None:
    """Remove the unnamed rest of a replaced base, unless a container still uses it."""
    with suppress(Conflict):
        engine.remove_image(image)


def remove_bases(engine: Engine, names: Sequence[str]) -> Iterator[str]:
    """Remove bases that were made here and yield the reference of each as it has gone.

    Raise UsageError for a name that can't be one or is none of them, before any goes; Conflict where a container uses
    one.
    """
    references = dict.fromkeys(base_reference(name) for name in names)
    absent = [reference for reference in references if engine.image(reference) is None]
    if absent:
        message = f"there is no base {', '.join(name.removeprefix(PREFIX) for name in absent)} here"
        known = [base.reference.removeprefix(PREFIX) for base in list_bases(engine)]
        near = [found for name in absent for found in nearest_words(name.removeprefix(PREFIX), known)]
        raise UsageError(message, details=nearest_rows(near), hints=[Advice.sandbox("base", "list")])
    for reference in references:
        engine.remove_image(reference)
        yield reference
