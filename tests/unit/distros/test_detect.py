from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.distros.detect import host_target, read_os_release, target_of
from sandbox.distros.registry import DISTROS

if TYPE_CHECKING:
    from pathlib import Path

BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'
SID = 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n'
NOBLE = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n'
MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22.1"\nVERSION_CODENAME=xia\nUBUNTU_CODENAME=noble\n'
LMDE = 'ID=linuxmint\nID_LIKE=debian\nVERSION_ID="6"\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm\n'
NEWER_MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="23"\nVERSION_CODENAME=yara\nUBUNTU_CODENAME=noble\n'
POP = 'ID=pop\nID_LIKE="ubuntu debian"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n'
NEWER = "ID=debian\nVERSION_CODENAME=duke\nVERSION_ID=15\n"


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (BOOKWORM, "debian:bookworm"),
        (SID, "debian:forky"),
        (NOBLE, "ubuntu:noble"),
        (MINT, "linuxmint:22"),
        (LMDE, "debian:bookworm"),
        (NEWER, "debian:bookworm"),
        (NEWER_MINT, "ubuntu:noble"),
        (POP, "ubuntu:noble"),
        ("ID='debian'\nVERSION_ID=\"13\"\n", "debian:trixie"),
    ],
)
def test_a_host_is_known_by_its_id_then_by_what_it_is_like(text: str, option: str) -> None:
    target = target_of(read_os_release(text), DISTROS)
    assert target is not None
    assert target.option == option


@pytest.mark.parametrize("text", ["", "ID=plan9\n", "ID=alien\nID_LIKE=stranger\n", "garbage\n\x00\n"])
def test_a_host_of_no_known_kind_is_none(text: str) -> None:
    assert target_of(read_os_release(text), DISTROS) is None


def test_quotes_comments_and_broken_lines_are_read_as_a_shell_would() -> None:
    text = '# ID=no\n\nNAME="Deb \\"ian"\nID=\'debian\'\nBROKEN="open\n no assignment\nVARIANT=\n'
    assert read_os_release(text) == {"NAME": 'Deb "ian', "ID": "debian", "BROKEN": "open", "VARIANT": ""}


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    target_of(read_os_release(text), DISTROS)


def test_the_first_file_that_exists_counts(tmp_path: Path) -> None:
    assert host_target(DISTROS, tmp_path) is None
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text(NOBLE)
    fallback = host_target(DISTROS, tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(BOOKWORM)
    first = host_target(DISTROS, tmp_path)
    assert fallback is not None
    assert fallback.label == "ubuntu noble"
    assert first is not None
    assert first.label == "debian bookworm"
