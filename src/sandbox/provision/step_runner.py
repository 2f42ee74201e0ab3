"""A plan's steps as commands in a running container."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.ahead import CommandAhead
from sandbox.container.box import ROOT
from sandbox.core.human import ago, size
from sandbox.core.programs import sh_argv
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import SandboxError, StepFailed, UnknownPackage
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.protocol import NOTHING, Failure
from sandbox.managers.registry import languages_among
from sandbox.managers.shortcuts import fetch_at_once_argv, ready_text, refresh_argv
from sandbox.provision.network import INSIDE
from sandbox.provision.step_errors import step_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.container.box import Outcome
    from sandbox.core.progress import StepReport
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager
    from sandbox.provision.index_use import IndexUse
    from sandbox.provision.site import InstallSite
    from sandbox.provision.steps import Step

AHEAD: Final = ("upgrade", "fetch", "install")
"""Steps whose command is opened while the index before it is fetched."""
INSTALLING: Final = ("install", "upgrade")
"""Steps that run scripts of packages."""
AFTER: Final = 'sh -c "$1" sh true; shift; exec "$@"'
"""Runs the preparation $1 and becomes the command after it."""
BRING: Final = 'file=$1; shift; cat >"$file" && exec "$@" </dev/null'
"""Writes standard input to the file $1 and becomes the command after it."""
IN_ONE: Final = 'exec "$@" 2>&1'
"""Becomes the command, with one stream for all that it says: of two, an engine may send the later line first.

