"""A command in a sandbox at a terminal of its own: its questions are answered by a list, or end it."""

from __future__ import annotations

import re
import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import BEGIN_LIMIT, TAIL
from sandbox.container.output import FLOOD, LineSplitter, TailBuffer, ThrottledLines
from sandbox.core.plaintext import plain_line
from sandbox.core.programs import sh_argv
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv, Exec

ROWS, COLUMNS = 24, 80
"""The size of its terminal."""
CHUNK: Final = 65536
LONGEST_QUESTION: Final = 2000
"""Bytes of the last output in which a question is looked for."""
QUIET: Final = 0.2
"""Seconds without output after which somebody may be waiting for an answer."""
SLOWEST: Final = 5.0
"""Most seconds between two looks at whether it does."""
UNSURE: Final = 60.0
"""Seconds without output after which words that look like a question are one, where the kernel does not say."""
EXPECTED: Final = 3.0
"""The same for words to which there is a reply."""
LOOK_LIMIT: Final = 10.0
KILLED_LIMIT: Final = 3.0
PROMPT: Final = re.compile(r"[?:>\])]\s*$")
"""How the last line of a question ends."""


class Reply(Struct, frozen=True, kw_only=True):
    """An answer to type, once, where a question holds a `prompt`, upper or lower case."""

    prompt: str
    text: str


class DialogueEnd(Struct, frozen=True, kw_only=True):
    """How a command at a terminal ended: its status, None where it was killed, and its last lines.

    `question`: what it asked and nobody answered; `is_late`: its time was over. `unused`: replies that nothing asked
    for.
    """

    status: int | None
    output: str
    question: str = ""
    is_late: bool = False
    unused: tuple[Reply, ...] = ()


class Command(Struct, frozen=True, kw_only=True):
    """What to run at a terminal: as `user`, in `folder`, for `seconds` at most."""

    argv: Argv
    env: Mapping[str, str]
    user: str
    folder: str
    seconds: float


def converse(box: Box, command: Command, replies: Sequence[Reply], on_line: Callable[[str], None]) -> DialogueEnd:
    """Run a command to its end, or to a question without a reply, or until its time is over.

    Raises SandboxDied where the container ends under it. What it began in a session of its own goes on.
    """
    argv = sh_argv(__package__, "at_terminal.sh", command.folder, *command.argv)
    process = box.open(ExecSpec(argv=argv, env=command.env, user=command.user, tty=True, stdin=True))
    talk = _Dialogue(box, process, command, replies, on_line)
    try:
        talk.run()
    except BaseException:
        talk.kill()
        raise
    if talk.is_over:
        process.stream.close()
        status = box.exit_status(process)
    else:
        talk.kill()
        status = None
    return DialogueEnd(
        status=status, output=talk.output, question=talk.question, is_late=talk.is_late, unused=tuple(talk.replies)
    )


