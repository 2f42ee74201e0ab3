"""A trial as one POSIX sh script, for where there is no exec: the plan's steps, the checks, results as log lines."""

from __future__ import annotations

import base64
import gzip
import json
import shlex
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.programs import fill, program, template
from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.lifetimes import start_script
from sandbox.provision.network import HostNetwork
from sandbox.specs.model import RunCheck
from sandbox.trials.checks import command_for
from sandbox.trials.jobs.facts import SWARM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.engine.protocol import Argv
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Check
    from sandbox.trials.jobs.facts import Facts

WHOLE: Final = 200_000
"""Bytes of a stream that is compared with what a check expects; all of it has to be in the log."""
PART: Final = 16_000
"""Bytes of any other output that come into the log, the last ones."""
STEP: Final = "s"
"""What the names of steps begin with in a script."""
CHECK: Final = "c"
LIVE: Final = 3_500_000
"""Bytes of the log that a command's output may have, and its error stream as well: about 2.6 MB of each, in base64."""
WORK: Final = "/.sandbox-job"
"""A folder for outputs until they are said: on the disk, since what prints a lot may fill a tmpfs."""


STREAMS: Final = "exec >&3 2>&5 3>&- 5>&-\n"
"""What a command whose output comes as it runs begins with (live.sh)."""


class ScriptCommand(Struct, frozen=True, kw_only=True):
    """A command of a script: its name there, and how many bytes of its output and of its error stream are said."""

    name: str
    out: int = PART
    err: int = 0


class Script(Struct, frozen=True, kw_only=True):
    """A script's text, the mark that its lines begin with, its commands in order, and the seconds it may take."""

    text: str
    mark: str
    commands: tuple[ScriptCommand, ...]
    limit: int

    @property
    def argv(self) -> tuple[str, ...]:
        """What runs it."""
        return ("/bin/sh", "-c", program(__package__, "pid1.sh"), "sandbox", self.text, str(self.limit), self.mark)


def script_for(
    plan: Plan, *, env: Mapping[str, str], network: HostNetwork, mark: str, limit: int, facts: Facts = SWARM
) -> Script:
    """Return the script of a plan: `env` is that of its checks' commands; `mark` a word nobody else knows.

    The certificates that `network` speaks of have to be where it says that they are.

    Raise UsageError for one that is too long for a command line of a service with these facts.
    """
    checks = plan.spec.checks
    head = fill(template(__package__, "head.sh"), {"MARK": mark, "WORK": WORK, "PART": str(PART)})
    asking = [_check(number, check, env) for number, check in enumerate(checks, 1)]
    text = "".join([head, *_steps(plan, network), *asking, "over\n"])
    commands = (
        *(ScriptCommand(name=f"{STEP}{number}") for number in range(1, len(plan.steps) + 1)),
        *(_command(number, check) for number, check in enumerate(checks, 1)),
    )
    return Script(text=command_text(text, facts), mark=mark, commands=commands, limit=limit)


def command_script(
    plan: Plan, looks: Sequence[Argv], *, env: Mapping[str, str], mark: str, limit: int, facts: Facts
) -> Script:
    """Return the script that provisions a plan, looks at it, and runs its command, whose output comes as it runs.

    What each of `looks` prints is said under its number. Raise UsageError for one that is too long.
    """
    places = {"MARK": mark, "WORK": WORK, "PART": str(PART), "MOST": str(LIVE)}
    head, live = (fill(template(__package__, file), places) for file in ("head.sh", "live.sh"))
    name, command = f"{CHECK}1", plan.spec.command
    asking = [
        f"{_function(f'look{number}', argv, {}, '')}look look{number} {number}\n"
        for number, argv in enumerate(looks, 1)
    ]
    run = f"{_function(name, command, env, STREAMS)}live {name} </dev/null\n"
    text = "".join([head, live, *_steps(plan, HostNetwork()), *asking, run, "over\n"])
    steps = (ScriptCommand(name=f"{STEP}{number}") for number in range(1, len(plan.steps) + 1))
    commands = (*steps, ScriptCommand(name=name))
    return Script(text=command_text(text, facts), mark=mark, commands=commands, limit=limit)


def command_text(text: str, facts: Facts) -> str:
    """Return a script as a service's command line can carry it, compressed where it has to be. Raises UsageError."""
    most = facts.largest_command
    found = short_form(text) if facts.packs and size_of(text, facts) > most else text
    size = size_of(found, facts)
    if size <= most:
        return found
    details = [("it has", f"{size} bytes{', compressed' if facts.packs else ''}"), ("at most", f"{most} bytes")]
    message = "the files, setup and checks are together too long for a task's command line"
    raise UsageError(message, details=details, hints=[Advice.without("--on", facts.name)])


def size_of(text: str, facts: Facts) -> int:
    """Return the bytes that a text takes where the service counts them."""
    return len((json.dumps(text) if facts.is_json else text).encode())


def short_form(text: str) -> str:
    """Return a script that unpacks and runs this one; its image needs gzip, or it ends with status 127."""
    data = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    return f'text=$(printf %s {data} | base64 -d | gzip -dc) && [ -n "$text" ] || exit 127\neval "$text"\n'


def _steps(plan: Plan, network: HostNetwork) -> Iterator[str]:
    for number, step in enumerate(plan.steps, 1):
        name = f"{STEP}{number}"
        yield _function(name, step.argv, {**network.env, **step.env}, "exec 2>&1\n")
        source = "/dev/null"
        if step.stdin is not None:
            source = f"{WORK}/in"
            yield _write_command(source, step.stdin)
        yield f"step {name} <{source}\n"


def _check(number: int, check: Check, env: Mapping[str, str]) -> str:
    command, question = _command(number, check), command_for(check)
    own = env if isinstance(check, RunCheck) else {}
    call = f"attempt {command.name} {command.out} {command.err} </dev/null\n"
    return _function(command.name, question.argv, own, "") + call


def _command(number: int, check: Check) -> ScriptCommand:
    out, err = (check.stdout, check.stderr) if isinstance(check, RunCheck) else (None, None)
    return ScriptCommand(name=f"{CHECK}{number}", out=WHOLE if out else PART, err=WHOLE if err else PART)


def _function(name: str, argv: tuple[str, ...], env: Mapping[str, str], first: str) -> str:
    """Return a function that becomes the command, in a shell of its own."""
    return f"{name}() (\n{first}{start_script(argv, env)})\n"


def _write_command(path: str, content: bytes) -> str:
    return f"printf %s {shlex.quote(base64.b64encode(content).decode())} | base64 -d >{shlex.quote(path)}\n"
