"""From a running container to one with the plan's packages, and what is then known of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.container.ahead import CommandAhead
from sandbox.container.diff import added_packages
from sandbox.container.languages import language_packages, language_stamps, languages_with, packages_of
from sandbox.container.survey import Survey, new_names, survey, survey_argv, survey_spec, whole_survey
from sandbox.core.human import count, name_distance, names, size
from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Deferred
from sandbox.errors import Advice, SandboxError, StepFailed
from sandbox.provision.network import INSIDE
from sandbox.provision.step_errors import EVIDENCE
from sandbox.provision.step_runner import StepRunner
from sandbox.provision.steps import kinds_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.core.progress import StepReport
    from sandbox.engine.protocol import FileStamp
    from sandbox.errors import Row
    from sandbox.managers.protocol import Argv, Found, Package, Query
    from sandbox.provision.site import InstallSite
    from sandbox.provision.steps import Step

FEW: Final = 2
"""Most packages to name in a step's single line."""
FEW_DONE: Final = 8
"""Packages that are listed by name where a step failed, and they are there all the same."""
UNCHANGING: Final = (*(kind for kind in kinds_before("fetch") if kind != "upgrade"), "docs", "question")
"""Steps that change no packages and commands, so that these can be read at the same time; or only the base."""
BASE: Final = ("before", "host", "boot", "screen")
"""Steps whose packages are part of the base: nothing is read until the last of these has run."""


class Provisioned(Struct, frozen=True, kw_only=True):
    """What a sandbox holds when it is handed to the user.

    `asked`: the packages asked for, with the versions that came. `came`: the names of all of the distro's that came.
    `explicit`: the names that the managers count as asked for. `stamps`: of the managers' databases, to see later
    whether anything was installed. `present`: the versions of all of the distro's by name.
    `languages`: those whose packages can be installed by hand. `survey`: the last look.
    `failed`: scripts of packages that failed, of which their manager made nothing.
    """

    asked: tuple[Package, ...] = ()
    dependencies: int = 0
    size: int = 0
    commands: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    explicit: frozenset[str] = frozenset()
    stamps: Mapping[str, FileStamp | None] = field(default_factory=dict)
    present: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    survey: Survey | None = None
    failed: tuple[StepFailed, ...] = ()


class _Calls(Struct, frozen=True, kw_only=True):
    """The callbacks of a run, the PATH for finding commands, and from which step on the base is what it is."""

    path: str
    after_fetch: Callable[[], object]
    after_steps: Callable[[], object]
    beside_steps: Callable[[], object]
    beside_last: Callable[[], object]
    on_look: Callable[[Survey], None]
    base: int = 0


class _Installs(Struct, frozen=True, kw_only=True):
    """What the installs so far added, the last reading, and the commands of packages."""

    result: Provisioned = Provisioned()
    last: Survey | None = None
    owned: frozenset[str] = frozenset()