class _Dialogue:
    """One run: output in, replies out."""

    def __init__(
        self,
        box: Box,
        process: Exec,
        command: Command,
        replies: Sequence[Reply],
        on_line: Callable[[str], None],
    ) -> None:
        self._box = box
        self._process = process
        self._command = command
        self.replies = list(replies)
        self._cut, self._tail, self._shown = LineSplitter(FLOOD), TailBuffer(TAIL), ThrottledLines(on_line)
        self._recent = b""
        self._leader: bytes | None = None
        self._begin, self._began = b"", 0.0
        self._typed: str | None = None
        """The last reply, as one line."""
        self.question = ""
        self.is_late = self.is_over = False

    @property
    def output(self) -> str:
        """Its last lines."""
        return self._tail.text()

    def run(self) -> None:
        """Copy output until the end, a question or the limit."""
        self._began = spoke = time.monotonic()
        pause = QUIET
        while not (self.is_over or self.question or self.is_late):
            if self._is_readable(pause):
                data = self._process.stream.recv(CHUNK)
                self.is_over = not data
                self._take(data)
                spoke, pause = time.monotonic(), QUIET
            else:
                now = time.monotonic()
                self._look(now - spoke)
                pause = min(pause * 2, SLOWEST)
            limit = self._command.seconds + (BEGIN_LIMIT if self._leader is None else 0)
            self.is_late = time.monotonic() - self._began > limit and not self.is_over
        self._keep(self._cut.end())
        self._shown.end()

    def kill(self) -> None:
        """Kill it and all of its session; if the engine can't, the end of the sandbox does."""
        with suppress(SandboxError, OSError):
            if self._leader and self._leader.isdigit():
                argv = sh_argv(__package__, "kill_session.sh", self._leader.decode())
                self._box.read(argv, limit=CHUNK, seconds=KILLED_LIMIT)
        self._process.stream.close()

    def _is_readable(self, seconds: float) -> bool:
        stream = self._process.stream
        return bool(stream.pending or select.select([stream], [], [], seconds)[0])

    def _take(self, data: bytes) -> None:
        """Take output in; the first line says which process it is."""
        if self._leader is None:
            self._begin += data
            first, newline, data = self._begin.partition(b"\n")
            if not newline:
                return
            self._leader, self._began = first.strip(), time.monotonic()
            self._process.resize(ROWS, COLUMNS)  # not earlier: an engine lets that wait until the process is there
        self._recent = (self._recent + data)[-LONGEST_QUESTION:]
        self._keep(self._cut.feed(data))

    def _keep(self, lines: list[str]) -> None:
        self._tail.extend(lines)
        self._shown.take(lines, has_gap=self._cut.has_gap)

    def _look(self, quiet: float) -> None:
        """See whether it waits for an answer: type one, or note its last words as a question.

        Not before the kernel says that it reads, or nothing was said for long: a program that asks for a password
        first prints its question, and then turns the echo off, and throws away what was typed until then.
        """
        last, found = last_words(self._recent), self._fitting_reply()
        state = self._state()
        if state == "over":
            self.is_over = True
        elif quiet >= self._patience(state, found, last):
            self._answer(found, last)

    def _has_news(self) -> bool:
        """Return whether it has said something since the last reply, beside the echo of that.

        Else it may not have read it yet: on a busy machine the reply counted as the next question.
        """
        said = plain_line(self._recent)
        return self._typed is None or bool(said.removeprefix(self._typed).strip())

    def _patience(self, state: str, found: Reply | None, last: str) -> float:
        """Return the seconds of silence after which it is taken to wait for an answer."""
        if state == "waits":
            return 0.0 if self._has_news() else UNSURE
        if state != "perhaps":
            return float("inf")
        if found is not None:
            return min(EXPECTED, UNSURE)
        return UNSURE if PROMPT.search(last) else float("inf")

    def _answer(self, found: Reply | None, last: str) -> None:
        """Type a reply, once; what was answered is not looked at again."""
        if found is None:
            self.question = last or "something, without a word"
            return
        self.replies.remove(found)
        self._recent, self._typed = b"", plain_line(found.text)
        with suppress(OSError):  # it may have ended
            self._process.stream.sendall(f"{found.text}\n".encode())

    def _fitting_reply(self) -> Reply | None:
        """Return the first reply whose prompt is in the last lines."""
        said = plain_line(self._recent).casefold()
        return next((one for one in self.replies if plain_line(one.prompt).casefold() in said), None)

    def _state(self) -> str:
        """Return what the script says: `waits`, `perhaps`, `over`, or nothing."""
        argv = sh_argv(__package__, "waits_for_input.sh", (self._leader or b"").decode(errors="replace"))
        said = set[bytes]()
        for user in dict.fromkeys((self._command.user, "0")):
            with suppress(SandboxError):
                said.add(self._box.read(argv, user=user, limit=CHUNK, seconds=LOOK_LIMIT)[1].strip())
        return next((state for state in ("over", "waits", "perhaps") if state.encode() in said), "")


def last_words(output: bytes) -> str:
    """Return the last line that says something, as one plain line."""
    lines = (plain_line(line, 200) for line in re.split(rb"[\r\n]+", output))
    return next((line for line in reversed([*lines]) if line), "")
