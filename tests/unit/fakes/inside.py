"""What is behind the row of a container: its files, its first process and those started from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.unit.fakes.streams import FakeConnection, FakeExec, frame

from sandbox.lifecycle.lifetimes import pid1_argv

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.fakes.tree import Tree

    from sandbox.engine.protocol import Argv, Ending, ExecSpec

    Answer = tuple[int | None, bytes, bytes]
    """What a command answers: its status (RUNNING, or None for one whose container died under it), both streams."""
    Program = Callable[["Inside", ExecSpec, bytes], Answer]
    """What runs in a container: given it, the command and its stdin."""

RUNNING: Final = 1 << 30
"""The status of a command that goes on until its container ends."""
KILLED: Final = 137
LIFELINES: Final = (pid1_argv("session", None)[:3], pid1_argv("kept", None)[:3])


@dataclass
class Inside:
    """A container from within. `argv` is its PID 1's; `volumes` are names by the path that shows them."""

    ident: str
    tree: Tree
    argv: Argv = ()
    auto_remove: bool = False
    log: bytes = b""
    is_connected: bool = True
    lifeline: FakeConnection | None = None
    execs: list[FakeExec] = field(default_factory=list)
    volumes: dict[str, str] = field(default_factory=dict)
    ended: Ending | None = None

    @property
    def has_lifeline(self) -> bool:
        """Whether its PID 1 is one of ours, which ends with its stdin."""
        return self.argv[:3] in LIFELINES

    def open(self, spec: ExecSpec, answer: Callable[[bytes], Answer], *, at_once: bool) -> FakeExec:
        """Return a command; `answer` gets its stdin, `at_once` or when somebody waits for what it says."""
        process = FakeExec(FakeConnection(), ident=f"exec-{len(self.execs) + 1}-in-{self.ident}")
        self.execs.append(process)
        has_run = False

        def run() -> None:
            nonlocal has_run
            if has_run:
                return
            has_run = True
            if process not in self.execs:  # its container went before its turn came
                process.code = None
                return
            before = self.ended
            code, stdout, stderr = answer(process.stream.sent)
            if self.ended is not before:  # PID 1 ended meanwhile
                code = KILLED
            if spec.tty:
                process.stream.chunks += [text for text in (stdout, stderr) if text]
            else:
                pieces = [(stdout, False), (stderr, True)]
                process.stream.chunks += [frame(text, error=is_error) for text, is_error in pieces if text]
            if process in self.execs:
                process.is_running = code == RUNNING
                process.code = code
            else:  # its container went meanwhile
                process.code = None

        if at_once:
            run()
        else:
            process.is_running = True
            process.stream.on_read = run
        return process

    def end(self, ended: Ending) -> None:
        """End all that runs in it, as a kernel does where PID 1 ends."""
        self.ended = ended
        for process in self.execs:
            if process.is_running:
                process.is_running, process.code = False, KILLED
        if self.lifeline is not None:
            self.lifeline.closed = True

    def vanish(self) -> None:
        """Forget its commands: an engine that removed it knows none of them."""
        for process in self.execs:
            process.code = None
        self.execs.clear()