class Provisioning:
    """Runs the steps of one plan in one container."""

    def __init__(self, site: InstallSite) -> None:
        self._site = site
        self._plan = site.plan
        self._runner = StepRunner(site)
        self._look_ahead = CommandAhead(site.box)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a sandbox that is like a host has otherwise than it."""
        return self._runner.notes

    def begin(self, path: str) -> None:
        """Open the command of the first step, which waits for a `run` that `looks_at_once` with the same PATH."""
        self._runner.look = self._last_look_argv(path)
        self._runner.begin()

    def run(
        self,
        *,
        path: str,
        after_fetch: Callable[[], object] = lambda: None,
        after_steps: Callable[[], object] = lambda: None,
        beside_steps: Callable[[], object] = lambda: None,
        beside_last: Callable[[], object] = lambda: None,
        on_look: Callable[[Survey], None] = lambda _: None,
        known: Survey | None = None,
        share: Callable[[Callable[[], Survey]], Survey] = lambda read: read(),
        is_all: bool = True,
        may_break: bool = False,
        looks_at_once: bool = False,
    ) -> Provisioned:
        """Run every step and return what is there; `after_fetch` is called before any package's own script has run.

        `after_steps` is called where only looks follow, `beside_steps`, perhaps more than once, while a step runs that
        leaves time for it, and `beside_last` as well while an install runs that is the last. `on_look` gets what is
        there before and after an install; `known` is what was there before, where it is known already; `share` reads
        it, or has it of a sandbox of the same base. The host's certificates stay where steps are to follow, and this is
        not `is_all`. A plan's lock is held to, else CheckFailed is raised: before an install for what is there and was
        downloaded, behind it for what came. Raises StepFailed where the sandbox can run nothing any more, unless it
        `may_break`. `looks_at_once`: the last look comes with the command of the last install, and not by one of its
        own that is opened beside that: 0.045 s of a processor less, and no wait for the engine between the two.
        """
        if looks_at_once:
            self._runner.look = self._last_look_argv(path)
        steps, first = self._plan.steps, Deferred(lambda: known or share(lambda: self._survey(path)))
        base = max((number for number, step in enumerate(steps, 1) if step.kind in BASE), default=0)
        calls = _Calls(
            path=path,
            after_fetch=after_fetch,
            after_steps=after_steps,
            beside_steps=beside_steps,
            beside_last=beside_last,
            on_look=on_look,
            base=base,
        )
        done = _Installs()
        try:
            for number in range(len(steps)):
                done = self._do(number, done, first, calls)
            last = done.last
            if last is None or steps[-1].kind != "install":
                is_known = not steps or (not is_all and all(step.kind in UNCHANGING for step in steps))
                last = first.result() if is_known else self._survey(path, last=is_all)
        finally:
            self._look_ahead.drop()
            self._runner.drop()
        if not may_break and any(step.kind not in UNCHANGING for step in steps):
            self._stand(first.result(), last)
        if is_all:
            self._runner.end()
        return self._as_baseline(done.result, last)

    def _do(self, number: int, done: _Installs, first: Deferred[Survey], calls: _Calls) -> _Installs:
        """Run one step, and return what is known behind it; what may change anything waits for the `first` look."""
        step, is_last = self._plan.steps[number], number == len(self._plan.steps) - 1
        if step.kind not in UNCHANGING:
            first.result()
        with self._site.reporter.step(step.kind, plain_line(step.title, 42)) as report:
            had = self._look_before(step, first, calls)
            try:
                failed = self._runner.run(step, report, self._meanwhile(number, first, calls))
            except StepFailed as error:
                if step.kind not in UNCHANGING:
                    error.details = (*error.details, *self._remnants(step, had, done.last or first.result(), calls))
                raise
            if is_last:
                calls.after_steps()
            if step.kind == "install":
                done = self._look_behind(step, report, had, done, first.result(), calls=calls)
        if failed is not None:
            self._site.reporter.warn(failed)
            done = replace(done, result=replace(done.result, failed=(*done.result.failed, failed)))
        if step.kind == "fetch":
            calls.after_fetch()
        return done

    def _meanwhile(self, number: int, first: Deferred[Survey], calls: _Calls) -> Callable[[], object]:
        """Return what begins once a step has spoken: the look before all changes, or else the one behind them."""
        if number < calls.base:
            return calls.beside_steps
        is_last = self._plan.steps[number].kind == "install" and number == len(self._plan.steps) - 1

        def begin() -> None:
            if is_last:
                self._begin_last(calls)
            else:
                first.begin()
            calls.beside_steps()

        return begin

    def _remnants(self, step: Step, had: tuple[Package, ...], before: Survey, calls: _Calls) -> tuple[Row, ...]:
        """Return what a step that failed did all the same, as the list of packages shows it."""
        try:
            if step.source:
                was, now = had, packages_of(self._site.box, step.source)
            else:
                was, now = (
                    before.probe.packages,
                    survey(self._site.box, self._site.manager, path=calls.path).probe.packages,
                )
        except SandboxError:
            return ()
        came, gone = added_packages(was, now), added_packages(now, was)
        kept = {package.full_name for package in now}
        parts = {
            "installed": [plain_line(f"{package.full_name} {package.version}") for package in came],
            "removed": [package.full_name for package in gone if package.full_name not in kept],
        }
        told = [f"{verb} all the same: {names(tuple(found), FEW_DONE)}" for verb, found in parts.items() if found]
        return tuple(("half done", text) for text in told)

    def _look_before(self, step: Step, first: Deferred[Survey], calls: _Calls) -> tuple[Package, ...]:
        """Return a language's packages before its install. Raises CheckFailed if they differ from the lock."""
        if step.kind != "install":
            return ()
        if not step.source:
            calls.on_look(first.result())
        self._hold(step, first.result())
        return packages_of(self._site.box, step.source)

    def _look_behind(
        self,
        step: Step,
        report: StepReport,
        had: tuple[Package, ...],
        done: _Installs,
        first: Survey,
        *,
        calls: _Calls,
    ) -> _Installs:
        """Report what an install added, and return it together with earlier installs."""
        before, last = (
            done.last or first,
            self._look_of_install() or self._survey(calls.path, last=step is self._plan.steps[-1]),
        )
        calls.on_look(last)
        self._hold(step, before, last)
        came = self._came(step, had, before, last)
        report.title(self._title(step, came))
        report.note(f"{size(came.size)} on disk{self._runner.anew}")
        owned = done.owned.union(last.owned, came.commands if step.source else ())
        return _Installs(result=self._with(done.result, came, owned), last=last, owned=owned)

    def _stand(self, first: Survey, last: Survey) -> None:
        """Raise StepFailed if the packages removed or broke what a user's command needs."""
        command = next(iter(self._plan.spec.command), "")
        is_gone = bool(command) and "/" not in command and command in first.commands - last.commands
        if last.is_whole and not is_gone:
            return
        if not is_gone and not first.is_whole:
            return  # the base did not have the programs to check it
        whose = names(tuple(ref.full_name for ref in self._plan.packages), FEW) or "the installation"
        what = f"{command} no longer exists in it" if last.is_whole else "its shell no longer works"
        asked = " ".join(ref.full_name for ref in self._plan.packages)
        hints = [Advice.sandbox("inspect", *asked.split(), "-d", self._plan.target.option)]
        message = f"{whose} broke the sandbox: {what}"
        raise StepFailed(message, cause="script", hints=hints if asked else ())

    def refresh(self) -> None:
        """Run every step without reading the result: the sandbox is only for queries."""
        for step in self._plan.steps:
            with self._site.reporter.step(step.kind, plain_line(step.title, 42)) as report:
                self._runner.run(step, report, lambda: None)
        self._runner.end()

    def ask(self, query: Query[Found]) -> tuple[Found, ...]:
        """Return a query's answer. Raises StepFailed if the manager gave none."""
        outcome = self._runner.ran(query.argv)
        if outcome.status not in query.statuses:
            last = outcome.output.splitlines()[-EVIDENCE:] or [f"exit status {outcome.status}"]
            details = [("ran", plain_line(shlex.join(query.argv), 200)), ("it said", "\n".join(last))]
            raise StepFailed(f"{self._site.manager.name} did not answer: {plain_line(last[-1], 100)}", details=details)
        return query.parse(outcome.stdout)

    def _hold(self, step: Step, *looks: Survey) -> None:
        if self._plan.lock is None:
            return
        from sandbox.provision.lock_check import verify_lock

        verify_lock(self._site.box, self._plan, *(look.probe for look in looks), source=step.source)

    def _survey(self, path: str, *, last: bool = False) -> Survey:
        """Read the sandbox's state; the last reading also removes the certificates of the steps."""
        remove, files = self._look_terms(last=last)
        ahead = self._look_ahead if last else None
        return survey(
            self._site.box, self._site.manager, path=path, remove=remove, files=files, may_fail=last, ahead=ahead
        )

    def _begin_last(self, calls: _Calls) -> None:
        """Open the last look, beside the step before it if that does not bring it, and what else waits for its end."""
        if not self._runner.look:
            self._look_ahead.begin(survey_spec(self._last_look_argv(calls.path)))
        calls.beside_last()

    def _last_look_argv(self, path: str) -> Argv:
        remove, files = self._look_terms(last=True)
        return survey_argv(self._site.manager, path=path, remove=remove, files=files)

    def _look_of_install(self) -> Survey | None:
        """Return the look that came with the last command; None where none did, or not all of it."""
        _, files = self._look_terms(last=True)
        return whole_survey(self._site.box, self._site.manager, self._runner.look_output(), files=files)

    def _look_terms(self, *, last: bool) -> tuple[str, Query[str] | None]:
        """Return the file to remove with a look, and what asks for the files of the packages."""
        own = self._plan.of("")
        return INSIDE if last and self._site.network.bundle is not None else "", self._site.manager.files(
            own
        ) if own else None

    def _came(self, step: Step, had: tuple[Package, ...], before: Survey, after: Survey) -> Provisioned:
        """Return what one install step added; `had`: the language's packages before it."""
        wanted = [package.name for package in self._plan.of(step.source)]
        if step.source:
            there = packages_of(self._site.box, step.source)
            added = tuple(package for package in there if package not in had)
            asked = [package for package in there if package.explicit and package.name in wanted]
        else:
            added = added_packages(before.probe.packages, after.probe.packages)
            # a virtual package was requested by another name
            new = after.probe.explicit - before.probe.explicit - {package.name for package in self._plan.runtime}
            asked = [
                package
                for package in after.probe.packages
                if wanted and (package.name in new or not package.spellings.isdisjoint(wanted))
            ]
        rank = {name: position for position, name in enumerate(wanted)}
        return Provisioned(
            asked=tuple(
                sorted(asked, key=lambda package: min(rank.get(text, len(rank)) for text in package.spellings))
            ),
            dependencies=len(set(added) - set(asked)),
            size=sum(package.size for package in added),
            came=tuple(package.name for package in added if not package.source),
            commands=new_names(before.commands, after.commands),
        )

    def _with(self, result: Provisioned, came: Provisioned, owned: frozenset[str]) -> Provisioned:
        """Return both combined; commands named like a package first, then those with an owner, then the rest."""
        wanted = {package.name for package in self._plan.packages}
        commands = {*result.commands, *came.commands}

        def order(name: str) -> tuple[bool, int, bool, str]:
            return name not in wanted, name_distance(name, wanted), name not in owned, name

        return Provisioned(
            asked=(*result.asked, *came.asked),
            dependencies=result.dependencies + came.dependencies,
            failed=result.failed,
            size=result.size + came.size,
            came=(*result.came, *came.came),
            commands=tuple(sorted(commands, key=order)),
        )

    def _title(self, step: Step, came: Provisioned) -> str:
        """Return what a step installed, or what for, if the user did not ask for any of it."""
        if step.source or self._plan.of(""):
            return summary(came)
        if self._plan.upgrades:
            return f"{count(len(came.came), 'package')} in another version"
        languages = names(tuple(language.name for language in self._plan.languages))
        return f"for {languages}: {count(came.dependencies, 'package')}"

    def _as_baseline(self, result: Provisioned, last: Survey) -> Provisioned:
        """Return the result with the current package set as the baseline for later manual changes."""
        languages = tuple(dict.fromkeys((*self._plan.languages, *languages_with(last.commands))))
        there = language_packages(self._site.box, languages)
        return replace(
            result,
            explicit=last.probe.explicit | {package.full_name for package in there if package.explicit},
            stamps={**last.probe.stamps, **language_stamps(self._site.box, languages)},
            present={package.name: package.version for package in last.probe.packages},
            languages=tuple(language.name for language in languages),
            survey=last,
        )


def summary(result: Provisioned) -> str:
    """Return `htop 3.2.2-2 and 2 dependencies`, or `9 packages and 30 dependencies`."""
    asked = versions(result) if len(result.asked) <= FEW else (count(len(result.asked), "package"),)
    return names((*asked, *((count(result.dependencies, "dependency", "dependencies"),) * bool(result.dependencies))))


def versions(result: Provisioned) -> tuple[str, ...]:
    """Return the requested packages with their installed versions."""
    return tuple(plain_line(f"{package.full_name} {package.version}") for package in result.asked)
