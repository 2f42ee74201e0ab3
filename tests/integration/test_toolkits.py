"""Programs of eight toolkits are seen and used in a tab: what `make screens` runs, a row at a time.

Each is of Debian's packages, and is told by its toolkit's own means (a style, a page, a script) to fill its window with
COLOUR: the tab has to show that colour, and the display a window of the expected name. It is clicked and typed into,
saves that, and the file is copied out.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec import Struct
from tests.integration.browser import Browser
from tests.integration.running import Program, owned, wait_for
from tests.integration.shown import COLOUR, click_colour, press_control, show_display, shown, type_text
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


SAVED: Final = "/root/saved.txt"
WORDS: Final = "typed here"


class Toolkit(Struct, frozen=True, kw_only=True):
    """A program of a toolkit: its packages (the first is its own), its words, and what its window is called.

    `files`: what it is told to look like, by paths below its home. `saved`: where Ctrl-S saves what was typed.
    `note`: what `sandbox` says of it below the address.
    """

    title: str
    packages: tuple[str, ...]
    argv: tuple[str, ...]
    window: str = "toolkit"
    files: tuple[tuple[str, str], ...] = ()
    saved: str = SAVED
    note: str = ""


STYLE: Final = f"* {{ background: {BLUE}; background-color: {BLUE}; }}\n"
TK: Final = f"""\
wm title . toolkit
text .text -background {BLUE} -width 50 -height 20
pack .text -fill both -expand 1
bind .text <Control-s> {{
    set file [open {SAVED} w]; puts $file [.text get 1.0 end]; close $file
    break
}}
"""
SDL: Final = f"""\
import pygame
pygame.display.init()
window = pygame.display.set_mode((400, 300))
pygame.display.set_caption("toolkit")
text, clicked = "", False
while True:
    window.fill({COLOUR})
    pygame.display.flip()
    for event in pygame.event.get():
        clicked = clicked or event.type == pygame.MOUSEBUTTONDOWN
        if event.type == pygame.TEXTINPUT and clicked:
            text += event.text
        if event.type == pygame.KEYUP and event.key == pygame.K_s and event.mod & pygame.KMOD_CTRL:
            open("{SAVED}", "w").write(text)
    pygame.time.wait(50)
