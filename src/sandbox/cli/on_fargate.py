"""The option --on of verbs that look at AWS Fargate instead of an engine, and the question before a push there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sandbox.cli.app import at_terminal
from sandbox.cli.question import confirm
from sandbox.core.human import size
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.trials.fargate.images import Push


def refuse_with_on(on: str, others: Iterable[tuple[str, object]]) -> None:
    """Raise UsageError for another service than fargate, and for options (with their values) that it doesn't have."""
    if on != "fargate":
        raise UsageError(f"there is no --on {on} here", hints=[Advice.again("--on", "fargate")])
    given = [option for option, value in others if value]
    if given:
        message = f"--on fargate and {given[0]} can't be combined"
        raise UsageError(message, hints=[Advice.without(given[0]), Advice.without("--on", on)])


def push_question() -> Callable[[Push], bool] | None:
    """Return what asks whether an image may be pushed; None without a terminal, where nobody could answer."""
    return ask_push if at_terminal() else None


def ask_push(push: Push) -> bool:
    """Ask whether an image may be pushed, until that is answered; no answer means no. Ctrl-C ends the program."""
    sys.stderr.write(
        f"Fargate can't pull {push.reference} ({size(push.size)}), which only this engine has.\n"
        f"It can be pushed to your ECR repository {push.repository} in {push.region}, and is removed from there "
        "at the end.\n"
    )
    return confirm("Push it?")
