"""`make fargate`: a matrix with every fault, faults that end a cell, killed clients; writes a page of evidence."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `python tests/fargate/run.py` has only its own folder on it

from msgspec import Struct  # noqa: E402 - below what makes the rest importable
from tests.fargate.faults import KINDS  # noqa: E402
from tests.fargate.rig import rig  # noqa: E402
from tests.integration.running import Program  # noqa: E402
from tests.integration.test_swarm import told  # noqa: E402
from tests.integration.test_trial import SPECS as TRIALS  # noqa: E402

from sandbox.engine.discover import find_engine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.fargate.rig import Rig

PAGE: Final = ROOT / "docs" / "evidence" / "fargate.md"
LAB: Final = ROOT / "tests" / "lab" / "distros.yaml"
DISTROS: Final = ("alpine", "arch", "debian:bookworm", "fedora")
SPECS: Final[Mapping[str, str]] = {
    **{name: TRIALS[name] for name in ("good", "bad", "missing", "free", "deaf", "listens")},
    "loud": "packages: [lab-tool]\nchecks:\n  - run: seq 1 4000\n    stdout: {contains: '3999'}\n",
    "several": "packages: [lab-tool]\nchecks:\n" + "".join(f"  - run: echo {n}; exit {n % 3}\n" for n in range(12)),
}
SLOW: Final = "packages: [lab-tool]\nchecks:\n  - run: sleep 60\n"
PATIENCE: Final = 1800.0
LATEST: Final = 18
"""Requests of a client after which it is killed at the latest: its task runs since its twelfth."""
GRACE: Final = 15.0
CROWD: Final = 4
"""Clients that are killed, each at its own moment, before the next command comes."""

PASSING: Final[Sequence[Mapping[str, Any]]] = (
    {"kind": "throttle", "times": 6},
    {"kind": "throttle", "operation": "RunTask", "times": 3},
    {"kind": "throttle", "operation": "DeleteTaskDefinitions"},
    {"kind": "server", "operation": "RegisterTaskDefinition", "times": 2},
    {"kind": "server", "operation": "GetLogEvents", "times": 2},
    {"kind": "drop", "operation": "DescribeTasks", "times": 2},
    {"kind": "drop", "operation": "RunTask", "times": 2},
    {"kind": "lost_answer", "operation": "RunTask", "times": 3},
    {"kind": "lost_answer", "operation": "RegisterTaskDefinition", "times": 2},
    {"kind": "lost_answer", "operation": "DeleteTaskDefinitions"},
    {"kind": "lost_answer", "operation": "DeleteLogStream", "times": 2},
    {"kind": "expired", "operation": "DescribeTasks"},
    {"kind": "capacity", "times": 2},
    {"kind": "vcpu", "times": 2},
    {"kind": "failures", "times": 2},
    {"kind": "missing", "times": 3, "asks": 2},
    {"kind": "late_log", "times": 6, "asks": 3},
    {"kind": "split_log", "times": 8, "size": 7},
    {"kind": "spot", "times": 3},
    {"kind": "small_pages", "size": 3},
)
"""Faults that a run gets over: each cell has the result that it has without them."""

ENDING: Final[Mapping[str, tuple[Mapping[str, Any], str]]] = {
    "the image can't be pulled": ({"kind": "cannot_pull", "times": 9}, "CannotPullContainerError"),
    "the task is killed for its memory": ({"kind": "oom", "times": 9}, "OutOfMemory"),
    "RunTask is not allowed": ({"kind": "denied", "operation": "RunTask", "times": 9}, "RunTask"),
    "credentials stay expired": ({"kind": "expired", "times": 999}, "credentials"),
    "credentials are invalid": ({"kind": "invalid", "times": 999}, "credentials"),
    "RunTask refuses the request": (
        {
            "kind": "error",
            "operation": "RunTask",
            "code": "PlatformUnknownException",
            "message": "The specified platform version doesn't exist.",
            "times": 9,
        },
        "platform version doesn't exist",
    ),
}
"""Faults that end a cell, and what the program has to say of them."""


class Row(Struct, frozen=True, kw_only=True):
    """A line of the page: what was done, how often, what came of it; `failures`: what should not have."""

    what: str
    count: int
    result: str
    failures: tuple[str, ...] = ()


class Stage(Struct, frozen=True, kw_only=True):
    """What a run stands on."""

    rig: Rig
    url: str
    folder: Path
    chance: random.Random

    def program(self, name: str, specs: Mapping[str, str], rows: str) -> Program:
        """Return the program with folders of its own, which knows the account."""
        folder = self.folder / name
        found = Program(folder=folder, engine=self.url, environ=self.rig.environ)
        (found.work / "sandboxes").mkdir(parents=True)
        for title, text in specs.items():
            (found.work / "sandboxes" / f"{title}.yaml").write_text(text)
        (found.work / "rows.yaml").write_text(rows)
        settings = folder / "config" / "sandbox" / "config.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(self.rig.settings)
        return found


def main() -> int:
    """Run what is asked for, write the page, and return 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", nargs="*", choices=("matrix", "endings", "kills"), default=())
    parser.add_argument("--seed", type=int, default=20261129)
    asked = parser.parse_args()
    wanted = asked.only or ("matrix", "endings", "kills")
    with find_engine(os.environ) as engine:
        url = engine.url
    with tempfile.TemporaryDirectory(prefix="fargate-") as name, rig(url, Path(name)) as found:
        stage = Stage(rig=found, url=url, folder=Path(name), chance=random.Random(asked.seed))
        rows = [row for part in parts(stage, asked.kills, wanted) for row in said(part)]
    if not asked.only:
        PAGE.write_text(page(rows))
    print(table(rows))
    return int(any(row.failures for row in rows))


