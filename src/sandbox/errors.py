"""The errors of the program, each with what happened, the evidence, the next step and an exit code.

SandboxError                  1
├── UsageError                2  arguments, settings
│   ├── UnknownWord           2  none of the words that are known
│   └── SpecError             2  a YAML document; all its problems at once
├── EngineError               3
│   ├── NoEngine              3  nothing answers
│   ├── EngineTimeout         3
│   ├── ConnectionCut         3  to a command that runs on
│   ├── NotFound              3  the engine does not know the object
│   ├── Conflict              3  name taken, object in use
│   ├── Denied                3  permission or login
│   └── PullFailed            3
├── StepFailed                4  a command inside the sandbox failed
│   ├── UnknownPackage        4
│   ├── CommandFailed         4  its status was not 0, and that was to be an error
│   ├── TooLong               4  it had not ended when its time was over
│   └── SandboxDied           4  the container ended under us
├── RemovalFailed             5  something could not be removed
├── Unwritten                 1  output, or a file that was asked for, could not be written
├── CheckFailed               6
└── Interrupted             130  a signal: 128 + its number
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = tuple[str, str]
"""A label and its text, such as `tried` and `unix:///var/run/docker.sock`."""


Base = Literal["sandbox", "program", "again", "without", "mended", "words"]
"""What an advice's argv is: of this program, a whole command line of another, what to add to the command that was
typed, what to leave out of it; mended: what to put behind it, once its `swaps` are made; words: no command."""


class Advice(Struct, frozen=True):
    """A next step: what to type, and text before and behind it. `report/` puts it into words.

    A test parses every `Advice.sandbox(...)` with the real command line: words in capitals stand for the user's own.
    `swaps` are words that were typed, each with the one to type in its place, empty for none.
    """

    base: Base
    argv: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    swaps: tuple[tuple[str, str], ...] = ()

    @classmethod
    def sandbox(cls, *words: str, before: str = "", after: str = "") -> Advice:
        """Return the advice to run this program: `sandbox("try", "htop")`."""
        return cls("sandbox", words, before, after)

    @classmethod
    def program(cls, *argv: str, before: str = "", after: str = "") -> Advice:
        """Return the advice to run another program."""
        return cls("program", argv, before, after)

    @classmethod
    def again(cls, *words: str, before: str = "", after: str = "") -> Advice:
        """Return the advice to type the same command with more words."""
        return cls("again", words, before, after)

    @classmethod
    def without(cls, *words: str, before: str = "", after: str = "") -> Advice:
        """Return the advice to type the same command without these words."""
        return cls("without", words, before, after)

    @classmethod
    def mend(cls, *swaps: tuple[str, str], more: Iterable[str] = ()) -> Advice:
        """Return the advice to type the same command with other words in the place of some, and `more` behind it."""
        return cls("mended", tuple(more), swaps=swaps)

    @classmethod
    def say(cls, text: str) -> Advice:
        """Return advice that is no command."""
        return cls("words", before=text)

    @property
    def line(self) -> str:
        """The command line, quoted for a shell; for `again` and `without` only the words."""
        import shlex

        return shlex.join(("sandbox", *self.argv) if self.base == "sandbox" else self.argv)


class SandboxError(Exception):
    """What happened (`brief`), the evidence (`details`) and what to type next (`hints`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, brief: str, *, details: Iterable[Row] = (), hints: Iterable[Advice] = ()) -> None:
        super().__init__(brief)
        self.brief = brief
        self.details: tuple[Row, ...] = tuple(details)
        self.hints: tuple[Advice, ...] = tuple(hints)

    @property
    def status(self) -> int:
        """The exit status this error ends the program with."""
        return self.exit_code


class UsageError(SandboxError):
    """The command line or a setting is invalid."""

    exit_code = 2


class UnknownWord(UsageError):
    """A word that is not among the known ones; `near` is the most similar known one, or empty."""

    def __init__(
        self, brief: str, *, near: str = "", details: Iterable[Row] = (), hints: Iterable[Advice] = ()
    ) -> None:
        super().__init__(brief, details=details, hints=hints)
        self.near = near


class Problem(Struct, frozen=True, kw_only=True):
    """One problem of a document: where it is and what was expected."""

    source: str
    line: int
    column: int
    path: str
    message: str

    def row(self, width: int = 0) -> Row:
        """Return the position and the message; the path takes `width` columns."""
        place = f"{self.source}:{self.line}:{self.column}"
        return place, f"{self.path:<{width}}   {self.message}" if self.path else self.message


class SpecError(UsageError):
    """A YAML document has problems; `problems` holds all of them, in the document's order."""

    def __init__(self, source: str, problems: Iterable[Problem], *, hints: Iterable[Advice] = ()) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        brief = f"{source} has {count} problem{'s' if count != 1 else ''}"
        width = max((len(problem.path) for problem in self.problems), default=0)
        super().__init__(brief, details=[problem.row(width) for problem in self.problems], hints=hints)


class EngineError(SandboxError):
    """The container engine refused, failed or ended."""

    exit_code = 3


class NoEngine(EngineError):
    """No container engine answers."""


class EngineTimeout(EngineError):
    """The engine did not answer in time."""


