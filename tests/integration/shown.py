"""A sandbox with a display, as its user starts it and a real browser shows it."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.integration.running import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.browser import Browser
    from tests.integration.running import Program

ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:(\d+)/#([\w-]{22})")
COLOUR: Final = (0x20, 0x60, 0xA0)
"""Of each window that the tests show: nothing else there has it."""
LIMIT: Final = 900.0
"""Seconds for an installation of the largest packages, after which it counts as hanging."""
MANY: Final = 10_000
"""Pixels of it that make a window: 100 x 100."""


class Shown:
    """A sandbox with a display, as its user starts it: `address` is printed; `rest` is what it said behind that."""

    def __init__(self, program: Program, *words: str, distro: str = "debian:bookworm") -> None:
        self.process = program.start("try", "-d", distro, "--screen", *words)
        lines: list[str] = []
        assert self.process.stderr
        guard = threading.Timer(LIMIT, self.process.terminate)
        guard.start()
        for line in iter(self.process.stderr.readline, b""):
            lines.append(line.decode())
            if found := ADDRESS.search(lines[-1]):
                self.address, self.port, self.token = found[0], int(found[1]), found[2]
                guard.cancel()
                return
        guard.cancel()
        message = f"no address: {''.join(lines)}"
        raise AssertionError(message)

    def end(self) -> None:
        """End it as Ctrl-C does, and wait for it."""
        self.process.terminate()
        _, rest = self.process.communicate(timeout=LONG)
        self.rest = rest.decode(errors="replace")


@contextmanager
def shown(program: Program, *words: str, distro: str = "debian:bookworm") -> Iterator[Shown]:
    """Yield a display with a program, and end it."""
    found = Shown(program, *words, distro=distro)
    try:
        yield found
    finally:
        found.end()


def state_of(browser: Browser) -> str:
    """Return what the page says of itself; nothing while it loads again, as it does where a network has changed."""
    try:
        found: str = browser.value("document.body ? document.body.dataset.state : ''")
    except AssertionError:  # its scripts' context was just replaced
        return ""
    return found


def count_colour(browser: Browser) -> int:
    """Return how many pixels of the display have the window's colour."""
    script = f"""(() => {{
        const canvas = document.querySelector('#screen canvas');
        if (!canvas || !canvas.width) return 0;
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let found = 0;
        for (let i = 0; i < data.length; i += 4)
            found += data[i] === {COLOUR[0]} && data[i + 1] === {COLOUR[1]} && data[i + 2] === {COLOUR[2]};
        return found;
    }})()"""
    found: int = browser.value(script)
    return found


def click_colour(browser: Browser) -> None:
    """Press the mouse's button on the pixel of the window's colour that is next to the middle of all of them."""
    script = f"""(() => {{
        const canvas = document.querySelector('#screen canvas'), box = canvas.getBoundingClientRect();
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const all = [];
        for (let i = 0; i < data.length; i += 4)
            if (data[i] === {COLOUR[0]} && data[i + 1] === {COLOUR[1]} && data[i + 2] === {COLOUR[2]})
                all.push([i / 4 % canvas.width, Math.floor(i / 4 / canvas.width)]);
        const middle = [0, 1].map((at) => all.reduce((sum, one) => sum + one[at], 0) / all.length);
        const far = (one) => Math.hypot(one[0] - middle[0], one[1] - middle[1]);
        const [x, y] = all.reduce((best, one) => far(one) < far(best) ? one : best);
        return [box.x + (x + 0.5) * box.width / canvas.width, box.y + (y + 0.5) * box.height / canvas.height];
    }})()"""
    x, y = browser.value(script)
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def type_text(browser: Browser, text: str) -> None:
    """Type into the display; \r is Enter."""
    for character in text:
        key = "Enter" if character == "\r" else character
        browser.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=character)
        browser.call("Input.dispatchKeyEvent", type="keyUp", key=key)


def type_line(browser: Browser, text: str) -> None:
    """Type a line into the display."""
    type_text(browser, f"{text}\r")


def press_control(browser: Browser, letter: str) -> None:
    """Press a letter while the key Ctrl is down."""
    control = {"key": "Control", "code": "ControlLeft", "windowsVirtualKeyCode": 17}
    other = {"key": letter, "code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
    browser.call("Input.dispatchKeyEvent", type="rawKeyDown", modifiers=2, **control)
    browser.call("Input.dispatchKeyEvent", type="rawKeyDown", modifiers=2, **other)
    browser.call("Input.dispatchKeyEvent", type="keyUp", modifiers=2, **other)
    browser.call("Input.dispatchKeyEvent", type="keyUp", **control)


def show_display(found: Shown, browser: Browser) -> int:
    """Open the address, and wait until the tab shows a window of COLOUR; return its pixels."""
    browser.open(found.address)
    wait_for(lambda: state_of(browser) == "connected")

    def pixels() -> int:
        count = count_colour(browser)
        return count if count > MANY else 0

    found_pixels: int = wait_for(pixels)
    return found_pixels