"""
QT: Final = f"""\
import sys
from @.QtGui import *
from @.QtWidgets import *
app = QApplication(sys.argv)
app.setStyleSheet("QWidget {{ background: {BLUE}; }}")
edit = QPlainTextEdit()
edit.setWindowTitle("toolkit")
edit.resize(400, 300)
QShortcut(QKeySequence("Ctrl+S"), edit, lambda: open("{SAVED}", "w").write(edit.toPlainText()))
edit.show()
sys.exit(app.exec())
"""
JEDIT: Final = f"view.bgColor={BLUE}\ntip.show=false\nfirstTime=false\n"
PAGE: Final = f"""\
<!doctype html><title>toolkit</title>
<style>* {{ margin: 0; width: 100%; height: 100%; border: 0; outline: 0; background: {BLUE} }}</style>
<textarea></textarea>
<script>
document.onkeydown = (event) => {{
    if (!event.ctrlKey || event.key !== "s") return;
    event.preventDefault();
    const link = document.createElement("a");
    link.download = "saved.txt";
    link.href = URL.createObjectURL(new Blob([document.querySelector("textarea").value]));
    link.click();
}};
</script>
"""
TOOLKITS: Final[dict[str, Toolkit]] = {
    "tk": Toolkit(title="Tk", packages=("tk",), argv=("wish", "toolkit.tcl"), files=(("toolkit.tcl", TK),)),
    "gtk3": Toolkit(
        title="GTK 3",
        packages=("mousepad",),
        argv=("mousepad", SAVED),
        window=r".*saved\.txt - Mousepad",
        files=((".config/gtk-3.0/gtk.css", STYLE), ("saved.txt", "")),
    ),
    "sdl": Toolkit(
        title="SDL", packages=("python3-pygame",), argv=("python3", "toolkit.py"), files=(("toolkit.py", SDL),)
    ),
    "qt5": Toolkit(
        title="Qt 5",
        packages=("python3-pyqt5",),
        argv=("python3", "toolkit.py"),
        files=(("toolkit.py", QT.replace("@", "PyQt5")),),
    ),
    "qt6": Toolkit(
        title="Qt 6",
        packages=("python3-pyqt6",),
        argv=("python3", "toolkit.py"),
        files=(("toolkit.py", QT.replace("@", "PyQt6")),),
    ),
    "gtk4": Toolkit(
        title="GTK 4",
        packages=("gnome-text-editor", "gsettings-desktop-schemas"),
        argv=("gnome-text-editor", SAVED),
        window=r"saved\.txt.*",
        files=((".config/gtk-4.0/gtk.css", STYLE), ("saved.txt", "")),
    ),
    "swing": Toolkit(
        title="Java Swing",
        packages=("jedit", "default-jre"),
        argv=("jedit", SAVED),
        window="jEdit.*",
        files=((".jedit/properties", JEDIT), ("saved.txt", "")),
    ),
    "chromium": Toolkit(
        title="Chromium",
        packages=("chromium",),
        argv=("chromium", "--no-sandbox", "--no-first-run", "--app=file:///root/toolkit.html"),
        window="toolkit.*",
        files=(("toolkit.html", PAGE),),
        saved="/root/Downloads/saved.txt",
        note="chromium --no-sandbox",
    ),
}
"""By names for tests, the small ones first."""
ROWS: Final = tuple(f"{name}-{release}" for name in TOOLKITS for release in RELEASES)


def script_of(toolkit: Toolkit) -> str:
    """Return the shell script that writes its files, runs the program, and stays, so that its words can be read."""
    lines = ["cd /root"]
    for path, text in toolkit.files:
        folder = path.rpartition("/")[0]
        lines += [f"mkdir -p {folder}"] if folder else []
        lines += [f"printf %s {shlex.quote(text)} >{path}"]
    lines += [f"{shlex.join(toolkit.argv)} >/root/said 2>&1", 'echo "status $?" >>/root/said', "exec sleep 3600"]
    return "\n".join(lines)


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
    cache = tmp_path.parents[1] / "toolkits"  # each row runs alone, and a release's index takes 17 s
    return Program(folder=tmp_path, engine=engine.url, environ={"XDG_CACHE_HOME": str(cache)})


@FULL
@pytest.mark.parametrize("row", ROWS)
def test_a_program_of_each_toolkit_is_seen_and_used_in_a_tab(
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

        def is_saved() -> bool:
            return WORDS in ask("cat", toolkit.saved)

        step = "shows no window"
        try:
            ((title, size), *_) = wait_for(lambda: windows(ask("xwininfo", "-root", "-tree"), toolkit.window))
            step = "shows no colour"
            pixels = show_display(found, browser)
            step = "saves no words"
            click_colour(browser)
            type_text(browser, WORDS)
            press_control(browser, "s")
            wait_for(is_saved)
        except AssertionError as error:
            seen = windows(ask("xwininfo", "-root", "-tree"), ".+")
            message = f"{toolkit.argv[0]} {step}; windows: {seen}; it said: {ask('tail', '-c', '2000', '/root/said')}"
            raise AssertionError(message) from error
        done = program.run("cp", f"{box.name}:{toolkit.saved}", "copied.txt")
        assert done.returncode == 0, done.stderr
        copied = (program.work / "copied.txt").read_text().strip()
        assert WORDS in copied
        version = ask("dpkg-query", "-W", "-f", "${Version}", toolkit.packages[0])
        record_property("window", f"{title}, {size}")
        record_property("version", version)
        record_property("pixels", pixels)
        record_property("copied", copied)
    assert toolkit.note in found.rest