def parts(stage: Stage, count: int, wanted: Sequence[str]) -> Iterator[list[Row]]:
    """Yield the rows of each part."""
    if "matrix" in wanted:
        yield matrix(stage)
    if "endings" in wanted:
        yield endings(stage)
    if "kills" in wanted:
        yield [kills(stage, count)]


def said(rows: list[Row]) -> list[Row]:
    """Say on standard error what came, and return it."""
    for row in rows:
        print(f"{row.what}: {row.count}, {row.result}", *row.failures, sep="\n  ", file=sys.stderr)
    return rows


def matrix(stage: Stage) -> list[Row]:
    """Run all specs on all distros, first on the engine alone, then on Fargate with every fault that may pass."""
    program = stage.program("matrix", SPECS, LAB.read_text())
    words = (*SPECS, "--distro", ",".join(DISTROS), "--distros", "rows.yaml", "--json")
    right = results(run(program, "trial", *words)[1])
    stage.rig.clear()
    for fault in PASSING:
        stage.rig.fault(**fault)
    started = stage.rig.proxy.calls["RunTask"]
    status, out, err = run(program, "trial", *words, "--on", "fargate", "--push", "--max-tasks", str(len(right)))
    met, left = dict(stage.rig.faults.met), stage.rig.left()
    still = [fault for fault, _ in stage.rig.faults.left if fault.kind != "small_pages"]
    seen = results(out) if out else {}
    tasks, asks = count_tasks(stage.rig), stage.rig.proxy.calls["RunTask"] - started
    wrong = [f"{name}: {seen.get(name)} and not {found}" for name, found in right.items() if seen.get(name) != found]
    wrong += [f"did not come: {fault}" for fault in still]
    most = len(right) + met.get("spot", 0)
    wrong += [f"{tasks} tasks for {most} results"] if tasks > most else []
    wrong += [f"left: {left}"] if left else []
    wrong += [err.decode(errors="replace")[-3000:]] if status not in (0, 6) or wrong else []
    good = sum(seen.get(name) == found for name, found in right.items())
    result = (
        f"{good} results are those of one engine; {tasks} tasks by {asks} requests; left {sum(map(len, left.values()))}"
    )
    rows = [
        Row(
            what="cells of the matrix, with all faults that pass",
            count=len(right),
            result=result,
            failures=tuple(wrong),
        )
    ]
    stage.rig.clear()
    return rows + [Row(what=f"fault `{kind}`", count=times, result="came") for kind, times in sorted(met.items())]


def endings(stage: Stage) -> list[Row]:
    """Run one cell with each fault that ends it, and read what the program says."""
    rows = []
    for number, (what, (fault, words)) in enumerate(ENDING.items()):
        program = stage.program(f"ending-{number}", {"good": SPECS["good"]}, LAB.read_text())
        stage.rig.clear()
        stage.rig.fault(**fault)
        asked = ("trial", "good", "--distro", "alpine", "--distros", "rows.yaml", "--on", "fargate", "--push", "--json")
        status, out, err = run(program, *asked)
        stage.rig.faults.clear()
        text = (out + err).decode(errors="replace")
        wrong = [] if words in text and status else [f"exit status {status}: {text[-1500:]}"]
        wrong += ["a traceback"] if "Traceback" in text else []
        wrong += ["a secret"] if "secret-of-the-rig" in text or "token-of-the-rig" in text else []
        if "expired" not in fault["kind"] and fault["kind"] != "invalid" and stage.rig.left():
            wrong.append(f"left: {stage.rig.left()}")
        rows.append(Row(what=what, count=1, result=f"exit status {status}, and it says so", failures=tuple(wrong)))
    stage.rig.clear()
    return rows


def kills(stage: Stage, count: int) -> Row:
    """Kill clients at random moments, some at a time; after each crowd one command, and nothing may be left."""
    program = stage.program("kills", {"slow": SLOW}, LAB.read_text())
    stage.rig.clear()
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    done = 0
    while done < count:
        stage.rig.fault("lost_answer", operation=stage.chance.choice(("DeleteTaskDefinitions", "RunTask", "StopTask")))
        crowd = min(CROWD, count - done)
        kill_crowd(stage, program, [f"AKIAKILLED{done + number:06}" for number in range(crowd)])
        kinds.update({kind: len(rows) for kind, rows in stage.rig.left().items()})
        status, _, err = run(program, "clean", "--on", "fargate")
        done += crowd
        stage.rig.faults.clear()
        if (left := settled(stage.rig)) or status:
            wrong.append(f"after {done}: exit status {status}, left {left}: {err.decode(errors='replace')[-500:]}")
            stage.rig.clear()
    swept = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    result = f"they left {swept}; after the next command {'nothing' if not wrong else 'some'}"
    return Row(what="clients killed at random moments", count=done, result=result, failures=tuple(wrong))


