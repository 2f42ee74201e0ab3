"""What is asked of a fake engine, and what it is to fail at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass
class Calls:
    """Notes the methods that are called. `failing`: what the next calls of a method raise, one each."""

    failing: dict[str, list[BaseException]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def call(self, name: str) -> None:
        """Note a call; raise what it is to fail with."""
        self.calls.append(name)
        if self.failing.get(name):
            raise self.failing[name].pop(0)


def has_labels(labels: Mapping[str, str], wanted: Sequence[str]) -> bool:
    """Return whether all that is `wanted`, as `key` or `key=value`, is among labels."""
    pairs = [text.partition("=") for text in wanted]
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in pairs)
