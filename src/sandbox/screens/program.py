"""The picture of a program that packages bring: started by its launcher, taken once its window has settled."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.output import FLOOD, LineSplitter, TailBuffer
from sandbox.core.programs import sh_argv
from sandbox.core.tasks import Background
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, NotFound, SandboxError, StepFailed
from sandbox.provision.display.pages import regular_files
from sandbox.screens.bus import ENVIRONMENT, start_bus
from sandbox.screens.launchers import FOLDER, pick_launcher
from sandbox.screens.needs import need_rows, needs_of
from sandbox.screens.picture import Picture, take_picture
from sandbox.screens.png import png_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Connection, Exec
    from sandbox.errors import Row
    from sandbox.provision.display.companion import Display
    from sandbox.screens.launchers import Launcher

WINDOW_LIMIT: Final = 40.0
"""Seconds that a program has to show anything."""
CALM_LIMIT: Final = 15.0
"""Seconds that it has to come to rest: some never do, as clocks and games."""
FORK_LIMIT: Final = 5.0
"""Seconds after the end of what was started: it may have started the program in its turn."""
KEPT: Final = 5
"""Lines of what a program wrote to keep."""
LONGEST: Final = 200
"""Characters of one."""
LARGEST_ICON: Final = 1_000_000
"""Bytes of an icon's file."""
PAUSE: Final = 0.7
"""Seconds between two looks: two equal ones mean that it has settled."""


class ProgramPicture(Struct, frozen=True, kw_only=True):
    """How a program looks, as a PNG file, and its icon, empty without one."""

    png: bytes
    icon: bytes = b""


def launcher_files(box: Box) -> dict[str, bytes]:
    """Return the .desktop files of a sandbox by their names."""
    try:
        return regular_files(box.copy_out(FOLDER))
    except NotFound:
        return {}


def new_launcher(box: Box, before: Mapping[str, bytes], packages: Sequence[str]) -> Launcher:
    """Return the launcher that packages brought since `before`. Raises StepFailed where they brought none."""
    came = {name: text for name, text in launcher_files(box).items() if name not in before}
    found = pick_launcher(came, packages)
    if found is None:
        message = "there is no launcher to start for a picture: the packages bring no .desktop file that menus show"
        raise StepFailed(message, cause="script", hints=[Advice.without("--screenshot", "FILE")])
    return found


def picture_of(box: Box, display: Display, launcher: Launcher, *, path: str) -> ProgramPicture:
    """Start a program and return its picture. Raises StepFailed where it shows nothing."""
    display.wait_until_ready()
    env = {**ENVIRONMENT, **start_bus(box), "PATH": path}
    empty = take_picture(display.open())
    process = box.open(ExecSpec(argv=launcher.argv, env=env))
    said = _Said(process)
    try:
        seen = _calm_picture(lambda: take_picture(display.open()), empty, lambda: said.is_over)
        failure = _failure(box, process, said) if seen is None else ()
    finally:
        process.stream.close()
    if seen is None:
        message = f"{launcher.title} showed no window" + ("" if said.is_over else f" within {WINDOW_LIMIT:.0f} s")
        details = [("it ran", " ".join(launcher.argv)[:LONGEST]), *failure]
        raise StepFailed(message, cause="script", details=[*details, *need_rows(needs_of(box))])
    icon = _icon_of(box, launcher)
    return ProgramPicture(png=seen.png(), icon=icon)


class _Said:
    """What a program writes, read until it ends; `is_over` then."""

    def __init__(self, process: Exec) -> None:
        self.tail = TailBuffer(KEPT)
        self.is_over = False
        self._reading = Background(partial(self._read, process.stream))

    def _read(self, stream: Connection) -> None:
        frames, lines = Frames(), LineSplitter(FLOOD)
        try:
            while data := stream.recv(65536):
                for _, piece in frames.feed(data):
                    self.tail.extend(lines.feed(piece))
        except (OSError, ValueError):
            return  # it was closed
        self.tail.extend(lines.end())
        self.is_over = True


def _failure(box: Box, process: Exec, said: _Said) -> list[Row]:
    """Return how a program that showed nothing ended, if it did, and what it wrote at last."""
    status = [("exit status", str(box.exit_status(process)))] if said.is_over else []
    return [*status, *(("it said", line[:LONGEST]) for line in said.tail.text().splitlines() if line.strip())]


def _icon_of(box: Box, launcher: Launcher) -> bytes:
    """Return a program's icon as a PNG file of our own making; empty where it has none that can be read."""
    if not launcher.icon:
        return b""
    try:
        _, file = box.read(sh_argv(__package__, "icon.sh", launcher.icon), limit=LARGEST_ICON)
        return png_again(file) if file else b""
    except (SandboxError, ValueError):
        return b""


def _calm_picture(look: Callable[[], Picture], empty: Picture, is_over: Callable[[], bool]) -> Picture | None:
    """Return the first picture that is like the one before it and not empty, or else the last.

    None where nothing was shown, either in time or until some looks after the program's end: a launcher may leave its
    program running.
    """
    began, first_seen, ended = time.monotonic(), 0.0, 0.0
    last = empty
    while (now := time.monotonic()) - began < WINDOW_LIMIT:
        time.sleep(PAUSE)
        seen = look()
        if seen != empty:
            first_seen = first_seen or now
            if seen == last or now - first_seen > CALM_LIMIT:
                return seen
        elif is_over():
            ended = ended or now
            if now - ended > FORK_LIMIT:
                return None
        last = seen
    return last if last != empty else None
