"""The picture of a program that packages bring: started by its launcher, taken once its window has settled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.programs import sh_argv
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, NotFound, StepFailed
from sandbox.provision.display.companion import VARIABLES
from sandbox.provision.display.pages import regular_files
from sandbox.screens.launchers import FOLDER, pick_launcher
from sandbox.screens.picture import Picture, take_picture
from sandbox.screens.screen import BUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.provision.display.companion import Display
    from sandbox.screens.launchers import Launcher

WINDOW_LIMIT: Final = 40.0
"""Seconds that a program has to show anything."""
CALM_LIMIT: Final = 15.0
"""Seconds that it has to come to rest: some never do, as clocks and games."""
PAUSE: Final = 0.7
"""Seconds between two looks: two equal ones mean that it has settled."""


class ProgramPicture(Struct, frozen=True, kw_only=True):
    """A program and how it looks, as a PNG file. `is_calm`: it had come to rest."""

    title: str
    argv: tuple[str, ...]
    png: bytes
    is_calm: bool


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
    has_bus = box.exec(sh_argv("sandbox.screens", "bus.sh", BUS)).status == 0
    bus = {"DBUS_SESSION_BUS_ADDRESS": f"unix:abstract={BUS}"} if has_bus else {}
    env = {**VARIABLES, **bus, "PATH": path, "HOME": "/root", "LANG": "C.UTF-8"}
    empty = take_picture(display.open())
    process = box.open(ExecSpec(argv=launcher.argv, env=env))
    try:
        seen, is_calm = _calm_picture(lambda: take_picture(display.open()), empty)
    finally:
        process.stream.close()
    if seen is None:
        message = f"{launcher.title} showed no window within {WINDOW_LIMIT:.0f} s"
        raise StepFailed(message, cause="script", details=[("it ran", " ".join(launcher.argv)[:200])])
    return ProgramPicture(title=launcher.title, argv=launcher.argv, png=seen.png(), is_calm=is_calm)


def _calm_picture(look: Callable[[], Picture], empty: Picture) -> tuple[Picture | None, bool]:
    """Return the first picture that is like the one before it and not empty, or else the last; whether it is at rest.

    None where nothing was shown.
    """
    began, first_seen = time.monotonic(), 0.0
    last = empty
    while (now := time.monotonic()) - began < WINDOW_LIMIT:
        time.sleep(PAUSE)
        seen = look()
        if seen != empty:
            first_seen = first_seen or now
            if seen == last:
                return seen, True
            if now - first_seen > CALM_LIMIT:
                return seen, False
        last = seen
    return (last, False) if last != empty else (None, False)
