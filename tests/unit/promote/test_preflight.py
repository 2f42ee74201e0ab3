from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.distros.lookup import find_target
from sandbox.managers.protocol import PackageRef
from sandbox.promote.preflight import Preflight, on_this_host, preflight

if TYPE_CHECKING:
    from collections.abc import Mapping

DEBIAN = find_target("debian")
HTOP, JQ = PackageRef(name="htop"), PackageRef(name="jq")
PLAN = """\
Remv nano [7.2-1]
Inst libc6 [2.36-9] (2.36-9+deb12u9 Debian:12 [amd64])
Inst htop (3.2.2-2 Debian:12.0/stable [amd64])
Was: libc6 12800
Was: nano 900
Package: htop
Version: 3.2.2-2
Installed-Size: 387
Size: 152416
Package: libc6
Version: 2.36-9+deb12u9
Installed-Size: 13000
Size: 2700000
"""


class Manager:
    """A host's manager that has jq and says what it is told to."""

    def __init__(self, status: int = 0, out: str = PLAN, err: str = "") -> None:
        self.answer = (status, out, err)
        self.ran: list[tuple[str, ...]] = []

    def __call__(self, argv: tuple[str, ...], environment: Mapping[str, str]) -> tuple[int, str, str]:
        self.ran.append(argv)
        if "dpkg-query" in argv:
            return (0 if "jq" in argv and " 1.7" not in argv else 1), "", ""
        assert environment["DEBIAN_FRONTEND"] == "noninteractive"
        return self.answer


def test_what_would_come_and_go_is_told_apart() -> None:
    run = Manager()
    found = preflight([HTOP, JQ], DEBIAN, run)
    assert (found.new, found.upgrades, found.removals, found.here) == (("htop",), ("libc6",), ("nano",), ("jq",))
    assert found.download == 152416 + 2_700_000
    assert found.size == (387 + 13000 - 12800 - 900) * 1024


def test_what_is_here_is_asked_about_with_the_rest_for_it_may_come_newer() -> None:
    run = Manager()
    preflight([HTOP, JQ], DEBIAN, run)
    assert {"htop", "jq"} <= set(run.ran[-1])


def test_another_version_than_was_tried_is_said() -> None:
    run = Manager()
    found = preflight([JQ], DEBIAN, run, seen={"jq": "1.7"})
    assert (found.here, found.other) == (("jq",), ("jq",))
    assert preflight([JQ], DEBIAN, run, seen={"jq": "1.6"}).other == ()


@pytest.mark.parametrize(
    ("said", "cause", "problem"),
    [
        (
            (
                "The following held packages will be changed:\n  libc6 htop\nThe following packages will be upgraded:\n"
                "  htop\nE: Held packages were changed and -y was used without --allow-change-held-packages."
            ),
            "held",
            "libc6 htop is held back in this host, but the install needs to change it",
        ),
        (
            (
                "The following packages will be DOWNGRADED:\n  htop\n0 upgraded, 0 newly installed, 1 downgraded\n"
                "E: Packages were downgraded and -y was used without --allow-downgrades."
            ),
            "downgrade",
            "htop has a newer version in this host, and apt-get does not downgrade by itself",
        ),
        (
            (
                "The following packages have unmet dependencies:\n htop : Conflicts: top but 1.0 is to be installed\n"
                "E: Unable to correct problems, you have held broken packages."
            ),
            "conflict",
            "the packages can't be installed together in this host: htop conflicts, or lacks a dependency",
        ),
    ],
)
def test_what_stands_in_the_way_is_told_apart(said: str, cause: str, problem: str) -> None:
    found = preflight([HTOP], DEBIAN, Manager(100, said))
    assert (found.cause, found.problem) == (cause, problem)
    assert found.evidence


def test_nothing_is_asked_of_the_manager_where_all_is_here() -> None:
    run = Manager()
    assert preflight([JQ], DEBIAN, run) == Preflight(here=("jq",))
    assert not any("apt-get" in argv for argv in run.ran)


def test_a_manager_that_can_not_say_is_no_failure() -> None:
    unknown = Manager(100, "", "E: Unable to locate package htop")
    assert "htop" in preflight([HTOP], DEBIAN, unknown).problem
    assert preflight([HTOP], DEBIAN, Manager(100, "", "")).problem


def test_every_command_is_a_simulation_that_needs_no_root() -> None:
    run = Manager()
    preflight([HTOP], DEBIAN, run)
    assert all("dpkg-query" in argv or "-s" in argv for argv in run.ran)
    assert not any("sudo" in argv for argv in run.ran)


def test_a_program_that_is_missing_is_an_answer_too() -> None:
    assert on_this_host(("no-such-program-here",), {})[0] == 127
    assert on_this_host(("sh", "-c", r'printf "a\r\n\n\033[1mb"'), {}) == (0, "a\nb", "")


def test_words_reach_the_shell_as_arguments_only() -> None:
    seen: list[tuple[str, ...]] = []

    def run(argv: tuple[str, ...], _environment: Mapping[str, str]) -> tuple[int, str, str]:
        seen.append(argv)
        return 0, "", ""

    preflight([PackageRef(name="htop", version="3.2.2-2")], DEBIAN, run)
    text = seen[0][2]
    assert "htop" not in text
    assert "3.2.2-2" not in text


def test_an_architecture_that_is_new_here_is_said_and_its_packages_are_not_called_unknown() -> None:
    asked = []

    def run(argv: tuple[str, ...], _: Mapping[str, str]) -> tuple[int, str, str]:
        asked.append(argv)
        return (
            (0, "amd64" if argv == ("dpkg", "--print-architecture") else "", "") if argv[0] == "dpkg" else (1, "", "")
        )

    found = preflight([PackageRef(name="libc6:i386"), PackageRef(name="htop:amd64")], DEBIAN, run)
    assert (found.architectures, found.problem) == (("i386",), "")
    assert not any("apt-get" in word for argv in asked for word in argv)


def test_a_program_that_does_not_answer_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.promote.preflight.LIMIT", 0.05)
    assert on_this_host(("sleep", "60"), {}) == (127, "", "sleep did not answer within 0 s")
