"""What meets on the engine is run by one worker, in its order; the rest by whoever has time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.by_room import ABOUT, rooms_of
from tests.rooms import MAY_IMPORT
from tests.side_by_side import BY_IMAGE, FIXED_NAMES, LONGEST, MEETING, group_of, lock_of, place_of

ROOT: Final = Path(__file__).parents[2]
CONFTEST: Final = "from tests.conftest import pytest_xdist_make_scheduler\n"
TESTS: Final = """
import pytest, time

@pytest.mark.parametrize("number", range(4))
def test_it(number):
    time.sleep(0.05)
"""
FILES: Final = ("test_faults.py", "test_pull.py", "test_other.py")


def test_a_worker_has_what_meets_and_the_other_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for name in FILES:
        (tmp_path / name).write_text(TESTS)
    argv = (sys.executable, "-m", "pytest", "-v", "-p", "xdist", "--rootdir", str(tmp_path), str(tmp_path))
    options = ("-p", "no:cacheprovider", "--numprocesses", "2", "--dist", "loadgroup", "--no-loadscope-reorder")
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # each plugin is loaded three times
    done = subprocess.run([*argv, *options], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    ran: dict[str, set[str]] = {}
    for worker, name in re.findall(r"\[(gw\d)\].* PASSED \S*?(test_\w+\.py)", done.stdout):
        ran.setdefault(name, set()).add(worker)
    assert ran["test_faults.py"] == ran["test_pull.py"]
    assert ran["test_other.py"] == {"gw0", "gw1"} - ran["test_pull.py"]


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/integration/test_try.py::test_a", "test_try.py"),
        ("tests/integration/test_try.py::test_a[apk]", "test_try.py"),
        ("tests/integration/test_proof.py::test_a[apk]", "test_proof.py apk"),
        ("tests/integration/test_proof.py::test_a", "test_proof.py"),
        ("tests/integration/test_pull.py::test_a[1.0]", "meeting"),
        ("tests/integration/test_fargate_rig.py::test_a", "fargate"),
    ],
)
def test_a_test_is_of_its_file_or_its_image_or_of_what_meets(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


@pytest.mark.parametrize(
    ("name", "lock"), [("test_pull.py", "meeting"), ("test_living.py", "test_living.py"), ("test_try.py", None)]
)
def test_files_with_names_of_their_own_on_the_engine_wait_for_another_run(name: str, lock: str | None) -> None:
    assert lock_of(f"tests/integration/{name}::test_a") == lock


def test_the_longest_begin_and_what_needs_no_engine_ends() -> None:
    long, short, unit = (
        f"tests/{name}::test_a" for name in ("integration/test_trial.py", "integration/test_a.py", "a.py")
    )
    assert sorted((unit, short, long), key=place_of) == [long, short, unit]


def test_the_files_that_are_named_are_there() -> None:
    folder = ROOT / "tests" / "integration"
    assert {name for name in (*MEETING, *FIXED_NAMES, *BY_IMAGE, *LONGEST) if not (folder / name).exists()} == set()


def test_every_file_of_tests_says_which_rooms_it_is_about() -> None:
    folder = ROOT / "tests"
    files = {
        f"{kind}/{path.name}"
        for kind in ("contract", "integration", "unit")
        for path in (folder / kind).glob("test_*.py")
    }
    assert files == set(ABOUT)
    assert {room for rooms in ABOUT.values() for room in rooms.split()} <= set(MAY_IMPORT)
    assert {path.name for path in (folder / "unit").iterdir() if path.is_dir()} - {"__pycache__", "fakes"} <= set(
        MAY_IMPORT
    )


def test_a_room_has_the_tests_of_its_folder_and_those_that_are_about_it() -> None:
    assert rooms_of("tests/unit/promote/formats/test_shell.py::test_a") == {"promote"}
    assert rooms_of("tests/integration/test_living.py::test_a[x]") == {"lifecycle", "commands"}
    assert rooms_of("tests/unit/test_docs.py::test_a") == frozenset()
