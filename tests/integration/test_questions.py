"""What inspect asks while it reads the files must not be seen in them: managers have short-lived files too."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from tests.integration.boxes import FAMILIES, Family, FamilyBox, box_of, cases
from tests.matrix import rows

from sandbox.container.processes import running_processes
from sandbox.container.shell import DEFAULT_PATH
from sandbox.container.survey import survey
from sandbox.core.tasks import Background
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.inspect.queries import ManagerQueries
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of, queries_of
from sandbox.managers.shortcuts import hold_installed_argv, mark_argv
from sandbox.managers.state_paths import state_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Exec, ExecSpec

APTS: Final = tuple(
    Family(manager="apt", image=f"sandbox-lab/apt-{release}") for release in ("bullseye", "bookworm", "trixie", "sid")
)
PACKAGE: Final = "lab-trap"
ENGINES: Final = frozenset(("/", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"))
"""What an engine writes anew where it looks into a running container; Docker 26.1 touches the folder of all, too."""
WRITTEN: Final = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev \\) -prune -o -newer /dev/shm/mark -print"
"""A file that came and went is seen in its folder's time."""


@pytest.fixture(params=cases(FAMILIES), ids=lambda family: family.manager)
def box(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[FamilyBox]:
    with box_of(engine, request.param) as found:
        yield found


def test_what_is_asked_while_files_are_read_writes_nothing_but_the_managers_books(box: FamilyBox) -> None:
    manager, queries = manager_of(box.family.manager), queries_of(box.family.manager)
    box.provide(PACKAGE, before=True)
    box.provide(PACKAGE, before=False)
    box.sh("touch /dev/shm/mark; sleep 0.05")
    refs = [PackageRef(name=f"{box.family.prefix}{PACKAGE}")]
    survey(box.at, manager, path=DEFAULT_PATH, files=manager.files(refs))
    running_processes(box.at)
    for query in (manager.files(refs), queries.facts([refs[0].name]), queries.owner("/etc/passwd")):
        if query is not None:
            box.at.exec(query.argv, env=manager.environment)
    written = {
        path for path in box.sh(WRITTEN).splitlines() if path not in PathPrefixes(state_paths(box.family.manager))
    }
    assert written <= ENGINES


class Watching:
    """An engine that notes what is asked of the sandbox while its files are read."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine
        self._reading = threading.Lock()
        self.readings = 0
        self.meanwhile: list[tuple[str, ...]] = []
        self._open = list[tuple[str, ...]]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def export(self, container: str) -> Iterator[bytes]:
        with self._reading:
            self.readings += 1
            self.meanwhile += self._open
            yield from self._engine.export(container)

    def open(self, container: str, spec: ExecSpec) -> Noted:
        if self._reading.locked():
            self.meanwhile.append(spec.argv)
        self._open.append(spec.argv)
        return Noted(self._engine.open(container, spec), lambda: self._open.remove(spec.argv))


class Noted:
    """A command whose end is noted."""

    def __init__(self, process: Exec, at_end: Callable[[], None]) -> None:
        self._process = process
        self._at_end = at_end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    def status(self) -> int:
        self._at_end()
        return self._process.status()


def test_what_would_come_is_not_asked_for_while_files_are_read(box: FamilyBox) -> None:
    question = queries_of(box.family.manager).simulate_recommends(box.plan("lab-tool").of(""))
    seen = Watching(box.engine)
    found = FamilyBox(cast("DockerEngine", seen), box.at.id, box.family).inspect("lab-tool")
    assert found.footprint.recommended is not None
    assert seen.readings == 3
    assert question.argv not in seen.meanwhile


ONE_APT: Final = rows(APTS, lambda row: row.image.endswith("bookworm"))


@pytest.mark.parametrize("family", ONE_APT, ids=lambda family: family.image.rpartition("-")[2])
def test_a_held_install_unpacks_nothing_before_the_question_is_answered(engine: DockerEngine, family: Family) -> None:
    mark = "/dev/shm/mark"
    manager = manager_of("apt")
    with box_of(engine, family) as box:
        box.provide(PACKAGE, before=True)
        (install,) = (step.argv for step in box.plan("lab-tool").steps if step.kind == "install")
        argv = hold_installed_argv("apt", install, mark)
        assert argv is not None
        began = time.monotonic()
        slow = mark_argv(("sh", "-c", "sleep 3; dpkg-query -W lab-tool lab-lib"), mark)
        asked = Background(lambda: box.at.exec(slow))
        done = box.at.exec(argv, env=manager.environment)
        assert (done.status, time.monotonic() - began > 3) == (0, True)
        assert (asked.result().status, asked.result().stdout) == (1, "")
        assert "lab-tool" in box.sh("dpkg-query -W lab-tool")


def test_a_question_whose_asker_is_killed_does_not_hold_the_install_any_longer(engine: DockerEngine) -> None:
    mark, killer = "/dev/shm/mark", "/tmp/killer"
    with box_of(engine, APTS[0]) as box:
        box.provide(PACKAGE, before=True)
        box.sh(
            f"mkdir {killer} && printf '#!/bin/sh\\nkill -9 $PPID\\n' >{killer}/apt-get && chmod +x {killer}/apt-get"
        )
        env = {"PATH": f"{killer}:{DEFAULT_PATH}"}
        asking = ManagerQueries(box.site("lab-tool"), env=env, admit=lambda _: None)
        assert asking.simulate_recommends((), mark) is None
        assert box.sh(f"ls {mark}").strip() == mark
