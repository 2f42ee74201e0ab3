"""kill -9 of the client at any moment of a session."""

from __future__ import annotations

import contextlib
import io
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.integration.engine_proxy import ATTACH, COMMIT, CREATE, EXEC, FIND, LOOK, PULL, REMOVE, START
from tests.storm.stage import PACKAGES, Row, Stage, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.integration.engine_proxy import EngineProxy

SOON: Final = 2.0
"""Seconds in which a container whose client was killed has to be gone, where nothing else keeps the machine busy."""
HOLD_LIMIT: Final = 60.0
SHORT: Final = 1.2
"""Seconds that a session without packages takes, about."""
LONG: Final = 4.0
"""Seconds that one with a package takes to its shell, about."""

SHELL: Final = ("--", "sleep", "600")
VOLUMES: Final = f"sandbox-storm/volumes-{os.getpid()}:latest"
"""An image that wants an anonymous volume of every container; other storms may be on the same engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When: at a request (`before`) or at its answer (`behind`), else up to `within` seconds after the start."""

    name: str
    words: tuple[str, ...]
    before: str = ""
    behind: str = ""
    within: float = 0.03

    def arm(self, proxy: EngineProxy) -> bool:
        """Let the proxy hold what this moment waits for; False where it waits for nothing but time."""
        if self.before:
            proxy.hold(self.before)
        if self.behind:
            proxy.hold_answer(self.behind)
        return bool(self.before or self.behind)


