"""Why a step of a plan failed, from the output of its manager."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, StepFailed
from sandbox.managers.registry import manager_of
from sandbox.managers.script_failures import ANSWERS, BOOT

if TYPE_CHECKING:
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Failure, Manager
    from sandbox.provision.plan import Plan
    from sandbox.provision.steps import Step

EVIDENCE: Final = 8
"""Lines of a failed command's output to show."""


def step_error(plan: Plan, manager: Manager | LanguageManager, step: Step, failure: Failure) -> StepFailed:
    """Return the manager's own explanation, or the command and its last words."""
    if step.kind not in ("file", "setup", "repository", "answer", "before", "question"):
        packages = plan.of(step.source) or plan.runtime
        known = manager.explain(failure, packages, distro=plan.target.label)
        if known is not None:
            if known.cause == "mirror":
                _date_index(known, plan)
            if known.cause == "script":
                known.hints = _hints_of_script(known, plan, step)
            if plan.spec.repositories:
                from sandbox.provision.repository_errors import of_repository

                return of_repository(known, plan.spec.repositories, failure.output)
            return known
    last = failure.output.splitlines()[-EVIDENCE:]
    if step.kind in ("repository", "answer", "question") and last:  # our own programs: they say what is wrong
        key = "repositories" if step.kind == "repository" else "answers"
        return StepFailed(
            plain_line(last[-1], 300),
            details=[("of", plain_line(step.title, 200))],
            hints=[Advice.sandbox("schema", "--doc", key)],
        )
    return StepFailed(
        f"{step.kind} failed with exit status {failure.status}: {plain_line(step.title, 60)}",
        details=[("ran", plain_line(shlex.join(step.argv), 200)), ("it said", "\n".join(last))],
        hints=[Advice.again("-v", after=" shows everything")],
    )


def _date_index(error: StepFailed, plan: Plan) -> None:
    """Say of which run the index is that names what its mirror has not, and what helps then.

    A kept index that was used as it is has been fetched anew by the time that anybody reads this.
    """
    from sandbox.managers.error_patterns import AGAIN_LATER, OLD_INDEX

    if OLD_INDEX not in error.hints:
        return
    is_new = any(step.kind == "index" for step in plan.steps)
    error.details = (
        *error.details,
        ("the index", "was fetched or checked in this run" if is_new else "is of an earlier run"),
    )
    if is_new:
        error.hints = tuple(AGAIN_LATER if hint == OLD_INDEX else hint for hint in error.hints)


def _hints_of_script(error: StepFailed, plan: Plan, step: Step) -> tuple[Advice, ...]:
    """Return what to do about a script that failed: the hints that fit this run, and how to see what it left."""
    from sandbox.provision.boot_steps import FAMILIES

    of_debian = plan.target.manager in FAMILIES
    fitting = [hint for hint in error.hints if hint not in (BOOT, ANSWERS) or of_debian]
    hints = tuple(hint for hint in fitting if not (hint == BOOT and plan.spec.boot))
    if step.source or not plan.packages:
        return hints
    manager = manager_of(plan.target.manager)
    commands = [manager.refresh(), manager.install(plan.of("") or plan.runtime)]
    setup = " && ".join(shlex.join(argv) for argv in commands if argv[0] != "sh")
    words = ("--distro", plan.target.option, "--setup", f"{setup} || true")
    return (*hints, Advice.sandbox("try", *words, after=" opens a shell all the same"))
