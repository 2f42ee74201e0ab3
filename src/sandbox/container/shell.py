"""The user's shell in a sandbox: its argv and environment, what it records at the start, and why it ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.core.programs import program, sh_argv, source
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, EngineError, SandboxError, UsageError
from sandbox.lifecycle.scratch import SCRATCH, begin_function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv, Image

DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH that engines use for an image without one."""


OOM: Final = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""The kernel's counters of processes killed at a memory limit, for cgroup v2 and v1."""
KILLS: Final = f"{SCRATCH}/kills"
"""Their values when the shell started, so that kills during the install don't count."""
_NOTE: Final = 10
"""The place of the note `known` in a shell's argv."""
MISSING: Final = {3: "user", 4: "group"}
"""What a name is none of, by the exit status of add_user.sh."""
_WAITING: Final = "-"
"""What stands there in a shell that waits for it, which no note is."""
READY: Final = b"\1"
"""What such a shell writes once it waits."""
ANSWER: Final = b"\2"
"""What it writes once it goes on."""


def out_of_memory(box: Box) -> bool:
    """Return whether a process was killed at the memory limit since the shell began; False where that can't be seen.

    Where the begin could not be noted, as by a user that is not root, since the container was started.
    """
    try:
        _, output = box.read(("cat", KILLS, *OOM), limit=100_000)
    except SandboxError:
        return False
    counts = [int(number) for number in re.findall(rb"^oom_kill (\d{1,18})$", output, re.MULTILINE)]
    before = counts[0] if len(counts) > 1 else 0
    return bool(counts) and counts[-1] > before


class Account(Struct, frozen=True):
    """A user of a sandbox: `name` as the engine takes it, NAME or NAME:GROUP; `home`: empty if it may not enter it."""

    name: str
    home: str


def add_user(box: Box, known: str = "", who: Sequence[str] = ()) -> Account:
    """Return a new unprivileged user with a home, or `who`: a user and perhaps a group, each a number or a name.

    A user that has that number already is taken, else one is made. Raises UsageError for a name that is not there,
    EngineError if none could be added.
    """
    words = [*who, "", ""][:2]
    argv = sh_argv(__package__, "add_user.sh", SCRATCH, known, source(__package__, "promote.sh"), *words)
    status, output = box.read(argv, limit=100_000)
    lines = output.decode(errors="replace").splitlines()
    if status in MISSING:
        raise _missing_account(MISSING[status], words, lines)
    name, home = [*lines, "", ""][:2]
    if status or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(:[A-Za-z0-9_.-]+)?", name):
        message = "could not add a user without privileges to the sandbox"
        raise EngineError(message, details=[("exit status", str(status))])
    return Account(name, home)


def _missing_account(kind: str, words: Sequence[str], known: Sequence[str]) -> UsageError:
    """Return the error for a user or group that is none of the known ones."""
    from sandbox.core.fuzzy import nearest_words

    user, group = words
    wanted = user if kind == "user" else group
    near = nearest_words(wanted, known)
    meant = [":".join(filter(None, (name, group) if kind == "user" else (user, name))) for name in near]
    return UsageError(
        f"the sandbox has no {kind} {plain_line(wanted, 60)}",
        details=[(f"{kind}s", plain_line(", ".join(known), 1000))] * bool(known),
        hints=[
            *(Advice.again(f"--user={text}") for text in meant),
            Advice.again("--user", after=", which is a new user without privileges"),
        ],
    )


def search_path(image: Image, extra: tuple[str, ...]) -> str:
    """Return the image's PATH, extended by the folders that the distro's users have."""
    own = next((text.partition("=")[2] for text in image.env if text.startswith("PATH=")), DEFAULT_PATH)
    return ":".join([own, *(folder for folder in extra if folder not in own.split(":"))])


def shell_spec(
    command: Argv,
    shells: tuple[str, ...],
    *,
    env: Mapping[str, str],
    terminal: tuple[int, int] | None,
    settings: Sequence[str] = (),
    state: str = "",
    known: str = "",
    absent: str = "",
    is_asked: bool = True,
) -> ExecSpec:
    """Return the exec of the user's shell, or of `command`; `terminal` is its rows and columns where it has one.

    `settings` are absolute paths of which a copy is kept, so that it can be told later what was changed, and `state` is
    a program whose output is kept for the same; `known` is noted for that. `absent` is said besides where there is no
    such command. `is_asked`: whether there is a question on leaving, which `promote` inside asks for.
    """
    rows, columns = (str(terminal[0]), str(terminal[1])) if terminal else ("", "")
    promote = source(__package__, "promote.sh") if terminal and is_asked else ""
    inner = command or ("--shells", *shells)
    text = begin_function() + program(__package__, "shell.sh")
    noted = (SCRATCH, rows, columns, promote, " ".join(settings), state, known, absent)
    return ExecSpec(
        argv=("/bin/sh", "-c", text, "sandbox", *noted, *inner), env=env, tty=terminal is not None, stdin=True
    )


def with_waiting(spec: ExecSpec) -> ExecSpec:
    """Return a shell as one that waits at its terminal for the line with its note, and for the sandbox to be ready."""
    return replace(spec, argv=(*spec.argv[:_NOTE], _WAITING, *spec.argv[_NOTE + 1 :]))


def note_of(spec: ExecSpec) -> str:
    """Return the note of a shell: one line."""
    return spec.argv[_NOTE]


def shell_environment(environ: Mapping[str, str], path: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the user's shell: terminal type, a UTF-8 locale, PATH, and the spec's variables."""
    shown = {name: environ[name] for name in ("COLORTERM", "NO_COLOR") if name in environ}
    return {
        "TERM": environ.get("TERM") or "dumb",
        "LANG": "C.UTF-8",
        "PATH": f"{path}:{SCRATCH}",
        **shown,
        **env,
    }
