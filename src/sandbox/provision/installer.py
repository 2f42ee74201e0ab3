"""An installer that is not a package: a file or folder of this host, copied into a sandbox and run at a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.container.box import ROOT
from sandbox.container.dialogue import Command, DialogueEnd, Reply, converse, last_words
from sandbox.container.shell import add_user
from sandbox.core.plaintext import plain_line
from sandbox.core.programs import sh_argv
from sandbox.core.tar import pack
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, SandboxError, StepFailed, TooLong
from sandbox.provision.network import INSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from tarfile import TarInfo

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv
    from sandbox.provision.network import HostNetwork

WORK: Final = "/installer"
"""The folder in a sandbox that an installer's files are in, and where it runs."""
RUN_LIMIT: Final = 900.0
"""Seconds that an installer and its undo may take each."""
LONGEST: Final = 160
"""Characters of its words to tell."""
SHELL_LIMIT: Final = 20.0
"""Seconds for the starts of the user's shells."""
NOT_FOUND: Final = re.compile(
    r"(?:line )?\d+: ([\w.+-]+): (?:command )?not found$"
    r"|^(?:[\w./-]+: )?([\w.+-]+): command not found$"
    r"|command not found: ([\w.+-]+)$"
    r"|^env: (?:can't execute )?\W?([\w.+-]+)\W?: No such file or directory$"
    r"|^make(?:\[\d+\])?: ([\w.+-]+): No such file or directory$",
    re.MULTILINE,
)
"""What dash, busybox, bash, zsh, env and make say of a program that is not there."""

Kind = Literal["program", "folder", "archive"]


class Installer(Struct, frozen=True, kw_only=True):
    """What to run: `name` as it was typed, `source` an absolute path of this host, `argv` what runs in WORK.

    `interpreters` are the programs that its first line needs. `undo` is a command line that takes back what it did,
    empty for none. `limit`: seconds for each.
    """

    name: str
    source: str
    kind: Kind
    argv: Argv
    undo: str = ""
    replies: tuple[Reply, ...] = ()
    as_user: bool = False
    interpreters: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    limit: float = RUN_LIMIT

    @property
    def line(self) -> str:
        """What runs, as one line for people."""
        return plain_line(" ".join(self.argv), 200)


