"""A launcher is what a .desktop file says in its own group, less what menus hide and what needs files or a terminal."""

from __future__ import annotations

import pytest

from sandbox.screens.launchers import Launcher, parse_launcher, pick_launcher

MINES = """\
# a comment
[Desktop Entry]
Name=Mines
Name[de]=Minen
Exec=gnome-mines --big "a b" 100%% %U
Icon=org.gnome.Mines
Type=Application

[Desktop Action new]
Exec=other
"""


def test_the_program_is_started_without_the_codes_for_files() -> None:
    argv = ("gnome-mines", "--big", "a b", "100%")
    assert parse_launcher("org.gnome.Mines", MINES) == Launcher(
        ident="org.gnome.Mines", title="Mines", argv=argv, icon="org.gnome.Mines"
    )


@pytest.mark.parametrize("icon", ["x y", "a;b", "/usr/*/x.png", "a$(b)"])
def test_an_icon_is_a_name_or_a_plain_path(icon: str) -> None:
    found = parse_launcher("x", f"[Desktop Entry]\nIcon={icon}\nExec=x\n")
    assert found is not None
    assert found.icon == ""


@pytest.mark.parametrize("line", ["NoDisplay=true", "Hidden=true", "Terminal=true", "Type=Link", 'Exec="x'])
def test_what_no_menu_shows_or_nothing_can_start_is_no_launcher(line: str) -> None:
    assert parse_launcher("x", f"[Desktop Entry]\n{line}\nExec=x\n") is None


def test_a_title_can_not_change_the_terminal() -> None:
    found = parse_launcher("x", "[Desktop Entry]\nName=a\x1b[31mb\nExec=x\n")
    assert found is not None
    assert "\x1b" not in found.title


def test_the_launcher_that_is_named_like_a_package_comes_first() -> None:
    files = {f"{name}.desktop": f"[Desktop Entry]\nExec={name}\n".encode() for name in ("a", "org.x.Editor", "z")}
    files["z.png"] = b""

    def picked(*packages: str) -> str:
        found = pick_launcher(files, packages)
        assert found is not None
        return found.ident

    assert [picked("z"), picked("editor"), picked("other")] == ["z", "org.x.Editor", "a"]
    assert pick_launcher({}, ["z"]) is None
