"""The screen of one sandbox: its display, the page that shows it, and what programs in the sandbox find there."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.core.tasks import Background
from sandbox.errors import EngineError, SandboxError, UsageError
from sandbox.provision.display.base import PAGES
from sandbox.provision.display.companion import VARIABLES, Display
from sandbox.screens.bus import start_bus
from sandbox.screens.needs import need_rows, needs_of
from sandbox.screens.no_screen import NoScreen

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.container.box import Box
    from sandbox.engine.protocol import ExecSpec, Image
    from sandbox.errors import Row
    from sandbox.lifecycle.session import Session
    from sandbox.provision.request import ScreenRequest
    from sandbox.screens.opening import OpenedPage
    from sandbox.screens.server import ScreenServer


class Screen(NoScreen):
    """A display that is created with the sandbox, and its page, which is served once the packages are there."""

    def __init__(self, request: ScreenRequest, session: Session, image: Image, folder: Path) -> None:
        """Prepare it; nothing is created yet. `folder`: for a file that opens a browser.

        Raises UsageError where the library of WebSockets is not installed.
        """
        _check_library()
        self._request = request
        self._session = session
        self._image = image
        self._folder = folder
        self._display: Display | None = None
        self._server: ScreenServer | None = None
        self._page: OpenedPage | None = None
        self._bus: dict[str, str] = {}

    def containers(self) -> tuple[str, ...]:
        """Create the display; it starts beside the sandbox."""
        self._display = Display(self._session, self._image, clipboard=self._request.clipboard)
        return (self._display.ident,)

    def serve(self, box: Box) -> tuple[Row, ...]:
        """Serve the page, start the session bus in the sandbox, and return the address."""
        from sandbox.screens.server import ScreenServer

        display = self._display
        if display is None:
            message = "the sandbox has no display"
            raise EngineError(message)
        bus, needs = Background(partial(start_bus, box)), Background(partial(needs_of, box))
        display.wait_until_ready()
        pages = Background(partial(display.pages, PAGES))
        self._server = ScreenServer(display.open, pages.result, clipboard=self._request.clipboard)
        self._bus = bus.result()
        address = self._server.address
        if self._request.opens:
            from sandbox.screens.opening import OpenedPage

            self._page = OpenedPage(address, self._folder)
            self._page.open()
        return (("  screen", f"{address}  (works once)"), *need_rows(needs.result()))

    def join(self, spec: ExecSpec) -> ExecSpec:
        """Return the shell or command with the variables by which programs find the display and the bus."""
        return replace(spec, env={**VARIABLES, **self._bus, **spec.env})

    def end(self) -> None:
        """Close the page's port and the display's connections, before anybody removes its container."""
        for part in (self._server, self._display, self._page):
            if part is not None:
                with suppress(SandboxError, OSError):
                    part.end()


def _check_library() -> None:
    try:
        import websockets  # noqa: F401
    except ImportError:
        from sandbox.core.python_packages import install_argv
        from sandbox.errors import Advice

        message = "--screen needs the Python library websockets"
        raise UsageError(message, hints=[Advice.program(*install_argv("websockets"))]) from None
