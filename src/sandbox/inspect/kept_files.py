"""The files that packages come as, looked at between the download and the install, for the bill of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.inspect.bill import Arrivals
from sandbox.managers.languages.locking import is_lockable
from sandbox.managers.package_files import Archive
from sandbox.managers.registry import data_of
from sandbox.provision.lock_check import archives, language_files
from sandbox.specs.lockfile import LockedFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.container.box import Box
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Package
    from sandbox.provision.plan import Plan


class KeptFiles:
    """What came by a plan in a sandbox, with the hashes of the files; a file that can't be read has none."""

    def __init__(self, box: Box, plan: Plan) -> None:
        self._box = box
        self._plan = plan
        self._archives = set[Archive]()
        self._files = set[LockedFile]()
        self._why = ""
        self.arrivals = Arrivals(came=())

    def take_files(self) -> None:
        """Take the hashes of what was downloaded by now: installs may delete it."""
        manager = self._plan.target.manager
        if not isinstance(data_of(manager).downloads, str):
            try:
                self._archives.update(archives(self._box, self._plan))
            except SandboxError as error:
                self._why = error.brief
        for language in self._plan.languages:
            if is_lockable(language):
                self._files.update(language_files(self._box, language.name))

    def put(self, came: tuple[Package, ...], asked: Iterable[str], facts: tuple[Fact, ...]) -> None:
        """Put down what came and what is known of it."""
        self.arrivals = Arrivals(
            came=came,
            asked=frozenset(asked),
            facts=facts,
            archives=tuple(sorted(self._archives)),
            files=tuple(sorted(self._files)),
            no_hashes=self._why,
        )
