"""What programs need and a display lacks is named for each of them, with what helps."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from sandbox.core.programs import source
from sandbox.screens.needs import Need, need_rows, parse_needs

if TYPE_CHECKING:
    from pathlib import Path


def test_what_the_script_prints_is_read_and_nothing_else() -> None:
    text = "chromium code\nchromium code\nbus org.x.Power\npolkit org.freedesktop.policykit\nother x\nbus a b\n"
    assert parse_needs(text) == (Need("chromium", "code"), Need("bus", "org.x.Power"))


def test_each_need_is_said_by_name_with_what_helps() -> None:
    needs = [Need("chromium", "chromium"), Need("chromium", "code"), Need("polkit", "org.x.a"), Need("schemas", "x")]
    assert need_rows(()) == ()
    rows = [text for _, text in need_rows([*needs, *(Need("bus", f"org.x.{name}") for name in "abcde")])]
    for text, words in zip(
        rows,
        ("chromium --no", "code --no-sandbox", "gsettings-desktop-schemas", "service dbus start", "pkexec"),
        strict=True,
    ):
        assert words in text
    assert "org.x.a, org.x.b, org.x.c" in rows[3]
    assert "org.x.e" not in rows[3]


def test_the_script_finds_the_command_of_a_folder_by_its_name_or_by_a_link_to_it(tmp_path: Path) -> None:
    for path in ("usr/lib/code/chrome_100_percent.pak", "opt/Big Chat/chrome_100_percent.pak", "opt/Big Chat/chat"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    commands = tmp_path / "usr" / "bin"
    commands.mkdir()
    (commands / "code").write_text("#!/bin/sh\n")
    (commands / "code").chmod(0o755)
    (commands / "bigchat").symlink_to(tmp_path / "opt" / "Big Chat" / "chat")
    text = source("sandbox.screens", "needs.sh")
    for folder in ("/usr/", "/opt/"):
        text = text.replace(f" {folder}", f" {tmp_path}{folder}")
    env = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", text], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["chromium code", "chromium bigchat"]
