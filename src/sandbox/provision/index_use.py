"""How one sandbox uses the package index that is kept for its base, and keeps a newer one.

An index is kept from a moment at which no code of any package has run. It is read as hostile all the same.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import closing, suppress
from typing import IO, TYPE_CHECKING, Final

from sandbox.container.box import ROOT
from sandbox.container.tarstream import members
from sandbox.container.upper import archive_of, folder_of, open_root, root_of
from sandbox.core.tasks import Background, Deferred
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import NotFound, SandboxError
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.shortcuts import hold_installed_argv
from sandbox.provision.index_file import read_index, tar_of, write_archives, write_list, write_time
from sandbox.provision.index_unpack import unpack_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv, Exec
    from sandbox.errors import StepFailed
    from sandbox.managers.data import KeptIndex
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.index_cache import IndexCache
    from sandbox.provision.index_file import IndexContents
    from sandbox.provision.steps import Step, StepKind

HOUR: Final = 3600.0
PATIENCE: Final = 4.0
"""Seconds from the start of an install for the reading of the index, once all of it is there."""
TURN: Final = 0.5
"""Seconds that the reading leaves an install to start: an engine (Docker 20.10) starts no command while it reads."""
MARK: Final = f"{SCRATCH}/index"
"""What an install waits for before it changes anything."""
MARKS: Final = ExecSpec(argv=("sh", "-c", 'mkdir -p "${1%/*}" && : >"$1"', "sh", MARK), user=ROOT)
SOURCES: Final = 5_000_000
"""Most bytes of a manager's configuration."""
REASONS: Final = frozenset(
    ("unknown-package", "unknown-version", "conflict", "downgrade", "network", "mirror", "signature", "expired")
)
"""Causes of a failure that an older index may have, so that the step is tried once more with a new one."""


