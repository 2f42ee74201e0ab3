"""scripts/base, which a new user's first `make try` runs: what it says and does where no registry is reached."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(sandbox.__file__).parent
FAKE = """\
from sandbox.errors import PullFailed, UsageError
def ensure(*, distro):
    {}
"""
REACHED = "pass"
UNREACHED = (
    'raise PullFailed("could not pull debian:12: the registry can\'t be reached", details=[("engine said", "x")])'
)
UNKNOWN = 'raise UsageError("unknown distro")'
INTERRUPTED = "raise KeyboardInterrupt"
BUILT = "packages mmdebstrap\nsandbox base build debian:12\n"


def project(folder: Path, ensure: str, programs: tuple[str, ...]) -> Path:
    """Return a project whose `base ensure` does that, with no other programs on its PATH than these and a shell's."""
    for name in ("scripts", ".venv/bin", "path", "fake/sandbox/cli"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/base", folder / "scripts/base")
    for name in ("sh", "dirname", "cat"):
        (folder / "path" / name).symlink_to(shutil.which(name) or name)
    run = f'#!/bin/sh\nPYTHONPATH={folder}/fake exec {sys.executable} "$@"\n'
    own = {"scripts/packages": '#!/bin/sh\necho packages "$@"\n', ".venv/bin/sandbox": '#!/bin/sh\necho sandbox "$@"\n'}
    own |= {f"path/{name}": "#!/bin/sh\n" for name in programs} | {".venv/bin/python": run}
    for name, text in own.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "fake/sandbox/__init__.py").write_text(f"__path__.append({str(REAL)!r})\n")
    (folder / "fake/sandbox/cli/__init__.py").write_text("")
    (folder / "fake/sandbox/cli/base.py").write_text(FAKE.format(ensure))
    return folder


def run_base(folder: Path) -> tuple[int, str, str]:
    argv = [str(folder / "scripts/base"), "debian:12"]
    done = subprocess.run(argv, env={"PATH": str(folder / "path")}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_registry_that_is_not_reached_is_no_error_where_the_base_can_be_built(tmp_path: Path) -> None:
    status, out, err = run_base(project(tmp_path, UNREACHED, ()))
    assert (status, out) == (0, BUILT)
    assert err == (
        "base: could not pull debian:12: the registry can't be reached; "
        "building it from the distro's packages instead\n"
    )


@pytest.mark.parametrize(
    ("ensure", "programs", "expected"),
    [
        (REACHED, (), (0, "", "")),
        (INTERRUPTED, (), (130, "", "")),
        (UNKNOWN, (), (0, "sandbox base ensure debian:12\n", "")),
        (UNREACHED, ("mmdebstrap",), (0, "sandbox base ensure debian:12\n", "")),
    ],
    ids=["pulled", "interrupted", "another error", "with the builder"],
)
def test_all_else_is_the_programs_own_word(
    tmp_path: Path, ensure: str, programs: tuple[str, ...], expected: tuple[int, str, str]
) -> None:
    assert run_base(project(tmp_path, ensure, programs)) == expected