def settled(found: Rig) -> dict[str, list[str]]:
    """Return what is left; the emulator may still create, and remove, the container of a task that was stopped."""
    limit = time.monotonic() + GRACE
    while (left := found.left()).keys() == {"containers"} and time.monotonic() < limit:
        time.sleep(0.2)
    return left


def kill_crowd(stage: Stage, program: Program, keys: Sequence[str]) -> None:
    """Start a client for each access key, and kill it a moment after some request of it: moments of no clock."""
    words = ("trial", "slow", "--distro", "alpine", "--distros", "rows.yaml", "--on", "fargate", "--push")
    crowd = {key: program.start(*words, AWS_ACCESS_KEY_ID=key) for key in keys}
    last = {key: stage.chance.randint(0, LATEST) for key in keys}
    while crowd:
        for key in [key for key in crowd if stage.rig.proxy.by_key[key] >= last[key] or crowd[key].poll() is not None]:
            time.sleep(stage.chance.uniform(0, 0.3))
            crowd[key].kill()
            crowd.pop(key).communicate()
        time.sleep(0.01)


def results(out: bytes) -> dict[str, Any]:
    """Return the results of a matrix, less where the two ways differ and say so in docs.

    Names near an unknown one come from an index of this host. The shell of a task may say `Killed` of a check that was
    ended for its time, and that is in the check's output.
    """
    found = told(out)
    for cell in found.values():
        cell["details"] = [row for row in cell["details"] if row[0] != "nearest"]
        for check in cell["checks"]:
            if check["output"] == "Killed" and "not finished" in (check["problem"] or ""):
                check["output"] = ""
    return found


def run(program: Program, *words: str) -> tuple[int, bytes, bytes]:
    """Run the program to its end; return its status, output and errors."""
    done = subprocess.run(
        program.argv(*words), capture_output=True, env=program.env({}), cwd=program.work, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout, done.stderr


def count_tasks(found: Rig) -> int:
    """Return how many tasks of the program have stopped or run in the account, of this run and all before it."""
    ecs = found.client("ecs")
    pages = [
        page
        for status in ("RUNNING", "STOPPED")
        for page in ecs.get_paginator("list_tasks").paginate(cluster=found.cluster, desiredStatus=status)
    ]
    return sum(len(page["taskArns"]) for page in pages)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as Markdown."""
    lines = [f"| {row.what} | {row.count} | {'**failed** ' if row.failures else ''}{row.result} |" for row in rows]
    return "\n".join(("| what | count | result |", "| --- | --- | --- |", *lines))


def page(rows: Sequence[Row]) -> str:
    """Return docs/evidence/fargate.md."""
    texts = (
        f"- {row.what} ({row.count}): {'**failed.** ' if row.failures else ''}{row.result}."
        for row in rows
        if not row.what.startswith("fault ")
    )
    met = ", ".join(f"{row.what.removeprefix('fault ')} {row.count}" for row in rows if row.what.startswith("fault "))
    rest = ", ".join(f"`{kind}`" for kind in sorted(KINDS))
    return "\n\n".join(
        (
            HEAD,
            "\n".join(fill(text, indent="  ") for text in texts),
            fill(f"Faults that came in the run of the matrix, and how often: {met}."),
            REQUIRED.format(specs=len(SPECS), distros=len(DISTROS), latest=LATEST, others=CROWD - 1),
            f"{fill(f'Kinds of faults that the rig has: {rest}.')}\n",
        )
    )


HEAD: Final = """# Fargate

`make fargate` runs trials on AWS Fargate without AWS: tests/fargate starts ministack 1.5.33, which
runs each ECS task as a container of this machine's engine, behind a strict proxy. The proxy refuses
what AWS refuses, and injects faults. tests/integration/test_fargate_rig.py shows that it does.
`make test` runs four cells and one killed client: tests/integration/test_fargate.py.

**Nothing here was run on AWS itself.**

## Results"""
REQUIRED: Final = """## What is required

The matrix is {specs} specs on {distros} distros. Each result is the one that the same trial has on this
machine's engine alone, but for names that are near an unknown package, and for the word `Killed`
that a task's shell may add to the output of a check that took too long. No cell runs twice, but for
those that lost their machine (`spot`). All faults come in one run. At the end no task, definition,
log stream, image or container is left.

A client is killed a moment after one of its first {latest} requests, which chance chooses, while
{others} others run. What it made is found by its name, and removed, by the next command: here
`sandbox clean --on fargate`, or the next client."""


def fill(text: str, *, indent: str = "") -> str:
    """Return a paragraph whose lines fit on a terminal; no option or name is broken."""
    return textwrap.fill(text, 98, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    sys.exit(main())
