"""Many sessions at once with sweeps against them, and what crashes of other versions left."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from tests.integration.running import LONG, wait_for_text
from tests.storm.stage import Row, Stage

from sandbox.engine import labels
from sandbox.lifecycle.owner import current_owner

if TYPE_CHECKING:
    import subprocess

SWEEP_LIMIT: Final = 10.0
"""Seconds that `sandbox clean` may take, where nothing else keeps the machine busy."""
DEAD: Final = "1:1:"
"""A pid with a start time that it does not have: an owner that is gone."""
STRANGERS: Final = ({labels.HOST: "another-host"}, {labels.USER: "4242"})
WORDS: Final = ("try", "--distro", "debian", "-q", "--", "sh", "-c", "echo here; read x; echo $(hostname) $x; exit 7")


def crowd(stage: Stage, count: int) -> tuple[Row, ...]:
    """Have `count` sessions open at once, two of each spec, sweep against them, and let each end as it would alone."""
    start = time.monotonic()
    programs = [stage.program(f"crowd-{number // 2}") for number in range(count)]
    sessions = [program.start(*WORDS) for program in programs]
    failures = []
    for number, session in enumerate(sessions):
        try:
            wait_for_text(session, b"here\n")
        except AssertionError:
            failures.append(f"session {number}: {session.communicate()}")
    took = time.monotonic() - start
    names = {row["Names"][0] for session in sessions for row in stage.owned(session.pid) if row["State"] == "running"}
    failures += [f"{len(names)} names of {count} sessions"] if len(names) != count else []
    for _ in range(3):
        swept = stage.program("sweep").run("clean")
        failures += [f"the sweep took {name}" for name in names if name[1:] in swept.stdout.decode()]
    failures += [text for number, session in enumerate(sessions) if (text := _ending(number, session))]
    failures += [f"left {row['Names']}" for session in sessions for row in stage.owned(session.pid)]
    return (
        Row(
            storm="sessions at once, two of each spec, sweeps against them",
            count=count,
            reached="each has its name, its input and its status; none left",
            timed="until all were open",
            worst=took,
            failures=tuple(failures),
        ),
    )


def _ending(number: int, session: subprocess.Popen[bytes]) -> str:
    out, err = session.communicate(f"word-{number}\n".encode(), timeout=LONG)
    is_its = re.fullmatch(rf"[a-z-]+ word-{number}\n".encode(), out)
    return "" if is_its and session.returncode == 7 else f"session {number}: {session.returncode} {out!r} {err!r}"


def leftovers(stage: Stage, count: int, *, limit: float = SWEEP_LIMIT) -> tuple[Row, ...]:
    """Make `count` containers as crashes of another version leave them; sweep, within `limit` seconds; others' stay."""
    owner = current_owner()
    ours = labels.session_labels(owner, session="storm", name="storm", version="0.0.1-other")
    ours[labels.OWNER] = f"{DEAD}{owner.pid_namespace}"
    del ours[labels.VERSION]  # a version that knew no such label
    made = stage.spread(lambda _: _created(stage, ours), range(count))
    theirs = [_created(stage, {**ours, **stranger}) for stranger in STRANGERS for _ in range(3)]
    start = time.monotonic()
    done = stage.program("sweep").run("clean")
    took = time.monotonic() - start
    known = {row["Id"] for row in stage.client.api.containers(all=True, filters={"label": labels.SESSION})}
    failures = [f"left {ident[:12]}" for ident in made if ident in known]
    failures += [f"{ident[:12]} of a stranger is gone" for ident in theirs if ident not in known]
    failures += [f"it took {took:.1f} s"] if took > limit else []
    failures += [f"clean ended with {done.returncode}: {done.stderr!r}"] if done.returncode else []
    for ident in {*made, *theirs} & known:
        stage.client.api.remove_container(ident, force=True)
    return (
        Row(
            storm="leftovers of other versions, beside another host's and user's",
            count=count,
            reached="swept at once; the strangers' untouched",
            timed="for sandbox clean",
            worst=took,
            failures=tuple(failures),
        ),
    )


def _created(stage: Stage, owned: dict[str, str]) -> str:
    return str(stage.client.api.create_container(stage.base, "true", labels=owned)["Id"])
