"""What users set by commands: facts become steps, steps commands, and nothing else becomes a word of one."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.core.programs import program
from sandbox.managers.hand_steps import (
    HandStep,
    StepKind,
    can_take,
    files_moved_back,
    parse_state,
    reversals,
    step_commands,
    steps_between,
)
from sandbox.managers.registry import NAMES, data_of

if TYPE_CHECKING:
    from pathlib import Path

APT = data_of("apt")
BEFORE = parse_state(b"architecture\tamd64\nhold\tbash\nanswer\ttzdata\ttzdata/Areas\tselect\tEtc\nnonsense\nhold\n")
NOW = parse_state(
    b"architecture\tamd64\nhold\thtop\nanswer\ttzdata\ttzdata/Areas\tselect\tEurope\narchitecture\ti386\n"
    b"override\troot\tmail\t2755\t/usr/bin/wall\ndiversion\t/a\t/a.mine\nalternative\teditor\t/usr/bin/vi\n"
    b"secret\tslapd\tslapd/password1\npin\thtop=3.2\n"
)


def test_what_is_new_is_a_step_and_what_is_gone_is_told() -> None:
    assert [step.name for step in steps_between(BEFORE, NOW)] == [
        "packages of i386",
        'answer "Europe" to tzdata/Areas',
        "hold of htop",
        "diversion of /a to /a.mine",
        "owner and mode root:mail 2755 of /usr/bin/wall",
        "alternative /usr/bin/vi for editor",
        "pin htop=3.2",
        "answer to slapd/password1 (a password)",
    ]
    assert reversals(BEFORE, NOW) == ("hold of bash (taken back)",)


def test_each_has_a_name_to_keep_or_drop_it_by() -> None:
    found = {step.path: step.packages for step in steps_between(BEFORE, NOW)}
    assert found == {
        "architecture:i386": (),
        "answer:tzdata/Areas": ("tzdata",),
        "hold:htop": ("htop",),
        "diversion:/a": (),
        "override:/usr/bin/wall": (),
        "alternative:editor": (),
        "pin:htop=3.2": (),
        "secret:slapd/password1": (),
    }


def test_apt_takes_all_but_pins_and_passwords() -> None:
    taken = [step.kind for step in steps_between(BEFORE, NOW) if can_take(step, APT)]
    assert taken == ["architecture", "answer", "hold", "diversion", "override", "alternative"]


HOSTILE: dict[StepKind, tuple[str, ...]] = {
    "hold": ("-o=x",),
    "architecture": ("i386; id",),
    "diversion": ("/a", "../b"),
    "override": ("root", "mail", "2755", "/a/../etc"),
    "alternative": ("../x", "/a"),
    "answer": ("tzdata", "tzdata/Areas", "select", "a\nroot passwd/x select y"),
}


@pytest.mark.parametrize(("kind", "words"), HOSTILE.items())
def test_what_no_manager_would_print_is_no_step(kind: StepKind, words: tuple[str, ...]) -> None:
    assert not can_take(HandStep(kind=kind, words=words), APT)
    assert not can_take(HandStep(kind=kind, words=words[:-1]), APT)


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_that_a_manager_takes_has_commands(name: str) -> None:
    data = data_of(next(known for known in NAMES if known == name))
    for step in steps_between(BEFORE, NOW):
        if can_take(step, data):
            commands = step_commands(step, data)
            assert commands.check
            assert commands.do
            assert commands.do[0] not in step.words


def test_a_diversion_for_a_package_is_named_and_goes_with_that_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "status").touch()
    (tmp_path / "diversions").write_text("/a\n/a.mine\n:\n/b\n/b.real\ntree\n")
    script = program("sandbox.managers.apt", "hand_state.sh").replace("/var/lib/dpkg", str(tmp_path))
    rows = parse_state(subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout)
    rows = frozenset(row for row in rows if row[0] == "diversion")
    steps = steps_between(frozenset(), rows)
    assert [(step.name, can_take(step, APT)) for step in steps] == [
        ("diversion of /a to /a.mine", True),
        ("diversion of /b to /b.real for tree", False),
    ]
    assert reversals(rows, frozenset()) == ("diversion of /a to /a.mine (taken back)",)


def test_a_file_is_back_where_it_has_its_packages_content_and_no_diversion_any_more(tmp_path: Path) -> None:
    names = ("same", "setting", "other", "kept", "gone")
    (tmp_path / "bin").mkdir()
    (tmp_path / "info").mkdir()
    for name in names[:-1]:
        (tmp_path / "bin" / name).write_text(name)
    sums = {name: hashlib.md5(name.encode(), usedforsecurity=False).hexdigest() for name in names}
    (tmp_path / "info/x.md5sums").write_text(f"{sums['same']}  bin/same\n{sums['other']}  bin/x\n")
    (tmp_path / "status").write_text(f"Package: x\nConffiles:\n {tmp_path}/bin/setting {sums['setting']}\n\n")
    rows = {name: f"{tmp_path}/bin/{name}\n{tmp_path}/bin/{name}.distrib\n:\n" for name in names}
    (tmp_path / "diversions-old").write_text("".join(rows.values()))
    (tmp_path / "diversions").write_text(rows["kept"])
    script = program("sandbox.managers.apt", "hand_state.sh").replace("/var/lib/dpkg", str(tmp_path))
    output = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert files_moved_back(output) == {f"{tmp_path}/bin/same", f"{tmp_path}/bin/setting"}


@pytest.mark.parametrize(
    ("architectures", "names"),
    [("amd64\narm64\n", ["own", "foreign:arm64", "any", "gone"]), ("", ["own", "foreign", "any", "gone"])],
)
def test_a_held_package_of_another_architecture_has_its_full_name(
    tmp_path: Path, architectures: str, names: list[str]
) -> None:
    """As of dpkg 1.21: its own architecture is the first of /var/lib/dpkg/arch."""
    rows = (
        ("own", "hold", "amd64"),
        ("foreign", "hold", "arm64"),
        ("any", "hold", "all"),
        ("free", "install", "arm64"),
    )
    text = "".join(
        f"Package: {name}\nStatus: {wish} ok installed\nPriority: optional\nArchitecture: {machine}\nVersion: 1\n\n"
        for name, wish, machine in rows
    )
    (tmp_path / "status").write_text(f"{text}Package: gone\nStatus: hold ok not-installed\n\n")
    if architectures:
        (tmp_path / "arch").write_text(architectures)
    script = program("sandbox.managers.apt", "hand_state.sh").replace("/var/lib/dpkg", str(tmp_path))
    shown = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert [row[1] for row in map(bytes.split, shown.splitlines()) if row[0] == b"hold"] == [*map(str.encode, names)]
