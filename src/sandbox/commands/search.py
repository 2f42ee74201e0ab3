"""`sandbox search`: finds a package's name in several distros, each in its own throwaway sandbox."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Background
from sandbox.distros.model import Target
from sandbox.errors import Advice, PullFailed, SandboxError, UsageError
from sandbox.lifecycle.cleanup import sweep
from sandbox.managers.index_search import Index, IndexMatches, PackageMatch
from sandbox.managers.registry import manager_of, queries_of
from sandbox.provision.base_image import find_present
from sandbox.provision.image import ResolvedImage
from sandbox.provision.index_choice import index_use
from sandbox.provision.launch import launched
from sandbox.provision.plan import index_plan, pull_sources
from sandbox.provision.request import request_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.core.signals import Guard
    from sandbox.distros.model import Distro
    from sandbox.engine.protocol import Engine
    from sandbox.errors import Row
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan

WORKERS: Final = 3
"""Sandboxes at a time: a manager that reads its index uses a whole core."""
NOWHERE: Final = 4
"""Exit status if no distro has it, as when an install finds no package."""


class SearchRequest(Struct, frozen=True, kw_only=True):
    """What to look for: names of packages, or one command that packages provide; and where."""

    texts: tuple[str, ...]
    targets: tuple[Target, ...]
    is_command: bool = False


class DistroMatches(Struct, frozen=True, kw_only=True):
    """One distro's answer to what was asked for, or its problem, the next step, and the exit status."""

    asked: str
    distro: str
    hits: tuple[PackageMatch, ...] = ()
    nearest: tuple[str, ...] = ()
    problem: str | None = None
    next: Advice | None = None
    status: int = 0


class SearchResult(Struct, frozen=True, kw_only=True):
    """The answers, for each text in the order of the distros, and the removals of their sandboxes."""

    cells: tuple[DistroMatches, ...]
    removals: tuple[Removal, ...]

    @property
    def status(self) -> int:
        """0 if any distro has each text, 4 if none has one, or that of the first problem if no distro answered."""
        if {cell.asked for cell in self.cells} == {cell.asked for cell in self.cells if cell.hits}:
            return 0
        answered = any(not cell.status for cell in self.cells)
        return NOWHERE if answered else next((cell.status for cell in self.cells), NOWHERE)


def targets_here(engine: Engine, rows: Sequence[Distro], registries: Sequence[str] = ()) -> tuple[Target, ...]:
    """Return every release whose base the engine has. Raises UsageError if it has none."""
    tags = {tag for image in engine.images() for tag in image.tags}
    every = [Target(distro=row, release=release) for row in rows for release in row.releases]
    found = tuple(target for target in every if tags & {target.built_image, *pull_sources(target.image, registries)})
    if not found:
        message = "the engine has no base image of any distro"
        raise UsageError(message, hints=[Advice.sandbox("base", "ensure", "debian"), Advice.sandbox("distros")])
    return found


