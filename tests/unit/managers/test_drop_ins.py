"""What was added inside pacman.conf and make.conf, as files that a host can be given."""

from __future__ import annotations

import pytest

from sandbox.managers.config_files import as_drop_ins, is_valid
from sandbox.managers.registry import data_of

PACMAN = b"""# comment
[options]
Architecture = auto
SigLevel = Required

[core]
Include = /etc/pacman.d/mirrorlist
"""
MORE = b"[more]\nSigLevel = Optional TrustAll\nServer = http://mirror.invalid/$repo\n"
MAKE = b'COMMON_FLAGS="-O2 -pipe"\nCFLAGS="${COMMON_FLAGS}"\nUSE="ssl"\n'


def shown(path: str, before: bytes, after: bytes) -> dict[str, str]:
    data = data_of("pacman" if "pacman" in path else "portage")
    found = as_drop_ins(data.drop_ins[path], before, after)
    assert all(is_valid(setting, data.settings) for setting in found)
    return {setting.path: setting.content.decode() for setting in found}


@pytest.mark.parametrize("after", [PACMAN + b"\n# mine\n" + MORE, PACMAN.replace(b"[core]", MORE + b"[core]")])
def test_a_section_of_pacman_conf_is_a_file_and_the_line_that_includes_it(after: bytes) -> None:
    assert shown("/etc/pacman.conf", PACMAN, after) == {
        "/etc/pacman.conf.d/more.conf": MORE.decode(),
        "/etc/pacman.conf": "Include = /etc/pacman.conf.d/more.conf\n",
    }


@pytest.mark.parametrize(
    "after",
    [
        PACMAN.replace(b"SigLevel = Required", b"SigLevel = Never") + MORE,
        PACMAN.replace(b"[core]\nInclude = /etc/pacman.d/mirrorlist\n", b"") + MORE,
        PACMAN + b"Server = http://mirror.invalid/\n",
        PACMAN + b"[../../etc/x]\nServer = x\n",
        b"XferCommand = x\n" + PACMAN + MORE,
        PACMAN,
        b"\xff" + PACMAN,
    ],
)
def test_any_other_change_of_pacman_conf_is_none_that_can_be_brought_along(after: bytes) -> None:
    assert shown("/etc/pacman.conf", PACMAN, after) == {}


@pytest.mark.parametrize(
    ("added", "folder", "words"),
    [
        (b'USE="${USE} X -doc"\n', "package.use", "X -doc"),
        (b'USE="$USE X"\nUSE="${USE} y"\n', "package.use", "X y"),
        (b'USE="ssl X"\n', "package.use", "X"),
        (b"ACCEPT_KEYWORDS=~amd64  # mine\n", "package.accept_keywords", "~amd64"),
        (b"ACCEPT_LICENSE='*'\n", "package.license", "*"),
    ],
)
def test_words_of_make_conf_are_said_of_all_packages(added: bytes, folder: str, words: str) -> None:
    found = shown("/etc/portage/make.conf", MAKE, MAKE + added)
    assert found == {f"/etc/portage/{folder}/make-conf": f"*/* {words}\n"}


@pytest.mark.parametrize(
    "added",
    [
        b'USE="X"\n',
        b'CFLAGS="-O3"\n',
        b'MAKEOPTS=-j9\nUSE="$USE X"\n',
        b'USE="$USE $MORE"\n',
        b'USE="$USE # y"\n',
        b'USE="x\n',
        b"source x\n",
    ],
)
def test_any_other_change_of_make_conf_is_none_that_can_be_brought_along(added: bytes) -> None:
    assert shown("/etc/portage/make.conf", MAKE, MAKE + added) == {}
