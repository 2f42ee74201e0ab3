"""The options of try about a display: what they ask for, and what they can't be combined with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.errors import Advice, UsageError
from sandbox.provision.request import ScreenRequest
from sandbox.provision.screen_steps import with_screen

if TYPE_CHECKING:
    from sandbox.cli.try_options import Ending, Reach
    from sandbox.provision.request import TryRequest


def with_display(request: TryRequest, reach: Reach, ending: Ending) -> TryRequest:
    """Return the request with the display that was asked for. Raises UsageError where there can't be one."""
    screen, planned = _screen_of(request, reach, ending), request.planned
    plan = with_screen(request.plan) if request.plan else None
    return replace(request, screen=screen, plan=plan, planned=lambda target: with_screen(planned(target)))


def _screen_of(request: TryRequest, reach: Reach, ending: Ending) -> ScreenRequest:
    if not reach.screen:
        word = "--open" if reach.open else "--screen-clipboard"
        message = f"{word} needs --screen"
        raise UsageError(message, hints=[Advice.again("--screen")])
    if request.life != "session":
        word = "--detach" if request.life == "detached" else "--keep"
        message = f"--screen and {word} can't be combined: the display ends with this program"
        raise UsageError(message, hints=[Advice.without(word)])
    if request.spec.network == "host":
        message = "--screen and --network host can't be combined: this host's own display may answer on its network"
        raise UsageError(message, hints=[Advice.without("--network", "host")])
    if request.bundle is not None:
        message = "--screen and --bundle can't be combined: a bundle has no packages for the screen"
        raise UsageError(message, hints=[Advice.without("--screen")])
    if request.spec.network == "none" or request.spec.boot:
        word = "--boot" if request.spec.boot else "--network none"
        message = f"--screen and {word} can't be combined yet"
        raise UsageError(message, hints=[Advice.without(*word.split())])
    if ending.quiet and not reach.open:
        message = "--quiet hides the address of the screen"
        raise UsageError(message, hints=[Advice.again("--open"), Advice.without("--quiet")])
    return ScreenRequest(opens=reach.open, clipboard=reach.screen_clipboard)
