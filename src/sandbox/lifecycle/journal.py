"""The record of past sessions on the user's disk, so that one can be promoted after it is gone.

One JSON object a line, oldest first, the last 100 sessions. It holds packages, versions, digests, and the settings of
the package manager that were changed in the shell, as repositories and their keys, where none seems to hold a password;
never environment values, other files' contents, what was typed, or the arguments of a command.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec.json
from msgspec import Struct

from sandbox.core.statefile import lock_file, write_private
from sandbox.errors import Advice, SandboxError
from sandbox.lifecycle.proof import Proof  # noqa: TC001 - msgspec reads the annotation when it decodes
from sandbox.managers.config_files import ConfigChange  # noqa: TC001 - as below
from sandbox.managers.hand_steps import HandStep  # noqa: TC001 - msgspec reads the annotations
from sandbox.managers.protocol import PackageFile  # noqa: TC001 - as above

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.core.progress import Reporter

KEPT: Final = 100
FORMAT: Final = 1
FILE: Final = "journal.jsonl"


class RecordedPackage(Struct, frozen=True, kw_only=True):
    """A package of a session: the version seen, and why it is there.

    It was asked for, added by hand in the shell, or is `locked`, as such a one needs it in just this version.
    `source` is the language manager that has it, as `pip`; empty for the distro's own. `place` is the repository that
    it came from where the index would not choose that version by itself, `barred` why no host can be given it. `file`
    is what it was installed from, `release` the distro's release that it was asked of, where it was so.
    """

    name: str
    version: str
    origin: Literal["asked", "by-hand", "locked"] = "asked"
    pinned: bool = False
    source: str = ""
    place: str = ""
    barred: str = ""
    file: PackageFile | None = None
    release: str = ""

    @property
    def full_name(self) -> str:
        """`pip:httpie`, or the name alone."""
        return f"{self.source}:{self.name}" if self.source else self.name


class Record(Struct, frozen=True, kw_only=True):
    """A session: `date` in ISO 8601 with its zone, `digest` of a registry or else `image_id` of a base built here.

    `recommends`: whether packages came with what they recommend. `settings`, `services`, `steps` and `strays` are what
    was done by hand in the shell beside packages: what can be written elsewhere, what starts at boot, what a command of
    the manager sets elsewhere, and a line for the rest. `prepared` and `prepared_steps` are what the spec set before
    the packages, in the same values, and `before` are its commands of then. `installer` is one that is not a package.
    `proof` is that of its install script, None where nobody asked for one.
    """

    session: str
    name: str
    date: str
    distro: str
    release: str
    image: str
    image_id: str
    digest: str | None = None
    spec: str | None = None
    packages: tuple[RecordedPackage, ...] = ()
    setup: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    recommends: bool = False
    settings: tuple[ConfigChange, ...] = ()
    services: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    steps: tuple[HandStep, ...] = ()
    prepared: tuple[ConfigChange, ...] = ()
    prepared_steps: tuple[HandStep, ...] = ()
    before: tuple[str, ...] = ()
    installer: str = ""
    lost: bool = False
    proof: Proof | None = None
    tool: str = ""
    format: int = FORMAT


class Journal:
    """The journal, in one file. With `path` None it keeps and finds nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def write(self, record: Record) -> None:
        """Add or replace a session's record. Raises SandboxError if the disk refuses."""
        if self.path is None:
            return
        try:
            with lock_file(self.path):
                others = [line for line, known in self._lines() if known.session != record.session]
                lines = [*others, msgspec.json.encode(record).decode()]
                write_private(self.path, "".join(f"{line}\n" for line in lines[-KEPT:]))
        except OSError as error:
            message = f"the journal {self.path} can't be written: {error.strerror}"
            raise SandboxError(
                message,
                hints=[Advice.say("the same command with SANDBOX_JOURNAL=false before it"), Advice.sandbox("doctor")],
            ) from error

    def records(self) -> tuple[Record, ...]:
        """Return the sessions, newest first; damaged lines are skipped."""
        return tuple(record for _, record in reversed(self._lines()))

    def find(self, name: str | None) -> Record | None:
        """Return the newest session with that name, or the newest of all."""
        return next((record for record in self.records() if name in (None, record.name, record.session)), None)

    def _lines(self) -> list[tuple[str, Record]]:
        if self.path is None:
            return []
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        found = [(line, _record(line)) for line in text.split("\n")]
        return [(line, record) for line, record in found if record is not None]


def _record(line: str) -> Record | None:
    """Return the record in a line, or None if the line is incomplete or has another format."""
    try:
        record = msgspec.json.decode(line, type=Record)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return record if record.format == FORMAT else None


def epoch(date: str) -> float:
    """Return a record's date as Unix seconds; 0 if it doesn't parse."""
    import calendar
    import time

    try:
        return float(calendar.timegm(time.strptime(date, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0


def age(record: Record) -> float:
    """Return how many seconds ago a session was."""
    return time.time() - epoch(record.date)


class JournalWriter:
    """Writes the record of a session; a full disk is reported once, and does not end the session."""

    def __init__(self, journal: Journal, reporter: Reporter) -> None:
        self._journal = journal
        self._reporter = reporter
        self.has_failed = False

    @property
    def is_recorded(self) -> bool:
        """Whether the journal has what was written; a journal may be none."""
        return self._journal.path is not None and not self.has_failed

    def write(self, record: Record) -> None:
        """Write the record, or warn that it can't be written."""
        try:
            self._journal.write(record)
        except SandboxError as error:
            self.warn(error)

    def warn(self, error: SandboxError) -> None:
        """Warn once that a record could not be written."""
        if not self.has_failed:
            self._reporter.warn(error)
        self.has_failed = True