class IndexUse:
    """The kept index of one sandbox's base: brought into it, and kept of it.

    `is_checked`: the manager asks the mirror for a newer one, however young it is.
    """

    def __init__(
        self,
        box: Box,
        cache: IndexCache,
        name: str,
        data: KeptIndex,
        *,
        manager: ManagerName,
        kept: list[int],
        refused: set[str],
        is_checked: bool = False,
    ) -> None:
        self._box, self._cache, self._name, self._data, self._manager = box, cache, name, data, manager
        self._kept = kept
        self._refused = refused
        self._is_checked = is_checked
        self._is_vouched_for = Deferred(lambda: data.is_vouched_for(self._sources()))
        self._saving: Background[None] | None = None
        self._limit = float("inf")
        self._turn = threading.Event()
        self._layer = ""
        """The folder of this host with what the sandbox has changed, where this process can read it."""
        self._marks: Exec | None = None
        self._is_marked = False
        self._is_whole = threading.Event()
        """Set unless the next command makes a part of the index."""
        self._is_whole.set()
        self._is_install_held = False
        self._brought: tuple[int, float] | None = None
        """Its number, which a file system gives to another file once it is gone, and when it was fetched."""
        self.is_used_as_it_is = False
        """Whether the sandbox has an index that nobody has checked since."""
        self.is_being_kept = False
        """Whether the sandbox's index is kept before the code of any package runs."""

    def is_there(self) -> bool:
        """Return whether there is an index to bring, be it damaged."""
        try:
            with self._cache.reading(self._name):
                return True
        except OSError:
            return False

    @property
    def is_refused(self) -> bool:
        """Whether another sandbox of the base has found, in this run of the tool, that its index can't be kept."""
        return self._name in self._refused

    def is_young(self) -> bool:
        """Return whether there is an index that will be used as it is, unless it turns out to be damaged."""
        try:
            with self._cache.reading(self._name) as file:
                contents = read_index(file, os.fstat(file.fileno()).st_size, self._data.places)
        except (OSError, ValueError):
            return False
        return self._is_usable_at(time.time() - contents.fetched)

    def bring(self) -> float | None:
        """Unpack the kept index into the sandbox, and return its age in seconds; None where there is none.

        One that is damaged is removed, and what came of it, too.
        """
        self.is_used_as_it_is = False
        try:
            with self._cache.reading(self._name) as file:
                status = os.fstat(file.fileno())
                contents = read_index(file, status.st_size, self._data.places)
                if not self._unpack(file, status.st_size, contents):
                    with closing(tar_of(file, status.st_size, contents)) as archive:
                        self._box.copy_in("/", archive)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, SandboxError):
            self._cache.forget(self._name)
            self._box.exec(self.clear_argv(("true",)))
            return None
        self._kept[:] = [status.st_size]
        self._brought = (status.st_ino, contents.fetched)
        age = time.time() - contents.fetched
        self.is_used_as_it_is = self._is_usable_at(age)
        return age

    def _unpack(self, file: IO[bytes], size: int, contents: IndexContents) -> bool:
        """Return whether the index could be written at the sandbox's root. Raises ValueError for changed contents.

        An engine's way of 90 MB takes 0.26 s of a processor: dockerd passes them on to a process that it starts.
        """
        with suppress(OSError), open_root(self._box) as root:
            if root is not None:
                unpack_index(file, size, contents, root)
                return True
        return False

    def _is_usable_at(self, age: float) -> bool:
        """Return whether an index of that age in seconds is used as it is; one of the future is not."""
        return not self._is_checked and 0 <= age < HOUR

    @property
    def verified(self) -> str:
        """What a line of the refresh has from which on there is time for other work, where all is fetched."""
        return self._data.verified

    def clear_argv(self, argv: Argv) -> Argv:
        """Return a command that is run without any index."""
        text = 'for place in $0; do [ ! -f "$place" ] || rm -f -- "$place"; rm -rf -- "$place"/*; done; exec "$@"'
        return ("sh", "-c", text, " ".join(self._data.places), *argv)

    def check_argv(self, argv: Argv) -> Argv:
        """Return the refresh as one of an index that was brought, which prints UNCHANGED where that is the newest."""
        return self._data.check_argv(argv) if self._data.check_argv else argv

    def fetch_argv(self, argv: Argv, following: Step | None) -> Argv:
        """Return the refresh as one that leaves to the step behind it what that makes of the index, too.

        So the rest is read meanwhile, which apt's half a second of work on one core leaves time for.
        """
        later = self._data.later
        if later is None or following is None or following.kind not in ("fetch", "install"):
            return argv
        if following.source or following.files or following.stdin is not None:
            return argv
        if following.kind == "install" and self.argv_behind_reading(following.argv) == following.argv:
            return argv  # it would wait for the reading of what it has to make
        self._is_whole.clear()
        return (*argv, *later.options)

    def note_line(self) -> None:
        """Let the reading go on to the last part of the index: the command behind the refresh has spoken."""
        if not self._is_whole.is_set():
            if self._is_install_held:
                self._limit = min(self._limit, time.monotonic() + PATIENCE)
            self._is_whole.set()

    def note_end(self, kind: StepKind | None = None) -> None:
        """Let the reading go on behind a step of that kind, or behind all steps.

        What is read behind one that ran packages' code is not kept.
        """
        if kind == "index":
            return
        if kind not in (None, "fetch"):
            self._limit = 0.0
        self._is_whole.set()

    def renew(self, checked: float) -> None:
        """Note that the index that was brought was the newest at that epoch."""
        with suppress(OSError, ValueError), self._cache.reading(self._name, is_changed=True) as file:
            status = os.fstat(file.fileno())
            contents = read_index(file, status.st_size, self._data.places)
            if (status.st_ino, contents.fetched) == self._brought:
                write_time(file, status.st_size, checked)

    def argv_with(self, step: Step, *, as_it_is: bool) -> Argv:
        """Return the argv of a step as one that uses the index as it is, where it is used so."""
        is_manager = step.kind in ("upgrade", "fetch", "install") and as_it_is
        return (step.argv[0], *self._data.as_it_is, *step.argv[1:]) if is_manager else step.argv

    def may_explain(self, error: StepFailed) -> bool:
        """Return whether a step may have failed because the sandbox's index is no longer that of the mirror."""
        return self.is_used_as_it_is and error.cause in REASONS

    def forget(self) -> None:
        """Remove the kept index, and use none from now on."""
        self._cache.forget(self._name)
        self._kept.clear()
        self.is_used_as_it_is = False

    def begin(self) -> None:
        """Begin to look whether the index may be kept, beside the refresh, which changes nothing of that."""
        self._is_vouched_for.begin()

    def begin_saving(self, fetched: float) -> None:
        """Begin to keep the sandbox's index, which was fetched at that epoch at the earliest."""
        self._saving = Background(lambda: self._save(fetched))

    def argv_behind_reading(self, argv: Argv) -> Argv:
        """Return a command as one that runs no code of packages before the index was read, if its manager can wait."""
        return hold_installed_argv(self._manager, argv, MARK) or argv

    def wait_before(self, argv: Argv) -> None:
        """Before a command runs packages' code, wait until the index was read, unless the command itself does."""
        if self._saving is None or self._saving.wait(0):
            return
        if self.argv_behind_reading(argv) == argv:
            self._turn.set()
            self._saving.wait(PATIENCE)
            self._limit = 0.0
            return
        self._is_install_held = True
        if self._is_whole.is_set():
            self._limit = min(self._limit, time.monotonic() + PATIENCE)

    def end(self) -> None:
        """Wait until the index that was read is kept, which takes no time behind an install.

        What is not read then is not kept: packages' code may run from now on.
        """
        if self._saving is not None:
            self._turn.set()
            self._saving.wait(PATIENCE)
            self._limit = 0.0

    def give_turn(self) -> None:
        """Let the reading go on: the next command has started."""
        self._turn.set()

    def _save(self, fetched: float) -> None:
        try:
            if not self._is_keepable():
                self._refused.add(self._name)
                return
            self._layer = folder_of(self._box)
            if not self._layer:
                self._turn.wait(TURN)
            with suppress(SandboxError, OSError):
                self._marks = self._box.open_ahead(MARKS)
            self._write(fetched)
        except ValueError:
            # nothing is there, as with a repository of plain files, or too much: it is no other in the next sandbox,
            # and to read it takes a tenth of a second of a processor
            self._refused.add(self._name)
        except (OSError, SandboxError):
            return  # the next sandbox is only slower
        finally:
            self._mark()

    def _is_keepable(self) -> bool:
        try:
            return self._is_vouched_for.result()
        except ValueError:
            return False

    def _write(self, fetched: float) -> None:
        """Keep the index. Raises ValueError for none that can be kept, TimeoutError where it was read too late.

        Then a package's code may have run before all was read.
        """
        with self._cache.writing(self._name) as out:
            raw = write_archives(((place, self._archive(place)) for place in self._data.places), out)
            if time.monotonic() > self._limit:
                raise TimeoutError
            self._mark()
            write_list(out, raw, fetched, self._data.left_out)
            size = out.tell()
        self._kept[:] = [size]

    def _mark(self) -> None:
        """Say in the sandbox that the index was read; a second time has no effect."""
        if self._is_marked:
            return
        self._is_marked = True
        with suppress(SandboxError, OSError):
            self._box.exec(MARKS.argv, ahead=self._marks)

    def _archive(self, place: str) -> Iterator[bytes]:
        """Yield a place of the manager, once it is whole; an empty archive for one that is not there."""
        if self._data.later is not None and place == self._data.later.place:
            self._is_whole.wait()
        try:
            yield from archive_of(self._layer, place) if self._has_layer(place) else self._box.copy_out(place)
        except NotFound:
            yield bytes(1024)

    def _has_layer(self, place: str) -> bool:
        """Return whether a place can be read from the sandbox's own layer: that takes a quarter of the processor."""
        return bool(self._layer) and os.path.lexists(f"{self._layer}{place}")

    def _sources(self) -> dict[str, bytes]:
        """Return the files of the manager's configuration, by their paths. Raises ValueError, OSError for too much."""
        found: dict[str, bytes] = {}
        root = root_of(self._box)
        for place in _folders_of(self._data.sources):
            with suppress(NotFound):
                above = place.rpartition("/")[0]
                for member in members(self._source(root, place), lambda _: True):
                    path = f"{above}/{member.name}"
                    if not any(path == source or path.startswith(f"{source}/") for source in self._data.sources):
                        continue
                    found[path] = member.content or b""
                    if member.kind == "2":
                        raise ValueError("a link")  # what it leads to is not known here
        if sum(map(len, found.values())) > SOURCES:
            raise ValueError("too much")
        return found

    def _source(self, root: str, place: str) -> Iterable[bytes]:
        """Return an archive of a place, from the root where that can be read: an engine's takes 0.04 s of a processor.

        Raises NotFound, OSError for too much.
        """
        if root:
            with suppress(OSError):  # that it is not there, or too much, the engine says as well
                return [*_first_bytes(archive_of(root, place))]
        return _first_bytes(self._box.copy_out(place))


def _first_bytes(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what comes, until it is too much: an image's file can be larger than any disk. Raises OSError then."""
    total = 0
    for piece in chunks:
        total += len(piece)
        if total > 2 * SOURCES:  # an archive is larger than the files in it
            raise OSError(errno.EFBIG, "too much")
        yield piece


def _folders_of(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folder that all sources lie in, where it is the manager's own, such as /etc/apt; else the sources.

    An engine (Docker 20.10) starts a process for each archive, which takes 50 ms of a core.
    """
    folder = os.path.commonpath(sources) if sources else ""
    return (folder,) if folder.count("/") > 1 else sources
