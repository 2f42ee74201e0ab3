# ruff: noqa: INP001 - a script and its module, no package
"""Records a real session of `sandbox try htop` at a terminal and draws it as docs/session.svg.

    .venv/bin/python docs/record.py

Needs an engine with a debian base, and pexpect and pyte. Nothing in the picture is made up: each frame is a moment of
the session, as a terminal showed it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pexpect
import pyte

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # `python docs/record.py` has only docs/ on it

from docs.drawing import COLUMNS, ROWS, Frame, Run, drawn

LIMIT: Final = 90.0
"""Seconds that a scene may take to come."""
SETTLE: Final = 0.3
"""Seconds of silence after which a scene is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is typed, what the last line of the screen then is, and for how many seconds the picture shows it."""

    keys: str = ""
    until: str
    hold: float
    settle: float = SETTLE
    still: bool = False


SCENES: Final = (
    Scene(keys="sandbox try htop", until=r"htop$", hold=1.2),
    Scene(keys="\r", until=r"^  index .* s$", hold=1.0, settle=0),
    Scene(until=r"^  install .* s    .+$", hold=1.0, settle=0),
    Scene(until=r":/#$", hold=3.0, still=True),
    Scene(keys="htop", until=r":/# htop$", hold=1.0),
    Scene(keys="\r", until="F10", hold=3.0, settle=2.0),
    Scene(keys="q", until=r":/#$", hold=0.6),
    Scene(keys="apt-get install -y jq", until="jq$", hold=1.2),
    Scene(keys="\r", until=r":/#$", hold=1.5),
    Scene(keys="exit\r", until=r"\[y/N/edit\]$", hold=3.0),
    Scene(keys="n\r", until=r"^\$$", hold=6.0),
)


class Screen(pyte.Screen):
    """A terminal's screen with the second one that full-screen programs switch to (mode 1049).

    pyte has none: https://github.com/selectel/pyte/issues/90
    """

    ALTERNATE: Final = 1049

    def set_mode(self, *modes: int, **named: Any) -> None:
        """Keep what is shown, where a program asks for the other screen."""
        if self.ALTERNATE in modes and named.get("private"):
            self.kept = {row: dict(line) for row, line in self.buffer.items()}
            self.kept_cursor = (self.cursor.y, self.cursor.x)
            self.erase_in_display(2)
        super().set_mode(*modes, **named)

    def reset_mode(self, *modes: int, **named: Any) -> None:
        """Show again what was kept."""
        super().reset_mode(*modes, **named)
        if self.ALTERNATE in modes and named.get("private"):
            self.buffer.clear()
            for row, line in self.kept.items():
                self.buffer[row].update(line)
            self.cursor.y, self.cursor.x = self.kept_cursor

    def last_line(self) -> str:
        """Return the last line with something on it, without blanks at its end."""
        return next((line.rstrip() for line in reversed(self.display) if line.strip()), "")

    def frame(self, scene: Scene) -> Frame:
        """Return what is shown as runs of the same look."""
        rows = tuple(self._runs(row) for row in range(ROWS))
        cursor = None if self.cursor.hidden else (self.cursor.y, self.cursor.x)
        return Frame(rows=rows, cursor=cursor, hold=scene.hold, still=scene.still)

    def _runs(self, row: int) -> tuple[Run, ...]:
        runs: list[Run] = []
        for column in range(COLUMNS):
            cell = self.buffer[row][column]
            front, back = (cell.bg, cell.fg) if cell.reverse else (cell.fg, cell.bg)
            look = (_named(front, cell.reverse, "back"), _named(back, cell.reverse, "front"), bool(cell.bold))
            if runs and runs[-1].look == look:
                runs[-1] = Run(column=runs[-1].column, text=runs[-1].text + cell.data, look=look)
            else:
                runs.append(Run(column=column, text=cell.data, look=look))
        return tuple(runs)


def _named(colour: str, is_reversed: bool, other: str) -> str:
    """Return a colour's name; the default of reversed text is the other one."""
    return other if colour == "default" and is_reversed else colour


def record() -> list[Frame]:
    """Play the session; return its frames."""
    screen = Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory(prefix="sandbox-record-") as folder:
        child = pexpect.spawn(
            "bash", ["--norc", "--noprofile"], env=_environment(folder), cwd=folder, dimensions=(ROWS, COLUMNS)
        )
        play(child, stream, screen, Scene(until=r"^\$$", hold=0))
        frames = [play(child, stream, screen, scene) for scene in SCENES]
        child.sendline("exit")
        child.expect(pexpect.EOF)
    return frames


def play(child: Any, stream: Any, screen: Screen, scene: Scene) -> Frame:
    """Type a scene's keys and wait for what they lead to."""
    child.send(scene.keys)
    limit = time.monotonic() + LIMIT
    while not re.search(scene.until, screen.last_line()):
        if time.monotonic() > limit:
            sys.exit(f"{scene.until} did not come:\n" + "\n".join(screen.display))
        _take(child, stream, 0.05)
    end = time.monotonic() + scene.settle
    while time.monotonic() < end:
        _take(child, stream, 0.05)
    return screen.frame(scene)


def _take(child: Any, stream: Any, seconds: float) -> None:
    try:
        stream.feed(child.read_nonblocking(4096, timeout=seconds))
    except pexpect.TIMEOUT:
        return


def _environment(folder: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SANDBOX_", "XDG_", "NO_COLOR"))}
    folders = {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "STATE", "CACHE")}
    path = f"{Path(sys.executable).parent}:{own['PATH']}"
    # bash marks pastes with sequences that older emulators print: not part of the picture
    plain = {"PS1": "$ ", "TERM": "xterm-256color", "LANG": "C.UTF-8", "BASH_SILENCE_DEPRECATION_WARNING": "1"}
    return {**own, **folders, "PATH": path, **plain}


if __name__ == "__main__":
    target = Path(__file__).with_name("session.svg")
    target.write_text(drawn(record()), encoding="utf-8")
    sys.stdout.write(f"wrote {target} ({target.stat().st_size / 1000:.0f} kB)\n")