BARE: Final = ("try", "--image", VOLUMES, "-q")
WINDOW: Final = (
    Moment(name="create", words=(*BARE, *SHELL), behind=CREATE),
    Moment(name="create", words=(*BARE, "--keep", *SHELL), behind=CREATE),
    Moment(name="attach", words=(*BARE, *SHELL), before=ATTACH),
    Moment(name="attach", words=(*BARE, "--detach", *SHELL), behind=ATTACH),
    Moment(name="start", words=(*BARE, *SHELL), before=START),
    Moment(name="start", words=(*BARE, "--keep", *SHELL), before=START),
)
"""Between the creation and the start: what is there then has no lifeline yet."""
ELSEWHERE: Final = (
    Moment(name="find engine", words=(*BARE, *SHELL), before=FIND),
    Moment(name="find base", words=(*BARE, *SHELL), before=LOOK),
    Moment(name="pull", words=("try", "--distro", "ubuntu:jammy", "-q", *SHELL), before=PULL),
    Moment(name="start answered", words=(*BARE, *SHELL), behind=START),
    Moment(name="half made, to keep", words=(*BARE, "--keep", "--setup", "sleep 600"), before=EXEC),
    Moment(name="exec", words=(*BARE, *SHELL), behind=EXEC),
    Moment(name="saving", words=("try", *PACKAGES, "-q", "--cache", *SHELL), before=COMMIT),
    Moment(name="saved", words=("try", *PACKAGES, "-q", "--cache", *SHELL), behind=COMMIT),
    Moment(name="shell", words=(*BARE, *SHELL), within=2 * SHORT),
    Moment(name="cleanup", words=(*BARE, "--", "true"), before=REMOVE),
    Moment(name="cleanup", words=(*BARE, "--", "true"), behind=REMOVE),
)
TIMED: Final = (
    Moment(name="any, short", words=(*BARE, *SHELL), within=SHORT),
    Moment(name="any, install", words=("try", *PACKAGES, "-q", *SHELL), within=LONG),
    Moment(name="any, install", words=("try", *PACKAGES, "-q", *SHELL), within=LONG),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What one kill met: `started` containers after the limit, how many are left for the sweep.

    `unborn`: it was killed while one of them was created and not started."""

    pid: int
    moment: str
    started: tuple[str, ...]
    left: int
    unborn: bool
    volumes: tuple[str, ...]
    gone_after: float


@contextlib.contextmanager
def image_with_volume(stage: Stage) -> Iterator[None]:
    """Have an image whose containers get an anonymous volume."""
    text = f"FROM {stage.base}\nVOLUME /data\n"
    stage.client.images.build(fileobj=io.BytesIO(text.encode()), rm=True, tag=VOLUMES)
    try:
        yield
    finally:
        stage.client.images.remove(VOLUMES, force=True)


def kills(stage: Stage, count: int, *, limit: float = SOON) -> tuple[Row, ...]:
    """Kill `count` clients, a third of them between the creation and the start of their container.

    What was started has to be gone after `limit` seconds.
    """
    moments = [_nth((WINDOW, ELSEWHERE, TIMED)[number % 3], number // 3) for number in range(count)]
    with image_with_volume(stage):
        done = stage.spread(
            lambda pair: _kill(stage, f"kill-{pair[0] % 16}-{pair[0]}", pair[1], limit), enumerate(moments)
        )
        nameless = len(stage.nameless(one.pid for one in done))
        stage.program("sweep").run("clean")
        return _row(done), _swept_row(stage, done, nameless)


def _nth(moments: tuple[Moment, ...], number: int) -> Moment:
    return moments[number % len(moments)]


def _kill(stage: Stage, name: str, moment: Moment, limit: float) -> Killed:
    with stage.proxy(name) as proxy:
        is_held = moment.arm(proxy)
        process = stage.program(name, url=proxy.url).start(*moment.words)
        if is_held:
            until(lambda: proxy.held.is_set() or process.poll() is not None, HOLD_LIMIT, 0.005)
        # before the kill: another session's sweep may take what is left right after it
        unborn = moment in WINDOW and until(lambda: _has_unborn(stage.owned(process.pid)), HOLD_LIMIT)
        time.sleep(stage.chance.uniform(0, moment.within))
        _end(process)
        start = time.monotonic()
        unborn = unborn or _has_unborn(stage.owned(process.pid))
        until(lambda: not _started(stage.owned(process.pid)), limit, 0.1)
        gone_after = time.monotonic() - start
        time.sleep(max(0.0, SOON - gone_after))  # one may yet appear, whose creation the engine had begun
        until(lambda: not _started(stage.owned(process.pid)), limit - SOON, 0.1)
        left = stage.owned(process.pid)
    return Killed(
        pid=process.pid,
        moment=moment.name,
        started=tuple(f"{row['Names']} {row['Status']}" for row in _started(left)),
        left=len(left) - len(_started(left)),
        unborn=unborn,
        volumes=tuple(mount["Name"] for row in left for mount in row.get("Mounts", ()) if mount["Type"] == "volume"),
        gone_after=gone_after,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _has_unborn(rows: list[Any]) -> bool:
    return any(row["State"] == "created" for row in rows)


def _started(rows: list[Any]) -> list[Any]:
    """Return those in which anything runs; one to keep that was half made ends, and is for the sweep."""
    return [row for row in rows if row["State"] not in ("created", "exited", "dead", "removing")]


def _row(done: list[Killed]) -> Row:
    hit = sum(one.unborn for one in done)
    failures = [f"killed at {one.moment}: {one.started} is there" for one in done if one.started]
    failures += [f"only {hit} of {len(done)} hit the window between create and start"] if hit < len(done) // 3 else []
    return Row(
        storm="kill -9 of the client at any moment",
        count=len(done),
        reached=f"2 s later nothing that was started; {hit} hit the window between create and start",
        timed="until it was gone",
        worst=max((one.gone_after for one in done), default=0.0),
        failures=tuple(failures),
    )


def _swept_row(stage: Stage, done: list[Killed], nameless: int) -> Row:
    pids = {one.pid for one in done}
    volumes = {row["Name"] for row in stage.client.api.volumes().get("Volumes") or ()}
    wanted = {name for one in done for name in one.volumes}
    left = [f"container {row['Names']} {row['Status']}" for pid in pids for row in stage.owned(pid)]
    left += [f"image {ident}" for ident in stage.images(pids)]
    left += [f"nameless image of a cache {ident}" for ident in stage.nameless(pids)]
    left += [f"volume {name}" for name in wanted & volumes]
    return Row(
        storm="what those kills left, after the next command",
        count=sum(one.left for one in done) + len(wanted) + nameless,
        reached=f"no container, image or volume of theirs, nor the {nameless} caches that had lost their name",
        failures=tuple(left),
    )