pacman's line on a failed script then stood behind the name of the next package, once in four runs on a busy machine.
"""
LOOKED: Final = b"\0looked"
"""The end of a whole look of install_and_look.sh."""


def begin_nothing() -> None:
    """Begin nothing."""


class StepRunner:
    """Runs a plan's steps one by one, with the index, the certificates and the preparation that they need."""

    def __init__(self, site: InstallSite) -> None:
        self._site = site
        self._plan, self._index = site.plan, site.index
        self._ahead = CommandAhead(site.box)
        self._is_as_it_is = False
        """Whether the kept index is used as it is."""
        self._brings = True
        """Whether the next command brings the certificates."""
        self._unprepared = False
        """Whether the next command makes the image fit for the manager, since the index did not."""
        self._unsynced = site.manager.unsynced_environment if site.goes else NOTHING
        self.anew = ""
        """What to say where the kept index did not fit the mirror any more."""
        self.look: Argv = ()
        """The look that the command of the plan's last step is to bring, if that is an install; none if empty."""
        self._seen: bytearray | None = None
        self.notes: tuple[str, ...] = ()
        """What a sandbox that is like a host has otherwise than it."""

    def run(self, step: Step, report: StepReport, meanwhile: Callable[[], object]) -> StepFailed | None:
        """Run a step; once it has spoken it waits for the network, and something else may begin `meanwhile`.

        Return the script of a package that failed where the manager made nothing of that, and ended with 0.
        """
        if step.files:
            from sandbox.provision.local_packages import copy_in

            copy_in(self._site.box, step.files)
            report.note(size(sum(package.file.size for package in step.files)))
            return None
        if step.kind == "index" and self._index is not None:
            self._run_index(self._index, step, report, meanwhile)
            return None
        try:
            return self._run_command(step, report, meanwhile)
        except StepFailed as error:
            if not (self._index and self._index.may_explain(error)):
                raise
        return self._run_again(self._index, step, report)

    def _run_index(self, index: IndexUse, step: Step, report: StepReport, meanwhile: Callable[[], object]) -> None:
        """Bring the kept index into the sandbox; have the manager check one that is old, or fetch it."""
        if index.is_young():
            self._use_as_it_is()
            self._begin_next(step)
        if index.is_there():  # else it begins once the refresh has spoken, whose start it would hold up
            meanwhile()
        age = index.bring()
        if age is not None:
            report.title(f"kept here {ago(age)}")
        if index.is_used_as_it_is:
            self._use_as_it_is()
            return
        self._is_as_it_is = self._unprepared = False
        self._refresh(index, step, age, report, meanwhile)

    def _use_as_it_is(self) -> None:
        self._is_as_it_is, self._unprepared = True, bool(self._site.manager.prepare)

    def _refresh(
        self, index: IndexUse, step: Step, age: float | None, report: StepReport, meanwhile: Callable[[], object]
    ) -> None:
        """Have the manager check the kept index of that age, or fetch one, and keep what is new."""
        from sandbox.managers.data import UNCHANGED

        def begin_all() -> None:
            meanwhile()
            self._begin_next(step)
            if index.is_being_kept:
                index.begin()  # not before the command has started, which an engine has wait for what it reads

        fetched = time.time()
        index.is_being_kept = age is None and not index.is_refused
        argv = index.fetch_argv(step.argv, self._following(step)) if age is None else index.check_argv(step.argv)
        # beside the check of a signature, which takes several processes, the rest cost the refresh 0.1 s on two cores
        since = index.verified if age is None else ""
        outcome = self._outcome_of(step, report, begin_all, argv=argv, since=since)
        if age is not None:
            report.title(f"kept here {ago(age)}, and checked")
        if UNCHANGED in outcome.stdout.splitlines()[-1:]:
            index.renew(fetched)
            return
        index.is_being_kept = not index.is_refused
        if index.is_being_kept:
            index.begin_saving(fetched)

    def _begin_next(self, step: Step) -> None:
        """Open the command of the step behind the index, which waits for its turn."""
        self._begin_step(self._following(step))

    def drop(self) -> None:
        """End what was opened before its turn: behind a step that failed nobody takes it."""
        self._ahead.drop()
        if self._index is not None:
            self._index.note_end()

    def end(self) -> None:
        """Wait until the index is kept that is to be."""
        if self._index is not None:
            self._index.end()

    def begin(self) -> None:
        """Open the command of the first step, which waits for `run`."""
        self._begin_step(next(iter(self._plan.steps), None))

    def _begin_step(self, step: Step | None) -> None:
        if step is None or step.kind not in AHEAD:
            return
        if step.stdin is None and not (step.files or step.source):
            first = ready_text(self._plan.target.manager, SCRATCH) if self._fetches_at_once(step) else ""
            self._ahead.begin(self._exec_spec(self._whole_step(step)), first)

    def _following(self, step: Step) -> Step | None:
        """Return the step behind another one, None behind the last."""
        number = next(number for number, one in enumerate(self._plan.steps) if one is step)
        return next(iter(self._plan.steps[number + 1 : number + 2]), None)

    def _run_again(self, index: IndexUse, step: Step, report: StepReport) -> StepFailed | None:
        """Fetch the index anew and run a step once more, which may have failed since the kept index was too old."""
        report.now("package index")
        refresh = next(one for one in self._plan.steps if one.kind == "index")
        self._run_command(replace(refresh, argv=index.clear_argv(refresh.argv)), report, begin_nothing)
        index.forget()
        self._is_as_it_is = False
        self.anew = "; the package index was fetched anew"
        return self._run_command(step, report, begin_nothing)

    def _run_command(self, step: Step, report: StepReport, meanwhile: Callable[[], object]) -> StepFailed | None:
        """Run a step's command in the sandbox, as `run` does."""
        outcome = self._outcome_of(step, report, meanwhile)
        if step.kind == "host":
            self._tell(outcome.stdout)
        if step.kind not in INSTALLING:
            return None
        failure = Failure(argv=step.argv, status=outcome.status, output=outcome.output)
        return self._of(step).failed_script(failure, distro=self._plan.target.label)

    def _outcome_of(
        self,
        step: Step,
        report: StepReport,
        meanwhile: Callable[[], object],
        *,
        argv: Argv = (),
        since: str = "",
    ) -> Outcome:
        """Run a step's command in the sandbox, or another in its place; return how it ended. Raises StepFailed.

        `meanwhile` begins with the first line that has `since`, or else at the end.
        """

        def on_line(line: str) -> None:
            # The first look starts here: beside the start of the step it cost that a tenth of a second.
            if since in line:
                meanwhile()
            if self._index is not None and step.kind != "index":
                self._index.note_line()
            report.line(line)
            report.now(
                self._of(step).progress(line) or ""
                if step.kind in ("index", "host", "boot", "screen", "upgrade", "fetch", "install")
                else line
            )

        sent = self._whole_step(replace(step, argv=argv) if argv else step)
        if self._brings and self._site.network.bundle is not None and step.stdin is not None:
            self._site.box.exec(("sh", "-c", 'cat >"$1"', "sh", INSIDE), stdin=self._site.network.bundle)
        self._brings, self._unprepared = False, self._unprepared and step.kind == "index"
        if self._index is not None and self._index.is_being_kept and step.kind not in ("index", "fetch"):
            self._index.wait_before(step.argv)
        self._seen = bytearray() if self.has_look(step) else None
        ahead = self._ahead.take(self._exec_spec(sent)) if step.kind in AHEAD else None
        if ahead is not None and self._index is not None:
            self._index.give_turn()
        spec = self._exec_spec(sent)
        try:
            outcome = self._site.box.exec(
                sent.argv, env=spec.env, stdin=sent.stdin, on_line=on_line, ahead=ahead, aside=self._seen
            )
        finally:
            if self._index is not None:
                self._index.note_end(step.kind)
        if outcome.status:
            raise self._error_of(step, Failure(argv=step.argv, status=outcome.status, output=outcome.output))
        if since and since not in outcome.stdout:
            meanwhile()
        return outcome

    def _exec_spec(self, sent: Step) -> ExecSpec:
        """Return the command of a step as it is sent."""
        env = {**self._site.network.env, **sent.env, **self._unsynced}
        return ExecSpec(argv=sent.argv, env=env, user=ROOT, stdin=sent.stdin is not None)

    def _whole_step(self, step: Step) -> Step:
        """Return a step as it is sent to the sandbox: with what it has to bring and to wait for."""
        found = self._with_preparation(self._with_several_at_once(self._with_index(step)))
        if step.kind == "index":
            found = replace(found, argv=refresh_argv(self._plan.target.manager, found.argv))
        whole = self._with_certificates(found) if self._brings else found
        if step.kind not in INSTALLING:
            return whole
        if not self.has_look(step):
            return replace(whole, argv=("sh", "-c", IN_ONE, "sh", *whole.argv))
        return replace(whole, argv=sh_argv(__package__, "install_and_look.sh", shlex.join(self.look), *whole.argv))

    def has_look(self, step: Step) -> bool:
        """Return whether the command of a step brings the look."""
        return bool(self.look) and step.kind == "install" and step is self._plan.steps[-1]

    def look_output(self) -> bytes:
        """Return what the look printed that came with the last command, once; nothing where it was cut off."""
        seen, self._seen = bytes(self._seen or b""), None
        return seen.removesuffix(LOOKED) if seen.endswith(LOOKED) else b""

    def _with_index(self, step: Step) -> Step:
        """Return a step as it uses the kept index, or lets it be read before the code of any package runs."""
        if self._index is None or step.kind == "index":
            return step
        argv = step.argv if step.source else self._index.argv_with(step, as_it_is=self._is_as_it_is)
        if self._index.is_being_kept and step.kind != "fetch":
            argv = self._index.argv_behind_reading(argv)
        return replace(step, argv=argv)

    def _with_several_at_once(self, step: Step) -> Step:
        """Return a step that fetches packages as one that fetches several at once, if its manager needs help there."""
        if not self._fetches_at_once(step):
            return step
        name, goes = self._plan.target.manager, self._site.goes
        return replace(step, argv=fetch_at_once_argv(name, step.argv, SCRATCH, goes=goes))

    def _fetches_at_once(self, step: Step) -> bool:
        return not step.source and step.kind in AHEAD

    def _with_preparation(self, step: Step) -> Step:
        """Return a step as one that makes the image fit for the manager first, where the index did not."""
        if not self._unprepared or step.kind == "index":
            return step
        argv = ("sh", "-c", AFTER, "sh", f'{self._site.manager.prepare}\nexec "$@"', *step.argv)
        return replace(step, argv=argv)

    def _with_certificates(self, step: Step) -> Step:
        """Return the first step, extended to bring the host's certificates, since each command costs time."""
        if self._site.network.bundle is None or step.stdin is not None:
            return step
        argv = ("sh", "-c", BRING, "sh", INSIDE, *step.argv)
        return replace(step, argv=argv, stdin=self._site.network.bundle)

    def _tell(self, output: str) -> None:
        """Say which of a host's packages are not there as they are on it."""
        from sandbox.managers.host_state import host_notes

        self.notes = tuple(host_notes(output))
        for note in self.notes:
            self._site.reporter.warn(SandboxError(note))

    def _error_of(self, step: Step, failure: Failure) -> StepFailed:
        error = step_error(self._plan, self._of(step), step, failure)
        if not isinstance(error, UnknownPackage):
            return error
        from sandbox.managers.registry import queries_of
        from sandbox.provision.mending import Shelf, look_up, mend, with_alike

        target = self._plan.target
        shelf = Shelf(target, self._site.manager, queries_of(target.manager), self.ran)
        if step.source:
            asked, language = self._plan.of(step.source), languages_among([step.source])[0]
            return with_alike(look_up(error, asked, language, self.ran), asked, language, shelf)
        return mend(error, self._plan.of("") or self._plan.runtime, shelf)

    def ran(self, argv: Argv) -> Outcome:
        """Return how a command ended that is no step, with the manager's environment."""
        return self._site.box.exec(argv, env=self._site.manager_env)

    def _of(self, step: Step) -> Manager | LanguageManager:
        """Return the manager whose command the step is."""
        return next(iter(languages_among([step.source])), self._site.manager)
