"""Which cells a matrix has, and what two runs of one do not have in common."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sandbox.errors import UsageError
from sandbox.trials.matrix import differences, matrix
from sandbox.trials.results import Cell, CellResult, CheckResult, Held

CELL = Cell(spec="web", distro="debian")


def cells(*specs: str, distros: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(cell.spec, cell.distro) for cell in matrix(specs, distros, {"a": "debian", "b": "alpine:3.23"})]


def test_every_spec_is_on_every_distro() -> None:
    assert cells("a", "b", distros=("x", "y")) == [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]


def test_without_distros_a_spec_is_on_its_own() -> None:
    assert cells("a", "b") == [("a", "debian"), ("b", "alpine:3.23")]


def test_what_is_named_twice_is_there_once() -> None:
    assert cells("a", "a", distros=("x", "x")) == [("a", "x")]


def test_no_spec_is_said() -> None:
    with pytest.raises(UsageError, match="no spec"):
        matrix((), ("x",), {})


def result(
    packages: dict[str, str], *commands: str, checks: tuple[CheckResult, ...] = (), problem: str = ""
) -> CellResult:
    held = None if problem else Held(packages=packages, commands=commands)
    return CellResult(cell=CELL, status="passed", held=held, checks=checks, problem=problem)


def test_two_equal_runs_differ_in_nothing_but_time() -> None:
    one = result({"curl": "8.1"}, "curl", checks=(CheckResult(number=1, title="x", seconds=1),))
    other = replace(one, seconds=9.0, log="x", checks=(CheckResult(number=1, title="x", seconds=2),))
    assert differences(one, other) == ()


def test_differences_name_the_package_the_command_and_the_check() -> None:
    one = result(
        {"a": "1", "b": "1", "c": "1"}, "x", checks=(CheckResult(number=1, title="t", problem="is not there"),)
    )
    other = result({"a": "1", "b": "2", "d": "3"}, "y", checks=(CheckResult(number=1, title="t"),))
    assert differences(one, other) == (
        "package b: 1, then 2",
        "package c 1: only in the first run",
        "package d 3: only in the second run",
        "command x: only in the first run",
        "command y: only in the second run",
        "check 1: is not there, then passed",
    )


def test_a_run_that_did_not_get_there_differs_from_one_that_did() -> None:
    assert differences(result({}), result({}, problem="no mirror")) == ("installed, then no mirror",)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (result({}), ""),
        (result({}, problem="no mirror"), "no mirror"),
        (
            result({}, checks=(CheckResult(number=1, title="a"), CheckResult(number=2, title="b", problem="c"))),
            "check 2: b: c",
        ),
        (replace(result({}), differences=("package a: 1, then 2",)), "the second run differs: package a: 1, then 2"),
    ],
)
def test_a_cell_says_in_a_line_why_it_did_not_pass(found: CellResult, reason: str) -> None:
    assert found.reason == reason
