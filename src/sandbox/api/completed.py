"""How a command that was run in a sandbox ended."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

from sandbox.core.plaintext import plain, plain_line
from sandbox.errors import CommandFailed

if TYPE_CHECKING:
    from sandbox.container.command import CommandEnd

Output = TypeVar("Output", bound="str | bytes")

EVIDENCE: Final = 12
"""Last lines of a failed command that its error shows."""


class Completed(Struct, Generic[Output], frozen=True, kw_only=True):
    """A command's words, its exit status, and all that it wrote: text or bytes, as it was asked for."""

    args: tuple[str, ...]
    returncode: int
    stdout: Output
    stderr: Output

    def check_returncode(self) -> None:
        """Raise CommandFailed for any other status than 0."""
        if not self.returncode:
            return
        written: str | bytes = self.stderr or self.stdout
        said = plain(written).strip().splitlines()[-EVIDENCE:]
        rows = [("ran", plain_line(shlex.join(self.args), 200)), *([("it said", "\n".join(said))] if said else [])]
        raise CommandFailed(
            f"{plain_line(self.args[0], 60)} in the sandbox ended with status {self.returncode}",
            returncode=self.returncode,
            stdout=self.stdout,
            stderr=self.stderr,
            details=rows,
        )


def completion(argv: tuple[str, ...], end: CommandEnd, *, text: bool) -> Completed[str] | Completed[bytes]:
    """Return how a command ended, with what it wrote as text or as bytes."""
    if not text:
        return Completed(args=argv, returncode=end.status, stdout=end.stdout, stderr=end.stderr)
    return Completed(args=argv, returncode=end.status, stdout=as_text(end.stdout), stderr=as_text(end.stderr))


def as_text(output: str | bytes) -> str:
    """Return what a command wrote as text: UTF-8, with U+FFFD for each byte that is none, and its newlines as such."""
    return output.decode(errors="replace") if isinstance(output, bytes) else output
