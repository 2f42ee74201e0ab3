"""From the words behind `--run` to an installer: what file or folder of this host is meant, and how it is run."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.dialogue import Reply
from sandbox.core.files import read_file
from sandbox.core.human import count, size
from sandbox.core.plaintext import plain_line
from sandbox.core.unreadable import unreadable_file
from sandbox.errors import Advice, UsageError
from sandbox.provision.installer import Installer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.provision.installer import Kind

HEAD: Final = 4096
"""Bytes of a file that tell what it is."""
ARCHIVES: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".zip")
LARGEST: Final = 4_000_000_000
"""Most bytes of a file or of a folder's files: the largest installers of vendors have some."""
MOST: Final = 100_000
"""Most files of a folder."""
FEW: Final = 3
LONGEST_ANSWERS: Final = 100_000
SIGN: Final = " ="
"""What stands between a question and its answer."""


def find_installer(
    name: str,
    folder: Path,
    *,
    command: Sequence[str] = (),
    undo: str = "",
    answers: Path | None = None,
    as_user: bool = False,
) -> Installer:
    """Return the installer that `name` means, relative to `folder`. Raises UsageError for what can't be run.

    `command`: the words behind `--`: arguments of a file, the command itself for a folder or an archive.
    """
    path = folder / Path(name).expanduser()
    mode = _mode(path, name)
    source = Path(os.path.realpath(path))
    kind: Kind = "folder" if stat.S_ISDIR(mode) else "archive" if path.name.lower().endswith(ARCHIVES) else "program"
    if kind != "program" and not command:
        raise _no_command(name, kind)
    found = Installer(
        name=plain_line(name, 200),
        source=str(source),
        kind=kind,
        argv=tuple(command),
        undo=undo,
        replies=read_replies(answers) if answers else (),
        as_user=as_user,
    )
    if kind == "folder":
        return replace(found, notes=tuple(_folder_notes(source, name)))
    _check_size(source.stat().st_size, name)
    return _program(found, _head(source, name)) if kind == "program" else found


def _program(found: Installer, head: bytes) -> Installer:
    """Return an installer that is one file, which begins so."""
    _check_kind(head, found.name)
    env = _environment(head)
    notes = ["It ran unpacked (APPIMAGE_EXTRACT_AND_RUN): a sandbox has no FUSE."] * bool(env)
    if head.startswith(b"#!") and head.partition(b"\n")[0].endswith(b"\r"):
        notes.append("Its first line ends as lines of Windows do (CR LF), so Linux does not find the program in it.")
    return replace(
        found,
        argv=(*_start(head), f"./{basename(found.source)}", *found.argv),
        interpreters=_interpreters(head),
        env=env,
        notes=tuple(notes),
    )


def _mode(path: Path, name: str) -> int:
    """Return the mode of a file or folder; nothing else is opened, since a pipe would wait for ever."""
    shown = plain_line(name, 200)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        words = [Advice.say("--run takes a file; save the commands as one, such as install.sh")] if " " in name else []
        raise unreadable_file(path, error, shown=name, hints=words) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        message = f"--run: {shown} is neither a file nor a folder"
        raise UsageError(message, hints=[Advice.say("save it as a file first: curl -fsSLo install.sh URL")])
    return mode


def _no_command(name: str, kind: Kind) -> UsageError:
    what = "a folder" if kind == "folder" else "an archive"
    example = ("make", "install") if kind == "folder" else ("sh", "-c", "cd NAME && ./setup.sh")
    message = f"--run: {plain_line(name, 200)} is {what}: name the command to run in it behind --"
    return UsageError(message, hints=[Advice.again("--", *example)])


def _check_size(number: int, name: str) -> None:
    if number > LARGEST:
        message = f"--run: {plain_line(name, 200)} has {size(number)}, more than {size(LARGEST)}"
        raise UsageError(message, hints=[Advice.sandbox("try", "--mount", "FOLDER:/mnt", before="mount its folder: ")])


