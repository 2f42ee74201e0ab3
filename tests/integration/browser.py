"""A real browser without a window, told what to do over a pipe (the DevTools protocol), so that no port is opened."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
LIMIT: Final = 150.0
OPTIONS: Final = (
    "--headless=new",
    "--no-sandbox",  # it shows our own page only, and has no sandbox as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
    "--window-size=1100,1400",
)
IN, OUT = 3, 4
"""The descriptors at which it reads and writes (--remote-debugging-pipe)."""


def find_browser() -> str:
    """Return the path of a browser; skip without one, or fail where SANDBOX_REQUIRE_ENGINE=1."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = "no chromium here: make tools"
        if os.environ.get("SANDBOX_REQUIRE_ENGINE") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


class Browser:
    """One page of one browser; `events` are all that it reported, `close` ends it."""

    def __init__(self, folder: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._rest = b""
        theirs, self._out = os.pipe()
        self._in, out = os.pipe()
        wiring = f'exec "$@" {IN}<&{theirs} {OUT}>&{out}'
        argv = ["bash", "-c", wiring, "bash", find_browser(), *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            argv, pass_fds=(theirs, out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(theirs)
        os.close(out)
        self._session = ""
        pages = self.call("Target.getTargets")["targetInfos"]
        ident = next(row["targetId"] for row in pages if row["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=ident, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Do something and return the answer."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + LIMIT
        while b"\0" not in self._rest:
            piece = os.read(self._in, 1 << 16)
            assert piece, "the browser ended"
            assert time.monotonic() < end, "the browser says nothing"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    def open(self, url: str, *, scheme: str = "light") -> None:
        """Show a page to someone who likes it light or dark, and wait until it is there."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not self.of("Page.loadEventFired"):
            self.events.append(self._next())

    def resize(self, width: int, height: int = 1000) -> None:
        """Show the page in a window of this many pixels; a narrow one is a telephone's."""
        narrow = {"deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, **narrow)

    def of(self, *methods: str) -> list[dict[str, Any]]:
        """Return what was reported of some kinds."""
        return [event["params"] for event in self.events if event.get("method") in methods]

    def value(self, script: str) -> Any:
        """Return what a script in the page comes to."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """Press the mouse's button on the middle of an element."""
        script = (
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            f" return [b.x + Math.min(b.width / 2, 20), b.y + b.height / 2]; }})"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        x, y = self.value(script)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def close(self) -> None:
        """End it."""
        try:
            self._session = ""
            self.call("Browser.close")
            self._process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