class InstallerEnd(Struct, frozen=True, kw_only=True):
    """How an installer or its undo ended: status None where it was killed; its last words, and what was not there.

    `question`: what it asked and nobody answered. `unused`: prompts of replies that nothing asked for.
    """

    status: int | None
    last: str = ""
    output: str = ""
    question: str = ""
    is_late: bool = False
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it ended by itself, and well."""
        return self.status == 0

    def failure(self, name: str, limit: float) -> str:
        """Return why it failed, or ""; `limit` are the seconds that it had."""
        return "" if self.is_good else failure_text(name, self.status, self.last, self.question, limit)


def failure_text(name: str, status: int | None, last: str, question: str, limit: float) -> str:
    """Return why an installer or its undo failed."""
    if question:
        return f"{name} asked “{plain_line(question, LONGEST)}”, and there is no answer to it"
    said = plain_line(last, LONGEST).rstrip(".") or "nothing"
    if status is None:
        return f"{name} was still running after {limit:g} s, and said last: {said}"
    return f"{name} ended with status {status} and said: {said}"


def answers_hint(question: str) -> Advice:
    """Return the next step for a question that nobody answered."""
    return Advice.again("--answers", "FILE", after=f", with a line: {plain_line(question, LONGEST)} = ANSWER")


class InstallerRoom:
    """An installer's files, user and environment in one sandbox."""

    def __init__(self, box: Box, installer: Installer, *, env: Mapping[str, str], network: HostNetwork) -> None:
        self._box = box
        self.installer = installer
        self._env = env
        self._network = network
        self.user = ""
        """The user that it runs as, empty for root."""

    def prepare(self) -> None:
        """Copy its files in, and make its user. Raises StepFailed where the sandbox can't take them."""
        one = self.installer
        self._box.exec(("mkdir", "-p", WORK))
        source = Path(one.source)
        name = "." if one.kind == "folder" else source.name
        try:
            self._box.copy_in(WORK, pack(source, name, is_wanted))
        except OSError as error:
            message = f"could not read {error.filename or source}: {error.strerror or error}"
            raise SandboxError(message) from error
        if one.kind == "archive":
            self._unpack(source.name)
        self.user = add_user(self._box).name if one.as_user else ""
        program = source.name if one.kind == "program" else ""
        done = self._box.exec(sh_argv(__package__, "prepare_installer.sh", WORK, self.user, program))
        if done.status:
            message = f"could not make {plain_line(one.name, 100)} ready in the sandbox"
            raise StepFailed(message, details=[("it said", last_words(done.output.encode()))])
        home, user = (done.stdout.splitlines() or ["/root"])[-1], self.user or "root"
        own = {"HOME": home, "USER": user, "LOGNAME": user, "SHELL": "/bin/sh", "TERM": "xterm", "LANG": "C.UTF-8"}
        self._env = {**self._network.env, **own, **self._env, **dict(one.env)}

    def shell_paths(self) -> tuple[str, ...]:
        """Return the folders in which the shells of its user look for programs, each once."""
        argv = sh_argv(__package__, "shell_paths.sh")
        try:
            done = self._box.exec(argv, env=self._env, user=self.user or ROOT, seconds=SHELL_LIMIT)
        except TooLong:  # a shell's start may wait for somebody
            return ()
        folders = (folder for line in done.stdout.splitlines() for folder in line.split(":"))
        return tuple(dict.fromkeys(plain_line(folder) for folder in folders if folder.startswith("/")))

    def _unpack(self, name: str) -> None:
        """Unpack an archive in the sandbox, by the sandbox's own programs."""
        argv = ("unzip", "-q", name) if name.lower().endswith(".zip") else ("tar", "-xf", name)
        done = self._box.exec(("sh", "-c", 'cd "$1" && shift && "$@" && rm -f "$0"', name, WORK, *argv))
        if done.status:
            message = f"{argv[0]} could not unpack {plain_line(name, 100)} in the sandbox"
            raise StepFailed(message, details=[("it said", last_words(done.output.encode()))])

    def run(self, on_line: Callable[[str], None]) -> InstallerEnd:
        """Run the installer, and return how it ended."""
        if missing := self._absent(self.installer.interpreters):
            return InstallerEnd(status=127, last=f"{missing[0]}: not found", missing=missing)
        return self._at_terminal(self.installer.argv, on_line)

    def spec(self) -> ExecSpec:
        """Return what to run at the terminal of the user, who answers for themselves."""
        argv = sh_argv(__package__, "at_users_terminal.sh", WORK, *self.installer.argv)
        self._bring_certificates()
        return ExecSpec(argv=argv, env=self._env, user=self.user or ROOT, tty=True, stdin=True)

    def undo(self, on_line: Callable[[str], None]) -> InstallerEnd:
        """Run what takes it back, and return how that ended."""
        return self._at_terminal(("sh", "-c", self.installer.undo), on_line)

    def _at_terminal(self, argv: Argv, on_line: Callable[[str], None]) -> InstallerEnd:
        command = Command(argv=argv, env=self._env, user=self.user or ROOT, folder=WORK, seconds=self.installer.limit)
        self._bring_certificates()
        ended = converse(self._box, command, self.installer.replies, on_line)
        self._box.exec(("rm", "-f", INSIDE))
        return self._end_of(ended)

    def _end_of(self, ended: DialogueEnd) -> InstallerEnd:
        words = dict.fromkeys(next(filter(None, found)) for found in NOT_FOUND.findall(ended.output))
        return InstallerEnd(
            status=ended.status,
            last=last_words(ended.output.encode()),
            output=ended.output,
            question=ended.question,
            is_late=ended.is_late,
            missing=self._absent(tuple(words)),
            unused=tuple(one.prompt for one in ended.unused),
        )

    def _bring_certificates(self) -> None:
        if self._network.bundle is not None:
            self._box.exec(("sh", "-c", 'cat >"$1"', "sh", INSIDE), stdin=self._network.bundle)

    def _absent(self, programs: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some programs that the sandbox lacks."""
        if not programs:
            return ()
        text = 'for name; do command -v "$name" >/dev/null 2>&1 || echo "$name"; done'
        done = self._box.exec(("sh", "-c", text, "sh", *programs), env={"PATH": self._env.get("PATH", "")})
        return tuple(done.stdout.split())


def owner_of_work(box: Box) -> tuple[int, ...]:
    """Return the uid and gid that WORK belongs to, those of the installer's user; empty if they can't be read."""
    fields = box.exec(("ls", "-ldn", WORK)).stdout.split()
    return tuple(map(int, fields[2:4])) if all(field.isdecimal() for field in fields[2:4]) else ()


def is_wanted(info: TarInfo) -> bool:
    """Return whether something of a folder is copied in: a file, a folder or a link, but no pipe and no device."""
    return info.isreg() or info.isdir() or info.issym() or info.islnk()
