"""What came into a sandbox: packages, commands, and what was added by hand."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.container.diff import added_packages, by_hand
from sandbox.container.packages import Probe, probe, stamp_equal
from sandbox.container.survey import new_names, parse, survey
from sandbox.core.programs import program
from sandbox.engine.protocol import Container, FileStamp
from sandbox.errors import EngineError, StepFailed
from sandbox.managers.apt import driver as apt
from sandbox.managers.protocol import LISTING, Package, PackageRef
from sandbox.managers.rpm.dnf4 import manager as dnf4

if TYPE_CHECKING:
    from pathlib import Path


def package(name: str, version: str = "1", *, architecture: str = "amd64", explicit: bool = False) -> Package:
    return Package(name=name, version=version, architecture=architecture, size=10, explicit=explicit)


def test_added_is_what_was_not_there_or_had_another_version() -> None:
    before = [package("a"), package("b"), package("c")]
    after = [package("a"), package("b", "2"), package("d"), package("a", architecture="i386")]
    assert added_packages(before, after) == (package("b", "2"), package("d"), package("a", architecture="i386"))


def test_of_versions_that_are_there_together_only_the_new_one_was_added() -> None:
    before = [package("kernel", "1"), package("kernel", "2")]
    assert added_packages(before, before[::-1]) == ()
    assert added_packages(before, [*before, package("kernel", "3")]) == (package("kernel", "3"),)


def test_a_package_that_is_only_marked_otherwise_was_not_added() -> None:
    assert added_packages([package("a")], [package("a", explicit=True)]) == ()


def test_by_hand_is_what_was_asked_for_since() -> None:
    last = Probe(packages=(package("a", explicit=True), package("b", explicit=True), package("lib")), stamps={})
    assert by_hand(frozenset({"a"}), last) == (package("b", explicit=True),)


def test_new_commands_are_sorted_and_named_once() -> None:
    assert new_names(["ls", "cat"], ["ls", "htop", "cat", "ag", "htop"]) == ("ag", "htop")
    assert new_names(["gone"], []) == ()


STATUS = b"Package: htop\nStatus: install ok installed\nVersion: 3\nArchitecture: amd64\nInstalled-Size: 4\n\n"


def test_a_probe_reads_the_database_and_its_stamps() -> None:
    engine = FakeEngine(files={apt.STATUS: STATUS})
    found = probe(Box(engine, "c"), apt)
    assert found.explicit == frozenset({"htop"})
    assert found.stamps.keys() == set(apt.database)
    assert engine.ran == []


def test_the_script_tells_commands_and_files_apart(tmp_path: Path) -> None:
    folder, other = tmp_path / "bin", tmp_path / "file"
    folder.mkdir()
    for name, mode in (("run", 0o755), ("two words", 0o755), ("data", 0o644)):
        (folder / name).write_text("x")
        (folder / name).chmod(mode)
    other.write_bytes(b"\0\0content\n")
    ours = tmp_path / "remove me"
    ours.write_text("")
    argv = [
        "sh",
        "-c",
        program("sandbox.container", "survey.sh"),
        "sh",
        str(ours),
        f"{folder} /nonexistent",
        f"{other} /nonexistent",
    ]
    argv += ["echo a; echo b", "echo", "/bin/x"]
    output = subprocess.run(argv, capture_output=True, check=True).stdout
    commands, contents, listed = parse(output)
    assert listed == b"/bin/x\n"
    assert {"run", "two words"} <= set(commands)
    assert contents == {str(other): b"\0\0content\n", LISTING: b"a\nb"}
    assert not ours.exists()


@pytest.mark.parametrize(
    ("output", "commands", "contents"),
    [
        (b"\0", (), {}),
        (b"a\0b\0\0", ("a", "b"), {}),
        (b"\0" + b"3 /x\0abc", (), {"/x": b"abc"}),
        (b"a\0\0" + b"0 /x\0" + b"2 /y z\0ab", ("a",), {"/x": b"", "/y z": b"ab"}),
        (b"a\0\0nonsense", ("a",), {}),
    ],
)
def test_what_the_script_says_is_parsed(output: bytes, commands: tuple[str, ...], contents: dict[str, bytes]) -> None:
    found, files, _ = parse(output)
    assert (found, files) == (commands, contents)


def test_a_survey_is_one_command() -> None:
    output = b"htop\0\0" + f"{len(STATUS)} {apt.STATUS}\0".encode() + STATUS + b"listing\0\0files\0/usr/bin/htop\n"
    engine = FakeEngine(commands=lambda _: (0, output, b""))
    found = survey(Box(engine, "c"), apt, path="/bin:relative:/usr/bin", files=apt.files([PackageRef(name="htop")]))
    assert (found.commands, found.probe.explicit) == (frozenset({"htop"}), frozenset({"htop"}))
    assert found.owned == frozenset({"htop"})
    assert len(engine.ran) == 1
    assert "/bin /usr/bin" in engine.ran[0].argv


@pytest.mark.parametrize("answer", [(127, b"", b"sh: not found"), (0, b"", b"")])
def test_a_sandbox_that_can_not_say_what_is_in_it_is_a_failed_step(answer: tuple[int, bytes, bytes]) -> None:
    with pytest.raises(StepFailed, match="could not read what is installed"):
        survey(Box(FakeEngine(commands=lambda _: answer), "c"), dnf4, path="/bin")


@pytest.mark.parametrize("answer", [(127, b"", b"sh: not found"), (0, b"", b""), EngineError("no /bin/sh there")])
def test_a_sandbox_without_a_shell_still_shows_its_packages(answer: tuple[int, bytes, bytes] | EngineError) -> None:
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    engine = FakeEngine(files={apt.STATUS: STATUS}, containers_known=[row])
    if isinstance(answer, EngineError):
        engine.failing["open"] = [answer]
    else:
        engine.commands = lambda _: answer
    found = survey(Box(engine, "c"), apt, path="/bin")
    assert (found.commands, found.probe.explicit) == (frozenset(), frozenset({"htop"}))


WHOLE, EARLY, LATE = (FileStamp(size=1, modified=f"2026-11-23T20:51:00{rest}Z") for rest in ("", ".1", ".2"))


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (None, None, True),
        (None, WHOLE, False),
        (EARLY, EARLY, True),
        (EARLY, LATE, False),
        (EARLY, WHOLE, True),
        (WHOLE, LATE, True),
        (WHOLE, replace(EARLY, size=2), False),
        (WHOLE, replace(WHOLE, modified="2026-11-23T20:51:01Z"), False),
    ],
)
def test_a_change_within_a_second_is_seen_where_both_stamps_know_of_fractions(
    before: FileStamp | None, now: FileStamp | None, same: bool
) -> None:
    assert stamp_equal(before, now) is same