class Search:
    """One search, in throwaway sandboxes; each is removed as soon as it has answered."""

    def __init__(
        self, request: SearchRequest, host: Context, *, engine: Engine, reporter: Reporter, guard: Guard
    ) -> None:
        self._request = request
        self._host = host
        self._engine = engine
        self._reporter = reporter
        self._guard = guard
        self._room = threading.Semaphore(WORKERS)
        self._lock = threading.Lock()
        self._sessions: list[Session] = []
        self._is_over = False

    def run(self) -> SearchResult:
        """Search every distro, several at a time, and remove the sandboxes; a failure stays in its own cell."""
        sweep(self._engine, self._host.owner, self._host.state_folder)
        removals: tuple[Removal, ...] = ()
        try:
            distros = count(len(self._request.targets), "distro")
            texts = self._request.texts
            what = texts[0] if len(texts) == 1 else count(len(texts), "package")
            with self._reporter.step("search", f"{what} in {distros}") as step:
                tasks = [Background(partial(self._row, target, step)) for target in self._request.targets]
                rows = [task.result() for task in tasks]
                cells = tuple(row[number] for number in range(len(texts)) for row in rows)
        finally:
            self._guard.cleaning = True
            removals = self._remove_all()
        return SearchResult(cells=cells, removals=removals)

    def _row(self, target: Target, step: StepReport) -> tuple[DistroMatches, ...]:
        """Return a distro's answer to each text."""
        texts, name = self._request.texts, target.option
        with ExitStack() as room:
            room.enter_context(self._room)
            try:
                answers = self._answers(target, Side(step, name), room)
            except SandboxError as error:
                hint = error.hints[0] if error.hints else None
                brief = plain_line(error.brief)
                return tuple(
                    DistroMatches(asked=text, distro=name, problem=brief, next=hint, status=error.status)
                    for text in texts
                )
        return tuple(_matches(text, name, answer) for text, answer in zip(texts, answers, strict=True))

    def _answers(self, target: Target, side: Side, room: ExitStack) -> tuple[IndexMatches, ...]:
        """Return a distro's answers; its slot is free for the next one while its sandbox is removed."""
        manager = manager_of(target.manager)
        plan = index_plan(target, manager, self._host.terms(target))
        session, resolve = self._new_session(), partial(self._resolve_image, plan)
        with launched(request_for(plan), self._host, session=session, reporter=side, resolve=resolve) as launch:
            work = launch.provisioning(index=index_use(launch.box, launch.found, self._host, is_checked=True))
            work.refresh()
            side.now("reading the package index")
            index = Index(name=target.manager, manager=manager, queries=queries_of(target.manager), ask=work.ask)
            find = index.find_command if self._request.is_command else index.find_package
            answers = tuple(map(find, self._request.texts))
            room.close()
            return answers

    def _new_session(self) -> Session:
        """Return a session that the end of the search will close. Raises SandboxError if the search is over."""
        session = self._host.session(self._engine)
        with self._lock:
            if self._is_over:
                message = "the search was interrupted"
                raise SandboxError(message)
            self._sessions.append(session)
        return session

    def _resolve_image(self, plan: Plan) -> ResolvedImage:
        """Return the base, or its cached index. Raises PullFailed, with the next step, if the engine has no base."""
        found = find_present(self._engine, plan.images)
        if found is None:
            hints = [Advice.sandbox("base", "ensure", plan.target.option)]
            message = f"the engine has no base image of {plan.target.label}"
            raise PullFailed(message, hints=hints)
        cache = self._host.cache(self._engine) if self._host.settings.cache else None
        start = cache.find_index(plan, found[1]) if cache else None
        return ResolvedImage(reference=found[0], image=found[1], plan=plan, start=start)

    def _remove_all(self) -> tuple[Removal, ...]:
        with self._lock:
            self._is_over = True
        for session in self._sessions:
            session.close()
        return tuple(session.finish() for session in self._sessions)


def _matches(text: str, distro: str, answer: IndexMatches) -> DistroMatches:
    """Return a distro's answer to one text, and where else to look if its index can't tell."""
    if answer.is_unknown:
        problem = "its index does not say which commands packages have"
        by_name = Advice.sandbox("search", text, "--distro", distro)
        return DistroMatches(asked=text, distro=distro, problem=problem, next=by_name)
    return DistroMatches(asked=text, distro=distro, hits=answer.hits, nearest=answer.nearest)


class Side:
    """Reports one of several sandboxes in the search's single step."""

    def __init__(self, step: StepReport, distro: str) -> None:
        self._step = step
        self._distro = distro

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[StepReport]:
        """Show this sandbox's current step."""
        self.now(f"{label} {title}")
        yield self

    def now(self, text: str) -> None:
        """Show what this sandbox does now."""
        self._step.now(f"{self._distro}: {text}")

    def line(self, text: str) -> None:
        """No output: several run at once."""

    def title(self, text: str) -> None:
        """No title: the search has its own."""

    def note(self, text: str) -> None:
        """No note: the search has its own."""

    def heading(self, text: str) -> None:
        """No heading: the search has its own."""

    def rows(self, rows: Sequence[Row]) -> None:
        """No rows."""

    def blank(self) -> None:
        """No blank lines."""

    def warn(self, error: SandboxError) -> None:
        """No warning: the failure is in the distro's own cell."""
        self.now(error.brief)
