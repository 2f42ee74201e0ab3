"""Whether a sandbox has a display: most have none, and these few lines are all that they load for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.screens.no_screen import NoScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.request import ScreenRequest


@contextmanager
def screen_for(
    request: ScreenRequest | None, session: Session, host: Context, *, reporter: Reporter, guard: Guard
) -> Iterator[NoScreen]:
    """Yield the display of a session, and end it. Raises what building its base raises."""
    if request is None:
        yield NoScreen()
        return
    from sandbox.provision.display.base import display_base
    from sandbox.screens.screen import Screen

    image = display_base(session.engine, host, reporter, guard)
    screen = Screen(request, session, image, host.state_folder)
    try:
        yield screen
    finally:
        screen.end()