def _folder_notes(source: Path, name: str) -> Iterator[str]:
    """Yield what is not in a sandbox as it is in a folder. Raises UsageError for one that is too large to copy."""
    total = 0
    special, leaving = list[str](), list[str]()
    for files, path in enumerate(_walk(source), 1):
        shown, info = plain_line(str(path.relative_to(source)), 100), path.lstat()
        if stat.S_ISREG(info.st_mode):
            total += info.st_size
        elif stat.S_ISLNK(info.st_mode):
            target = os.path.realpath(path)
            leaving += [] if Path(target).is_relative_to(source) else [shown]
        elif not stat.S_ISDIR(info.st_mode):
            special.append(shown)
        if files > MOST:
            message = f"--run: {plain_line(name, 200)} has more than {MOST} files"
            raise UsageError(message, hints=[Advice.say("name a smaller folder, or an archive of it")])
        _check_size(total, name)
    if special:
        yield f"Pipes, sockets and devices of the folder were left out: {_some(special)}."
    if leaving:
        links = count(len(leaving), "link")
        yield f"{links} of the folder led out of it, and led elsewhere or nowhere in the sandbox: {_some(leaving)}."


def _some(paths: Sequence[str]) -> str:
    return ", ".join((*paths[:FEW], *["..."] * (len(paths) > FEW)))


def _walk(source: Path) -> Iterator[Path]:
    """Yield all below a folder, without following links. Raises UsageError for what can't be read."""

    def refuse(error: OSError) -> None:
        raise unreadable_file(error.filename, error) from error

    for folder, folders, names in os.walk(source, onerror=refuse):
        for name in (*folders, *names):
            yield Path(folder, name)


def _head(source: Path, name: str) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise unreadable_file(source, error, shown=name) from error


ELF: Final = b"\x7fELF"
OTHERS: Final = (
    (b"!<arch>\ndebian", "a package of Debian, not an installer"),
    (b"\xed\xab\xee\xdb", "an RPM package, not an installer"),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS or a class of Java"),
    (b"PK\x03\x04", "a zip archive without .zip at the end of its name"),
    (b"\x1f\x8b", "packed by gzip, without an archive's name such as .tar.gz"),
)
"""How files begin that no Linux runs (magic(5))."""


def _check_kind(head: bytes, name: str) -> None:
    """Raise UsageError for a file that can't be run as it is."""
    shown = plain_line(name, 200)
    if not head:
        message = f"--run: {shown} is empty"
        raise UsageError(message)
    for magic, what in OTHERS:
        if head.startswith(magic):
            message = f"--run: {shown} is {what}"
            packaged = Advice.sandbox("inspect", name if "/" in name else f"./{name}")
            folder = Advice.say("for a folder and a command: --run FOLDER -- COMMAND")
            raise UsageError(message, hints=[packaged if "package" in what else folder])
    if head.startswith(ELF) and head[8:11] == b"AI\x01":
        message = f"--run: {shown} is an AppImage of type 1, which needs FUSE, and a sandbox has none"
        raise UsageError(message, hints=[Advice.say("one of type 2 runs unpacked; ask its vendor for that")])


def _start(head: bytes) -> tuple[str, ...]:
    """Return what begins a text without a first line that says so: a shell does the same (execve(2), ENOEXEC)."""
    return () if head.startswith((b"#!", ELF)) else ("sh",)


def _environment(head: bytes) -> tuple[tuple[str, str], ...]:
    """Return what an AppImage of type 2 needs to run without FUSE (docs.appimage.org, "run without FUSE")."""
    is_appimage = head.startswith(ELF) and head[8:11] == b"AI\x02"
    return (("APPIMAGE_EXTRACT_AND_RUN", "1"),) if is_appimage else ()


def _interpreters(head: bytes) -> tuple[str, ...]:
    """Return the programs that a first line needs: of `#!/usr/bin/env -S python3 -u` python3 too."""
    if not head.startswith(b"#!"):
        return ()
    words = plain_line(head[2:].partition(b"\n")[0]).split()
    if not words or basename(words[0]) != "env":
        return tuple(words[:1])
    named = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
    return tuple(filter(None, (words[0], named)))


def read_replies(path: Path) -> tuple[Reply, ...]:
    """Return the answers of a file: lines `QUESTION = ANSWER`, of which each is typed once; `#` begins a comment.

    Raises UsageError at the first line that is none.
    """
    content = read_file(path, limit=LONGEST_ANSWERS + 1, needed=True) or b""
    if len(content) > LONGEST_ANSWERS:
        message = f"--answers: {path} has more than {size(LONGEST_ANSWERS)}"
        raise UsageError(message)
    replies = []
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        prompt, sign, text = line.partition(SIGN)
        if not (sign and prompt.strip()):
            message = f"{path}:{number}: a line is QUESTION = ANSWER, where QUESTION is a part of what it asks"
            raise UsageError(message, hints=[Advice.say("as in: Continue? = y")])
        replies.append(Reply(prompt=prompt.strip(), text=text.strip()))
    return tuple(replies)
