"""What a package means to a desktop: programs in menus are told calmly, defaults that it takes over are told."""

from __future__ import annotations

import tarfile

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import measured, placed

from sandbox.inspect.desktop_verdict import opened_text
from sandbox.inspect.facts import Launch, Openers
from sandbox.inspect.findings import Footprint, Residue
from sandbox.inspect.verdict import verdict
from sandbox.report.finding_text import note

MINES = "/usr/share/applications/org.gnome.Mines.desktop"
VIEWER = "/usr/share/applications/kde4/viewer.desktop"
HANDLER = "/usr/share/applications/handler.desktop"
LIST = "/etc/xdg/mimeapps.list"
TEXTS = {
    MINES: b"[Desktop Entry]\nName[de]=Minen\nName=Mines\nExec=gnome-mines\nType=Application\n",
    VIEWER: b"[Desktop Entry]\nName=Viewer\nExec=viewer %F\nMimeType=image/png;image/gif;;image/png;\n",
    HANDLER: b"[Desktop Entry]\nName=Handler\nNoDisplay=true\nMimeType=x-scheme-handler/mines;\n",
    LIST: b"[Added Associations]\ntext/css=x.desktop\n"
    b"[Default Applications]\ntext/html=x.desktop\nimage/png=x.desktop;\n",
}


def sentences(found: Footprint) -> list[str]:
    return [row.text for row in verdict(replace(found, started=(), later=()), Residue())]


@pytest.mark.parametrize(
    ("path", "fact", "said"),
    [
        (MINES, Launch(title="Mines"), "Mines"),
        (VIEWER, Launch(title="Viewer", types=("image/png", "image/gif")), "Viewer, opens image/png and image/gif"),
        (
            HANDLER,
            Launch(title="Handler", is_shown=False, types=("x-scheme-handler/mines",)),
            "Handler, not in menus, opens links of mines",
        ),
    ],
)
def test_a_launcher_is_a_finding_with_its_title_and_what_it_opens(path: str, fact: Launch, said: str) -> None:
    (row,) = placed({path: TEXTS[path]}, owned=frozenset((path,))).of("launchers")
    assert (row.what, row.fact) == (path, fact)
    assert note(row.fact) == said


def test_programs_in_menus_are_told_in_one_calm_sentence() -> None:
    found = placed({path: TEXTS[path] for path in (MINES, VIEWER, HANDLER)}, owned=frozenset(TEXTS))
    said = sentences(replace(measured(), findings=found.of("launchers")))
    opened = "image/png and image/gif, and links of mines"
    assert f"Adds Viewer and Mines to the menus of desktops, to open {opened}." in said
    assert any("nothing runs" in text for text in said)


def test_what_only_opens_files_is_not_said_to_be_in_menus() -> None:
    found = placed({HANDLER: TEXTS[HANDLER]}, owned=frozenset((HANDLER,)))
    assert "Can open links of mines." in sentences(found)
    assert not any("menus" in text for text in sentences(found))


def test_types_that_a_package_takes_over_by_default_are_named_and_forbid_calm() -> None:
    found = placed({LIST: TEXTS[LIST]}, owned=frozenset((LIST,)))
    (row,) = found.of("filetypes")
    assert isinstance(row.fact, Openers)
    assert row.fact.types == ("text/html", "image/png")
    assert note(row.fact) == "in effect at once, for text/html and image/png"
    said = sentences(found)
    assert "Brings a list of programs that open file types by default, in effect at once." in said
    assert not any("nothing runs" in text for text in said)


def test_a_launcher_that_is_a_link_is_read_where_it_leads() -> None:
    link = tarfile.TarInfo("usr/share/applications/mines.desktop")
    link.type, link.linkname = tarfile.SYMTYPE, "org.gnome.Mines.desktop"
    found = placed({MINES: TEXTS[MINES], f"/{link.name}": link}, owned=frozenset((MINES, f"/{link.name}")))
    assert [row.fact for row in found.of("launchers")] == [Launch(title="Mines")] * 2


def test_a_launcher_of_hostile_text_keeps_to_one_line_and_has_a_title() -> None:
    text = b"[Desktop Entry]\nName=a\x1b[31m\xff\nMimeType=" + b"text/x\x07;" * 3 + b"\n"
    (row,) = placed({MINES: text}).of("launchers")
    assert "\x1b" not in note(row.fact)
    assert "\x07" not in note(row.fact)
    (row,) = placed({MINES: b"\xff\xfe"}).of("launchers")
    assert note(row.fact) == "org.gnome.Mines"


def test_many_types_are_a_number() -> None:
    many = tuple(f"image/{name}" for name in "abcdefg")
    assert opened_text(many) == "image/a, image/b and 5 more file types"
    assert opened_text((*many[:1], "x-scheme-handler/http", "x-scheme-handler/https")) == (
        "image/a, and links of http and https"
    )
    assert opened_text(()) == ""
