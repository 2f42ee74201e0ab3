"""The page of growth: exponents, what stands of a curve that failed, and the memory that is a process's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest
from bench.growth import CURVES, LAUNCH, TASKS, Curve, Ground, measure
from bench.growth_page import Sample, Taken, Task, exponent, page, row, svg
from bench.pages import COLUMNS
from bench.terminal import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

TASK = Task(title="`try` of things", unit="things", reason="the engine does one after the other")
BIG = 200_000_000


def taken(*points: tuple[int, float], problem: str = "") -> Taken:
    samples = tuple(Sample(size=size, seconds=seconds, memory=30_000_000) for size, seconds in points)
    return Taken(samples=samples, problem=problem, date="2026-11-30", load=0.5)


@pytest.mark.parametrize(
    ("points", "slope"),
    [
        ([(10, 1.0), (100, 10.0)], 1.0),
        ([(1, 1.0), (10, 1.0), (100, 100.0)], 2.0),
        ([(1, 9.0), (10, 1.0), (30, 3.0), (100, 10.0)], 1.0),
    ],
)
def test_the_exponent_is_that_of_the_last_decade(points: Sequence[tuple[float, float]], slope: float) -> None:
    assert exponent(points) == pytest.approx(slope)


def test_a_size_that_fails_keeps_those_before_it() -> None:
    def take(_: Ground, size: int) -> tuple[float, int]:
        if size == 100:
            raise BenchError("the hundredth fell over")
        return float(size), 1

    found = measure(Curve(task=TASK, sizes=(1, 10, 100, 1000), take=take), cast("Ground", None), 1000, 0.5)
    assert [sample.size for sample in found.samples] == [1, 10]
    assert found.problem == "the hundredth fell over"


def test_a_missed_exponent_has_its_reason_and_a_reached_one_none() -> None:
    assert "missed: the engine does one after the other." in row(TASK, taken((10, 1.0), (100, 20.0))).replace(
        "\n  ", " "
    )
    assert TASK.reason not in row(TASK, taken((10, 1.0), (100, 10.0)))


def test_a_curve_that_failed_stands_beside_the_others() -> None:
    results = {"files": taken(problem="x " * 1000), "cells": taken((10, 1.0), (100, 9.0))}
    text = page(TASKS, results)
    assert "**A look at the files**: no exponent. It ended early: x x" in text
    assert "**`trial`**: exponent 0.95 of time" in text
    assert text.count("not measured") == len(CURVES) - len(results)
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert svg(TASKS, results).count("<g ") == 1


def test_the_memory_of_a_process_is_not_that_of_who_started_it() -> None:
    ours = bytearray(b"x") * BIG
    done = subprocess.run([sys.executable, "-IS", LAUNCH, "/bin/true"], capture_output=True, text=True, check=True)
    assert len(ours) == BIG
    assert int(done.stdout.split()[1]) < BIG / 4


def test_a_process_that_is_launched_ends_with_its_launcher() -> None:
    argv = [sys.executable, "-IS", str(LAUNCH), "/bin/sh", "-c", "echo ready >&2; exec sleep 60"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.terminate()
        assert process.communicate(timeout=30)[0].split()[2] == "15"
