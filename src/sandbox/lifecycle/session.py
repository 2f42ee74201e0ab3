"""Creates and removes a sandbox: labels first, removal before creation, the lifeline, the final check."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.tasks import Background, Deferred, wait_until
from sandbox.engine import begun as ahead
from sandbox.engine import labels, marks
from sandbox.engine.frames import so_far
from sandbox.engine.pulse import EVERY, Pulse
from sandbox.errors import (
    Advice,
    Conflict,
    Denied,
    EngineError,
    EngineTimeout,
    NotFound,
    RemovalFailed,
    SandboxError,
    UsageError,
)
from sandbox.lifecycle.lifetimes import HANDED_OVER
from sandbox.lifecycle.names import random_name
from sandbox.lifecycle.removal import EngineObject, Removal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.begun import Begun
    from sandbox.engine.head_start import HeadStart
    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Connection, ContainerSpec, Engine, Image
    from sandbox.lifecycle.lifetimes import Life

CLEANUP_LIMIT: Final = 45.0
"""Seconds that the removal may take before a message with the command to finish it by hand."""
STOP_LIMIT: Final = 10
"""Seconds that a command has to end after SIGTERM, as with docker stop."""
RETURN_LIMIT: Final = 5.0
"""Seconds for an engine that went away to be back: a restart of Docker takes one or two."""
RETURN_PAUSE: Final = 0.2
END_LIMIT: Final = 2.0
"""Seconds for a container to go by itself once its lifeline has ended: one that is paused never does, and is killed."""
NAME_TRIES: Final = 20
BUILD_ROUNDS: Final = 20
QUIET_ROUNDS: Final = 3
IN_USE: Final = "something uses them"
"""Why images may be left."""
BUILD_PAUSE: Final = 0.2
"""Seconds between requests for what an interrupted build still creates."""


class Session:
    """One run of the tool, the container it owns, and what it needs on the way to that one.

    `pulse`: seconds between two bytes that its lifeline carries. `begun` is a container that was begun ahead: it
    has the session's id and name, and becomes its own if it is what would be made now; else it is removed.
    """

    def __init__(
        self,
        engine: Engine,
        owner: Owner,
        *,
        version: str,
        name: str | None = None,
        life: Life = "session",
        expires: int | None = None,
        pulse: float = EVERY,
        begun: Begun | None = None,
    ) -> None:
        self.engine = engine
        self.owner = owner
        self.id = begun.session if begun else random_session()
        self.name = name or (begun.name if begun else random_name())
        self._named = name is not None
        self._version = version
        self.life: Life = life
        self.expires = expires
        self._handed_over = False
        self._sides: list[Background[str]] = []
        self._has_images = False
        self._is_building = False
        self._begun = begun
        self.has_limits = begun is not None and begun.has_limits
        """Whether the engine is known to give all limits, or to have given them to the container."""
        self._spec: ContainerSpec | None = None
        self._container: str | None = None
        self._lifeline: Connection | None = None
        self._every = pulse
        self._pulse: Pulse | None = None
        self._birth: Background[str] | None = None
        self._cancelled = False
        self._is_leaving = False
        """Whether the engine was asked to take the container off its networks."""
        self._removal: Background[Removal] | None = None
        self._is_late = False
        """Whether the removal has taken too long already."""
        self._left_images = Deferred(self._images)
        self.is_one_of_many = False
        """Whether who runs it asks which images are left of many sessions at once, by `left_images`."""
        self._closing = threading.Lock()
        self._process = os.getpid()

    @property
    def container(self) -> str:
        """The id of the running container. Waits for the creation and raises its error."""
        if self._birth is None:
            message = "the session has no container"
            raise EngineError(message)
        return self._birth.result()

    @property
    def made_labels(self) -> Mapping[str, str]:
        """The labels that its container was made with; none before that."""
        return self._spec.labels if self._spec else {}

    def check_name(self) -> None:
        """Raise UsageError if the user's chosen name is in use, before anything else is done."""
        found = self.engine.container(self.name) if self._named else None
        # an engine also matches container ids by their first characters
        if found is not None and found.name == self.name:
            raise self._name_conflict(is_sandbox=labels.SESSION in found.labels)

    def _name_conflict(self, *, is_sandbox: bool = False) -> UsageError:
        message = f"there is already a container named {self.name}"
        ours = [Advice.sandbox("enter", self.name), Advice.sandbox("rm", self.name)] if is_sandbox else []
        return UsageError(message, hints=[Advice.again("--name", "ANOTHER"), *ours])

    def start(
        self, make: Callable[[str, Mapping[str, str]], ContainerSpec], again: Callable[[], object] | None = None
    ) -> None:
        """Begin to create and start the container of `make(name, labels)`; `container` waits for it.

        `again` brings once more what it is made of, which somebody may remove just before.

        It runs beside the caller, who has imports to do while the engine works; and a signal that comes while the
        engine creates finds the birth recorded, so that `close` waits for it and removes what came of it.
        """
        Background(lambda: self._begin(make, again)).result()

    def _begin(
        self, make: Callable[[str, Mapping[str, str]], ContainerSpec], again: Callable[[], object] | None
    ) -> None:
        """Begin and note it, in a thread: Python raises signals in the main one alone, and none comes in between."""
        with self._closing:
            self._check_open()
            self._birth = Background(lambda: self._create(make, again))

    def _create(
        self, make: Callable[[str, Mapping[str, str]], ContainerSpec], again: Callable[[], object] | None
    ) -> str:
        if (begun := self._begun) is not None:
            self._begun, self._spec = None, make(self.name, self.labels())
            adopted = self.engine.adopt(self._spec, begun)
            if adopted is not None:
                self._container, self._lifeline = adopted
                self._pulse = Pulse(self._lifeline, self._every)
                self.has_limits = self.has_limits and not self.engine.discarded
                return self._container
            self.has_limits = False
            begun.abandon()
        for _ in range(NAME_TRIES):
            try:
                self._spec = make(self.name, self.labels())
                self._container = self.engine.create(self._spec)
                break
            except Conflict as error:
                if self._named:
                    raise self._name_conflict() from error
                self.name = random_name()
            except NotFound:
                if again is None:
                    raise
                again()
                again = None
        if self._container is None:
            message = f"{NAME_TRIES} random names are all in use"
            raise EngineError(message, hints=[Advice.sandbox("clean")])
        self._lifeline = self.engine.attach(self._container)
        if not self._cancelled:
            self.engine.start(self._container)
            self._pulse = Pulse(self._lifeline, self._every)
        return self._container

    def create_helper(self, make: Callable[[str, Mapping[str, str]], ContainerSpec]) -> str:
        """Create a container of `make(name, labels)` that is never started; return its id. `remove_helper` removes it.

        It is of the session whatever the sandbox's own life is, so that it is swept where the session dies.
        """
        return Background(lambda: self._begin_helper(make)).result().result()

    def _begin_helper(self, make: Callable[[str, Mapping[str, str]], ContainerSpec]) -> Background[str]:
        """Begin and note it, as `_begin` does for the sandbox itself."""
        own = {**self.labels(), labels.KIND: "session", labels.EXPIRES: ""}
        with self._closing:
            self._check_open()
            spec = make(f"sandbox-{self.id}-{len(self._sides) + 1}", own)
            self._sides.append(Background(lambda: self.engine.create(spec)))
            return self._sides[-1]

    def _check_open(self) -> None:
        """Raise EngineError if another thread is already closing the session: nothing would remove a later creation."""
        if self._cancelled:
            message = f"{self.name} is being removed"
            raise EngineError(message)

    def remove_helper(self, ident: str) -> None:
        """Remove such a container; a volume of it that the sandbox has stays until that goes.

        One that can't be removed now goes with the session, which says so where it can't be either.
        """
        with suppress(EngineError):
            self.engine.remove(ident)

    def build(self, work: Callable[[str, Mapping[str, str]], Image]) -> Image:
        """Return the image that `work(reference, labels)` makes; the session removes it."""
        with self._closing:
            self._check_open()
            self._has_images = self._is_building = True
            self._left_images = Deferred(self._images)
        try:
            image = work(f"sandbox-session/{self.id}:latest", self.labels())
        except SandboxError:
            self._is_building = False
            raise
        self._is_building = False
        return image

    def labels(self) -> dict[str, str]:
        """Return the labels of everything this session creates."""
        return labels.session_labels(
            self.owner, session=self.id, name=self.name, version=self._version, kind=self.life, expires=self.expires
        )

    def detach_lifetime(self, start: str = "") -> None:
        """Hand a container that stays over to itself: it lives on, and runs `start`, shell text, if given."""
        from sandbox.core.tar import one_file

        archive = one_file(HANDED_OVER.lstrip("/"), start.encode())
        self.engine.copy_in(self.container, "/", [archive])
        self._handed_over = True
        self._end_pulse()
        if self._lifeline is not None:
            self._lifeline.close_write()

    def head_start(self, image: Image | None) -> HeadStart | None:
        """Return how to begin such a container ahead the next time, of this image if it is another; None where not.

        It is of a throwaway one with a random name, and of none that boots: that may have power for which each command
        line has to ask.
        """
        if self._spec is None or self._named or self.life != "session" or labels.INIT in self._spec.labels:
            return None
        found = self.engine.head_start(mark_names(self._spec, image))
        return found and found._replace(limits=ahead.socket_stamp(found.path) if self.has_limits else ahead.UNKNOWN)

    def _end_pulse(self) -> None:
        if self._pulse is not None:
            self._pulse.end()

    def pid1_output(self) -> str:
        """Return PID 1's output so far: messages of our own program."""
        return so_far(self._lifeline, 4096).decode(errors="replace") if self._lifeline is not None else ""

    def ask_ahead(self, ours: Deferred[tuple[Image, ...]] | None = None) -> None:
        """Begin to ask which images are left of this, where none was built: that takes an engine with many 50 ms.

        It is for when nothing is built any more, as beside a shell, so that the answer is that of the end. `ours` is
        where all images of ours are being asked for just now.
        """
        if self._asks_for_images and not self._has_images:
            if ours is not None:
                self._left_images = Deferred(lambda: self._own_among(ours.result()))
            self._left_images.begin()

    @property
    def _asks_for_images(self) -> bool:
        return self._has_images or not self.is_one_of_many

    def begin_end(self) -> None:
        """Begin what the removal needs and the container does not, beside what is still looked at in it.

        That are taking it off its networks, half of the removal, and the question for images, which takes an engine
        with many as long. Where the engine can't, the removal does it.
        """
        if self.life == "session" and self._container is not None:
            self.ask_ahead()
            ident, self._is_leaving = self._container, True
            Background(lambda: self.engine.disconnect(ident))

    def close(self) -> Background[Removal]:
        """Start the removal of everything this session made, once. The task returns what the engine says is left.

        In a child that was forked nothing is removed: the sandbox is its parent's.
        """
        self._cancelled = True
        if os.getpid() != self._process:  # a forked child has a copy, whose lock may never open
            return Background(lambda: Removal(removed=(), left=(), failures=()))
        with self._closing:  # called both where looking back ends and where the disk is full
            if self._removal is None:
                self._removal = Background(self._remove)
            return self._removal

    def _remove(self) -> Removal:
        removed: list[EngineObject] = []
        failures: list[SandboxError] = []
        is_known = True
        if self._begun is not None:
            self._begun.abandon()
        if self._container:
            self.ask_ahead()  # in parallel: the removal creates nothing
        try:
            if self._birth is not None:
                self._birth.wait(CLEANUP_LIMIT)
            if self._handed_over:
                return self._leave_behind()
            removed += self._remove_all()
        except SandboxError as error:
            failures.append(self._removal_failure(error))
        try:
            left = (*self._left_containers(), *(self._known_images() if self._asks_for_images else ()))
        except SandboxError as error:
            left = (self._own(),) if failures else ()
            failures.append(error)
            is_known = False
        if not failures and any(found.kind == "image" for found in left):
            failures.append(self._images_failure())
        self._end_pulse()
        if self._lifeline is not None:
            self._lifeline.close()
        return Removal(removed=tuple(removed), left=left, failures=tuple(failures), is_known=is_known)

    def _remove_all(self) -> list[EngineObject]:
        """Remove the container and what was made on the way to it. Raises SandboxError.

        Once more if the engine went away meanwhile: one that is restarted answers again in a second or two.
        """
        try:
            gone = [ident for ident in self._born() if self._has_ended(ident) or self.engine.remove(ident)]
            others = self._remove_others()
        except SandboxError:
            if not self._comes_back():
                raise
            gone = [ident for ident in self._born() if self.engine.remove(ident)]
            others = self._remove_others()
        return [*map(self._own, gone), *others]

    def _comes_back(self) -> bool:
        """Return whether an engine that does not answer does so in time; False for one that answers, or hangs."""
        try:
            self.engine.containers(self._mine)
        except (EngineTimeout, Denied):
            return False
        except SandboxError:
            return wait_until(self._answers, RETURN_LIMIT, RETURN_PAUSE)
        return False

    def _answers(self) -> bool:
        with suppress(SandboxError):
            self.engine.containers(self._mine)
            return True
        return False

    def _has_ended(self, ident: str) -> bool:
        """End a throwaway container by its lifeline; return whether the engine has removed it then."""
        lifeline, spec = self._lifeline, self._spec
        goes = spec is not None and spec.auto_remove and labels.INIT not in spec.labels  # an init takes its time to end
        if self.life != "session" or not goes or lifeline is None or self._pulse is None:
            return False
        self._end_pulse()
        return self.engine.remove_by_end(ident, lifeline.close_write, limit=END_LIMIT, is_busy=self._is_leaving)

    def _leave_behind(self) -> Removal:
        """Keep what is to stay: stop a kept sandbox, leave a detached one running."""
        if self.life == "kept" and self._container:
            self.engine.stop(self._container, limit=STOP_LIMIT)
        return Removal(removed=(), left=(), failures=(), kept=(self._own(),), expires=self.expires)

    def _own(self, ident: str = "") -> EngineObject:
        """Return the container of this session."""
        return EngineObject(kind="container", name=self.name, id=ident or self._container or "")

    @property
    def _mine(self) -> tuple[str, ...]:
        """The labels of all that is this session's."""
        return (f"{labels.SESSION}={self.id}",)

    def _born(self) -> tuple[str, ...]:
        """Return the container's id. Asks the engine if the answer to the creation was lost."""
        if self._birth is None or self._container is not None:
            return (self._container,) if self._container else ()
        return tuple(found.id for found in self.engine.containers(self._mine))

    def _remove_others(self) -> list[EngineObject]:
        """Remove the containers on the way that are still there, then the images: a build's end and its stages.

        An engine whose build was cut off is still busy with it, and may make one more of each: it is asked until it
        has been quiet for a while.
        """
        if not (self._sides or self._has_images):
            return []
        # If a signal cut such a creation short, the engine still goes on with it.
        for made in self._sides:
            made.wait(CLEANUP_LIMIT)
        gone, refused = self._remove_round()
        quiet = 0 if self._is_building or refused else QUIET_ROUNDS
        for _ in range(BUILD_ROUNDS):
            if quiet == QUIET_ROUNDS:
                break
            time.sleep(BUILD_PAUSE)
            quiet = 0 if any(self._remove_round()) else quiet + 1
        return [EngineObject(kind="build")] * bool(gone and self._has_images)

    def _remove_round(self) -> tuple[int, int]:
        """Remove what the engine still has of this session; return (removed, refused)."""
        done = [_try_remove(self.engine.remove, row.id) for row in self.engine.containers(self._mine)]
        images = self.engine.images(self._mine) if self._has_images else ()
        while images:
            done += [_try_remove(self.engine.remove_image, image.id) for image in images]
            images = tuple(image for image in self.engine.images(self._mine) if image not in images)
        return done.count(True), done.count(None)

    def _removal_failure(self, error: SandboxError) -> RemovalFailed:
        by_hand = [Advice.program(*self.engine.client, "rm", "-f", self.name)]
        return RemovalFailed(f"{self.name} could not be removed: {error.brief}", details=error.details, hints=by_hand)

    def _images_failure(self) -> RemovalFailed:
        """Return the error for images that are left.

        Podman ends the step that runs before it stops a build, and what that step stands on is in use until then.
        """
        return _images_failure(self.name, "the engine is busy with the build" if self._is_building else IN_USE)

    def _containers(self) -> tuple[EngineObject, ...]:
        """Ask the engine which containers it still knows of this session."""
        found = self.engine.containers(self._mine)
        return tuple(EngineObject(kind="container", name=row.name, id=row.id) for row in found)

    def _left_containers(self) -> tuple[EngineObject, ...]:
        """Ask the engine which containers it still knows of this session, once what it made unknown to us is removed.

        One that was begun ahead has no id where the engine answered later than its client waited (raw.LIMIT).
        """
        found = self._containers()
        unknown = [row for row in found if row.id != self._container]
        for row in unknown:
            with suppress(SandboxError):
                self.engine.remove(row.id)
        return self._containers() if unknown else found

    def _known_images(self) -> tuple[EngineObject, ...]:
        """Return the answer to the question that was asked ahead; ask once more where it had none."""
        try:
            return self._left_images.result()
        except SandboxError:
            return self._images()

    def _images(self) -> tuple[EngineObject, ...]:
        """Ask the engine which images it still knows of this session."""
        return self._own_among(self.engine.images(self._mine))

    def _own_among(self, images: Sequence[Image]) -> tuple[EngineObject, ...]:
        return tuple(_image_object(row) for row in images if row.labels.get(labels.SESSION) == self.id)

    def finish(self, limit: float = CLEANUP_LIMIT) -> Removal:
        """Wait for the removal and return it. If it takes too long, return a failure with the command to type.

        That is waited for once: who leaves a launch and who began the session both call this.
        """
        task = self.close()
        if task.wait(0.0 if self._is_late else limit):
            return task.result()
        self._is_late = True
        by_hand = Advice.program(*self.engine.client, "rm", "-f", self.name)
        late = EngineTimeout(f"the removal of {self.name} takes longer than {limit:.0f} s", hints=[by_hand])
        return Removal(removed=(), left=(self._own(),), failures=(late,))


