"""The option --on of verbs that look at AWS Fargate instead of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse_with_on(on: str, others: Iterable[tuple[str, object]]) -> None:
    """Raise UsageError for another service than fargate, and for options (with their values) that it doesn't have."""
    if on != "fargate":
        raise UsageError(f"there is no --on {on} here", hints=[Advice.again("--on", "fargate")])
    given = [option for option, value in others if value]
    if given:
        message = f"--on fargate and {given[0]} can't be combined"
        raise UsageError(message, hints=[Advice.without(given[0]), Advice.without("--on", on)])
