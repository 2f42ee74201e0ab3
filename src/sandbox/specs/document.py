"""Reads one YAML document of a given shape: problems of the YAML and of its values in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sandbox.core import yamltext
from sandbox.specs.shapes import NO_CHECKS, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.specs.shapes import Shape

T = TypeVar("T")


def read_document(
    shape: Shape[T],
    data: bytes,
    *,
    source: str,
    empty: bool = False,
    checks: Mapping[str, Callable[[str], str]] = NO_CHECKS,
) -> tuple[T | None, Reading]:
    """Return the document's value, or None, and the reading with all problems in the document's order.

    With `empty`, a document that says nothing is no problem (and has no value). `checks` are those of Reading.
    """
    document = yamltext.parse(data, source=source)
    reading = Reading(source=source, checks=checks)
    root = document.root
    if root is None and not document.problems and not empty:
        root = yamltext.TextNode(line=1, column=1, text="")
    value = shape.read(root, "", reading) if root else None
    reading.problems.extend(document.problems)
    reading.problems.sort(key=lambda problem: (problem.line, problem.column))
    return value, reading