def left_images(engine: Engine, sessions: Mapping[str, str]) -> Removal:
    """Return which images the engine still knows of sessions that are over, whose names are given by their ids.

    It is asked once for all: each such question takes an engine with 160 images 18 ms of a processor.
    """
    try:
        found = [row for row in engine.images([labels.SESSION]) if row.labels.get(labels.SESSION) in sessions]
    except SandboxError as error:
        return Removal(removed=(), left=(), failures=(error,))
    names = dict.fromkeys(sessions[row.labels[labels.SESSION]] for row in found)
    failures = tuple(_images_failure(name, IN_USE) for name in names)
    return Removal(removed=(), left=tuple(map(_image_object, found)), failures=failures)


def _image_object(image: Image) -> EngineObject:
    return EngineObject(kind="image", name=(image.tags or (image.id,))[0], id=image.id)


def _images_failure(name: str, cause: str) -> RemovalFailed:
    hint = Advice.sandbox("clean", after=", once that has ended")
    return RemovalFailed(f"images of {name} could not be removed: {cause}", hints=[hint])


def random_session() -> str:
    """Return the id of a new session."""
    return os.urandom(8).hex()


def mark_names(spec: ContainerSpec, image: Image | None) -> ContainerSpec:
    """Return the spec with marks in place of what is another's in each session, for `HeadStart.fill`."""
    given = {labels.NAME: marks.NAME, labels.SESSION: marks.SESSION, labels.OWNER: marks.OWNER}
    return replace(
        spec,
        name=marks.NAME,
        hostname=marks.NAME,
        image=image.id if image else spec.image,
        labels={**spec.labels, **given},
        env={key: marks.NAME if value == spec.name else value for key, value in spec.env.items()},
        hosts={marks.NAME if host == spec.name else host: address for host, address in spec.hosts.items()},
    )


def _try_remove(remove: Callable[[str], bool], ident: str) -> bool | None:
    """Return whether something was removed, or None if it is still in use."""
    try:
        return remove(ident)
    except Conflict:
        return None
