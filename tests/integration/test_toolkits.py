"""Programs of eight toolkits are seen in a tab: what `make screens` runs, a row at a time.

Each program is of Debian's packages, and is told by its toolkit's own means (a style, a page, a script) to fill its
window with COLOUR: the tab has to show that colour, and the display a window of the expected name.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec import Struct
from tests.integration.browser import Browser
from tests.integration.running import Program, owned, wait_for
from tests.integration.shown import COLOUR, count_colour, show_display, shown
from tests.matrix import FULL

from sandbox.provision.display.companion import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

RELEASES: Final = ("bookworm", "trixie")
BLUE: Final = "#{:02x}{:02x}{:02x}".format(*COLOUR)
LOOKS: Final = "x11-utils"
"""Has xwininfo, which lists the windows of a display."""
WINDOW: Final = re.compile(r'^\s+0x[0-9a-f]+ "(?P<title>.*)": \("(?P<name>.*)" ".*"\)  (?P<size>\d+x\d+)', re.MULTILINE)


class Toolkit(Struct, frozen=True, kw_only=True):
    """A program of a toolkit: its packages (the first is its own), its words, and what its window is called.

    `files`: what it is told to look like, by paths below its home.
    """

    title: str
    packages: tuple[str, ...]
    argv: tuple[str, ...]
    window: str
    files: tuple[tuple[str, str], ...] = ()


STYLE: Final = f"* {{ background: {BLUE}; background-color: {BLUE}; }}\n"
QT: Final = f"QWidget {{ background: {BLUE}; }}\n"
TK: Final = f"wm title . toolkit\n. configure -background {BLUE}\nwm geometry . 400x300\n"
SDL: Final = (
    "import pygame\npygame.display.init()\nwindow = pygame.display.set_mode((400, 300))\n"
    f"pygame.display.set_caption('toolkit')\nwhile True:\n    window.fill({COLOUR})\n    pygame.display.flip()\n"
    "    pygame.event.pump()\n    pygame.time.wait(100)\n"
)
JEDIT: Final = f"view.bgColor={BLUE}\ntip.show=false\nfirstTime=false\n"
PAGE: Final = f"<!doctype html><title>toolkit</title><body bgcolor='{BLUE}'>\n"
TOOLKITS: Final[dict[str, Toolkit]] = {
    "tk": Toolkit(
        title="Tk", packages=("tk",), argv=("wish", "toolkit.tcl"), window="toolkit", files=(("toolkit.tcl", TK),)
    ),
    "gtk3": Toolkit(
        title="GTK 3",
        packages=("mousepad",),
        argv=("mousepad", "toolkit.txt"),
        window=r".*toolkit\.txt - Mousepad",
        files=((".config/gtk-3.0/gtk.css", STYLE), ("toolkit.txt", "toolkit\n")),
    ),
    "sdl": Toolkit(
        title="SDL",
        packages=("python3-pygame",),
        argv=("python3", "toolkit.py"),
        window="toolkit",
        files=(("toolkit.py", SDL),),
    ),
    "qt5": Toolkit(
        title="Qt 5",
        packages=("qt5ct",),
        argv=("qt5ct", "-stylesheet", "toolkit.qss"),
        window="Qt5 Configuration Tool",
        files=(("toolkit.qss", QT),),
    ),
    "qt6": Toolkit(
        title="Qt 6",
        packages=("qt6ct",),
        argv=("qt6ct", "-stylesheet", "toolkit.qss"),
        window="Qt6 Configuration Tool",
        files=(("toolkit.qss", QT),),
    ),
    "gtk4": Toolkit(
        title="GTK 4",
        packages=("gtk-4-examples",),
        argv=("gtk4-widget-factory",),
        window=".*[Ww]idget.?[Ff]actory",
        files=((".config/gtk-4.0/gtk.css", STYLE),),
    ),
    "swing": Toolkit(
        title="Java Swing",
        packages=("jedit", "default-jre"),
        argv=("jedit",),
        window="jEdit.*",
        files=((".jedit/properties", JEDIT),),
    ),
    "chromium": Toolkit(
        title="Chromium",
        packages=("chromium",),
        argv=("chromium", "--no-sandbox", "--no-first-run", "--app=file:///root/toolkit.html"),
        window="toolkit.*",
        files=(("toolkit.html", PAGE),),
    ),
}
"""By names for tests, the small ones first."""
ROWS: Final = tuple(f"{name}-{release}" for name in TOOLKITS for release in RELEASES)


def script_of(toolkit: Toolkit) -> str:
    """Return the shell script that writes its files and becomes the program."""
    lines = ["cd /root"]
    for path, text in toolkit.files:
        folder = path.rpartition("/")[0]
        lines += [f"mkdir -p {folder}"] if folder else []
        lines += [f"printf %s {shlex.quote(text)} >{path}"]
    return "\n".join((*lines, f"exec {shlex.join(toolkit.argv)} >/root/said 2>&1"))


def windows(text: str, name: str) -> list[tuple[str, str]]:
    """Return title and size of the windows of `xwininfo -root -tree` whose title is like `name`, and that are seen."""
    rows = [(found["title"], found["size"]) for found in WINDOW.finditer(text) if re.fullmatch(name, found["title"])]
    return [(title, size) for title, size in rows if min(map(int, size.split("x"))) >= 100]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    found = Browser(tmp_path / "browser")
    yield found
    found.close()


@pytest.fixture
def program(tmp_path: Path, engine: DockerEngine) -> Program:
    return Program(folder=tmp_path, engine=engine.url)


@FULL
@pytest.mark.parametrize("row", ROWS)
def test_a_program_of_each_toolkit_is_seen_in_a_tab(
    row: str, program: Program, browser: Browser, client: Any, record_property: Callable[[str, object], None]
) -> None:
    name, _, release = row.partition("-")
    toolkit = TOOLKITS[name]
    words = (*toolkit.packages, LOOKS, "--", "sh", "-c", script_of(toolkit))
    with shown(program, *words, distro=f"debian:{release}") as found:
        rows = [client.containers.get(one["Id"]) for one in owned(client, found.process.pid)]
        (box,) = (one for one in rows if one.attrs["HostConfig"]["NetworkMode"] != "none")

        def ask(*argv: str) -> str:
            text: str = box.exec_run([*argv], environment=dict(VARIABLES)).output.decode(errors="replace")
            return text

        try:
            ((title, size), *_) = wait_for(lambda: windows(ask("xwininfo", "-root", "-tree"), toolkit.window))
            show_display(found, browser)
        except AssertionError as error:
            said = ask("tail", "-c", "2000", "/root/said")
            message = f"{toolkit.argv[0]} is not seen; it said: {said}; windows: {ask('xwininfo', '-root', '-tree')}"
            raise AssertionError(message) from error
        version = ask("dpkg-query", "-W", "-f", "${Version}", toolkit.packages[0])
        record_property("window", f"{title}, {size}")
        record_property("version", version)
        record_property("pixels", count_colour(browser))
