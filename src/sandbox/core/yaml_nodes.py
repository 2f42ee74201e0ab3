"""YAML of other programs: its nodes with their lines, whatever tags it has. Nothing of it is ever constructed.

What `sandbox` itself takes is stricter: see yamltext.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from yaml import Node, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Node", "ScalarNode", "YamlError", "items", "line_of", "pairs", "root", "text_of"]

MAX_DEPTH = 40


class YamlError(ValueError):
    """The text is no YAML: `line` counts from 1, `reason` is the parser's own."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def root(text: str) -> yaml.Node | None:
    """Return the first document's node, None for an empty text; raise YamlError."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(text, loader)
        return next(iter(yaml.compose_all(text, Loader=loader)), None)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is nested too deeply"
        raise YamlError(mark.line + 1 if mark else 1, str(reason)) from None


def _check_depth(text: str, loader: type) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError


def pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Yield the keys that are scalars and their values, of a mapping; nothing of anything else."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def items(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    """Return the items of a list; none of anything else."""
    return tuple(node.value) if isinstance(node, yaml.SequenceNode) else ()


def text_of(node: yaml.Node | None) -> str | None:
    """Return a scalar's text as it was written; None of anything else."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def line_of(node: yaml.Node) -> int:
    """Return the line of a node, counted from 1."""
    return int(node.start_mark.line) + 1