class ConnectionCut(EngineError):
    """The connection to a command ended before the command did: what lies between has cut it."""


class NotFound(EngineError):
    """The engine does not know the object."""


class Conflict(EngineError):
    """The name is taken, or the object is in use."""


class Denied(EngineError):
    """The engine or the registry wants another login."""


class PullFailed(EngineError):
    """A base image could not be pulled."""


Cause = Literal[
    "unknown-package",
    "unknown-version",
    "conflict",
    "held",
    "downgrade",
    "script",
    "lock",
    "network",
    "mirror",
    "disk",
    "signature",
    "expired",
    "root",
    "withheld",
    "other",
]
"""Why a step failed, as far as the manager's words tell: held, a package is not to change, by the user's own word;
downgrade, it would have to become older; mirror, what it sent; script, a package's own; withheld, the
distro has it but holds it back: masked, its licence not accepted, marked as insecure."""


class StepFailed(SandboxError):
    """A step inside the sandbox failed, of a `cause`."""

    exit_code = 4

    def __init__(
        self, brief: str, *, cause: Cause = "other", details: Iterable[Row] = (), hints: Iterable[Advice] = ()
    ) -> None:
        super().__init__(brief, details=details, hints=hints)
        self.cause: Cause = cause


class Missing(Struct, frozen=True, kw_only=True):
    """A package that was asked for and can't be had as it was asked for.

    `name` is what was asked for, `version` the version that there is none of. `is_virtual`: others provide the name,
    and none of them is chosen; `is_tied`: several do, and the manager prefers none. `is_mentioned`: other packages name
    it, and the index does not have it. `near` are names to ask for in its place, the best first, `versions` those that
    there are. `archive` is a part of the distro that has it and is not switched on, as `non-free`, and `sources` the
    lines that switch it on.
    """

    name: str
    version: str = ""
    is_virtual: bool = False
    is_tied: bool = False
    is_mentioned: bool = False
    near: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    archive: str = ""
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What was asked for, as users write it."""
        return f"{self.name}={self.version}" if self.version else self.name


class UnknownPackage(StepFailed):
    """The distro can't give packages as they were asked for: `missing` has all of them, `package` is the first's name.

    The cause is unknown-version where a version alone is lacking.
    """

    def __init__(
        self,
        brief: str,
        *,
        package: str = "",
        missing: Iterable[Missing] = (),
        details: Iterable[Row] = (),
        hints: Iterable[Advice] = (),
    ) -> None:
        self.missing: tuple[Missing, ...] = tuple(missing) or (Missing(name=package),)
        is_version = all(one.version for one in self.missing)
        super().__init__(
            brief, cause="unknown-version" if is_version else "unknown-package", details=details, hints=hints
        )
        self.package = self.missing[0].name


class CommandFailed(StepFailed):
    """A command that was to succeed ended with another status than 0: `returncode`; `stdout` and `stderr` have all.

    They are text or bytes, as its run was asked for.
    """

    def __init__(
        self,
        brief: str,
        *,
        returncode: int = 1,
        stdout: str | bytes = "",
        stderr: str | bytes = "",
        details: Iterable[Row] = (),
    ) -> None:
        super().__init__(brief, details=details)
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr


class TooLong(StepFailed):
    """A command in the sandbox was still running when its time was up; `stdout` and `stderr` have what it wrote.

    It may go on, unless the message says that it was killed.
    """

    def __init__(self, brief: str, *, stdout: str | bytes = "", stderr: str | bytes = "") -> None:
        super().__init__(brief)
        self.stdout = stdout
        self.stderr = stderr


class SandboxDied(StepFailed):
    """The container ended while it was in use."""


class RemovalFailed(SandboxError):
    """Something that the session created could not be removed."""

    exit_code = 5


STREAMS: Final = {1: "standard output", 2: "standard error"}


class Unwritten(SandboxError):
    """Output or a requested file can't be written, for example because the disk is full."""

    @classmethod
    def place(cls, place: object, error: OSError, *, hints: Iterable[Advice] = ()) -> Unwritten:
        """Return the error for a place, as a path, with the system's reason."""
        reason = (error.strerror or type(error).__name__).lower()
        full = [Advice.program("df", "-h")] if error.errno in (errno.ENOSPC, errno.EDQUOT) else []
        return cls(f"{place} can't be written: {reason}", hints=[*full, *hints])

    @classmethod
    def stream(cls, descriptor: int, error: OSError) -> Unwritten:
        """Return the error for standard output (1) or standard error (2)."""
        if error.errno == errno.EBADF:
            return cls(f"{STREAMS[descriptor]} can't be written: it is closed")
        return cls.place(STREAMS[descriptor], error)


class CheckFailed(SandboxError):
    """A check of a spec, or a verification, failed."""

    exit_code = 6


class Interrupted(KeyboardInterrupt):
    """A signal ended the session; the exit status is 128 + its number."""

    def __init__(self, signum: int = 2) -> None:
        super().__init__("interrupted")
        self.signum = signum

    @property
    def status(self) -> int:
        """128 + the signal's number, as a shell reports it."""
        return 128 + self.signum
