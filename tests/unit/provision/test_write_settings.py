"""The program that writes a spec's files of settings: whole, once, and never over another."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

from sandbox.core.programs import sh_argv
from sandbox.provision import preparation

if TYPE_CHECKING:
    from pathlib import Path


def write(*rows: tuple[str, Path, bytes]) -> tuple[int, str]:
    words = [word for kind, path, data in rows for word in (kind, str(path), base64.b64encode(data).decode())]
    argv = sh_argv(preparation.__package__, "write_settings.sh", *words)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_files_are_written_with_their_folders_and_lines_are_added_once(tmp_path: Path) -> None:
    key, conf = tmp_path / "a b/key.gpg", tmp_path / "pacman.conf"
    conf.write_text("[options]\n")
    rows = (("file", key, bytes(range(256))), ("lines", conf, b"Include = /x\nInclude = /y\n"))
    for _ in range(2):
        assert write(*rows) == (0, "")
        assert key.read_bytes() == bytes(range(256))
        assert key.stat().st_mode & 0o777 == 0o644
        assert conf.read_text() == "[options]\nInclude = /x\nInclude = /y\n"


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "debian.sources"
    there.write_text("own\n")
    status, said = write(("file", there, b"other\n"), ("file", tmp_path / "later", b"x\n"))
    assert (status, said) == (1, f"{there} is there already, and differs\n")
    assert there.read_text() == "own\n"
    assert not (tmp_path / "later").exists()
