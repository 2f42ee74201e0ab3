"""Begins the container of an ordinary `try` or `inspect` before the program is loaded, by what the last such run kept.

Loading takes longer than the engine needs to create and start a container, so both go on at the same time. The program
then plans as ever, and takes the container over only if it would send the same request, byte for byte; else the
container is removed, and another one made. So what is kept can make a start slower, but never wrong.

What is kept is a file below the cache folder, mode 0600, read only where it is of the user who runs this, and as it was
written: an answer of the engine that a disk had changed ended each `try` of these words with a traceback.
"""

from __future__ import annotations

# little else may be loaded here: `typing`, `pathlib` and `json` take as long as the engine needs for the first answer
import _signal  # type: ignore[import-not-found]  # the interpreter's own: `signal` takes 3 ms to load
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sandbox.engine.begun import Begun
    from sandbox.engine.head_start import HeadStart

    Handler = Callable[[int, object], None]

FOLDER = "start"
"""The folder of these files, below the cache folder."""
FLAGS = {
    "try": ("--cache", "--no-cache", "--quiet", "-q", "-n", "--no-stdin"),
    "inspect": ("--json", "--md", "--quiet", "-q", "--verbose", "-v"),
}
"""The verbs, and their options that change nothing of the request, or what the kept file knows: its image."""
VALUED = ("--distro", "-d")
PREFIXES = ("SANDBOX_", "DOCKER_", "XDG_", "CONTAINER_HOST")
"""Of the variables on which a request depends."""
LIMIT = 100_000
"""Bytes of a kept file."""
MOST = 100
"""Kept files: one for each command line of the last weeks."""

ENDING = tuple(
    getattr(_signal, f"SIG{name}") for name in ("INT", "TERM", "HUP", "QUIT", "ALRM", "USR1", "USR2", "XCPU")
)
"""Those of core.signals."""

begun: Begun | None = None
"""The container that was begun."""


def begin(argv: list[str], end: Handler) -> None:
    """Begin the container of a command line, if a file of it was kept; from then on signals call `end`."""
    global begun  # noqa: PLW0603 - the entry ends what it began, whatever happens between
    words = simple_words(argv)
    if words is None or not _are_open():
        return
    kept = _read_file(file_of(words, os.environ), key_of(words, os.environ))
    if kept is None:
        return
    from sandbox.engine.marks import fill
    from sandbox.engine.raw import send
    from sandbox.lifecycle.names import random_name
    from sandbox.lifecycle.process import own_word

    url, path, target, lifeline, about, limits, body = kept
    name, session, owner = random_name(), os.urandom(8).hex(), own_word()
    target, body = (fill(text, name=name, session=session, owner=owner) for text in (target, body))
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ENDING)  # what is created is removed from then on
    try:
        sent = send(path, "POST", target, body)
        # the engine works while this is loaded
        from sandbox.engine.begun import Begun

        plan = (url, path, (target, body), lifeline, about, limits)
        begun = Begun(plan, name=name, session=session, sent=sent)
        begun.begin()
        _end_it_with_us(end)
    except (OSError, ValueError):
        return  # the engine is not there, or the file is damaged: the ordinary way says so
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _end_it_with_us(end: Handler) -> None:
    """Let `end` remove the container where a signal ends this process before the session handles signals."""
    for number in ENDING:
        if _signal.getsignal(number) is not _signal.SIG_IGN:
            _signal.signal(number, end)


def abandon() -> None:
    """Remove the container if the program did not take it over; signals that come meanwhile are ignored.

    The second of two SIGTERM ended the program before the engine was asked, and the container stayed for a minute.
    """
    if begun is None:
        return
    for number in ENDING:
        if _signal.getsignal(number) is not _signal.SIG_IGN:
            _signal.signal(number, _ignore)
    begun.abandon()


def _ignore(_signum: int, _frame: object) -> None:
    """Do nothing. With SIG_IGN, Python reports a signal that has come just before (bugs.python.org/issue43406)."""


def simple_words(argv: list[str]) -> list[str] | None:
    """Return the words of a line whose container depends on nothing but them and the settings; None for any other.

    A verb other than `try` stands before them, as no package could be called.
    """
    verb = argv[0] if argv else ""
    if verb not in FLAGS or "_SANDBOX_COMPLETE" in os.environ:
        return None
    words = argv[1 : argv.index("--")] if "--" in argv else argv[1:]
    ahead = iter(words)
    for word in ahead:
        if word in VALUED:
            next(ahead, None)
        elif not _is_simple(word, verb):
            return None
    return words if verb == "try" else [f"/{verb}", *words]


def _is_simple(word: str, verb: str) -> bool:
    """Return whether a word is an option that is known here, or the name of a package and of no file."""
    return word in FLAGS[verb] or word.startswith("--distro=") if word.startswith("-") else "/" not in word


def key_of(words: list[str], environ: Mapping[str, str]) -> str:
    """Return a checksum of all that a kept request depends on, since variables may be secrets.

    What is missing here, or has the same checksum, costs time and no more, since the requests are compared.
    """
    from zlib import crc32

    from sandbox import __version__

    home = environ.get("HOME", "")
    files = (
        f"{environ.get('XDG_CONFIG_HOME') or f'{home}/.config'}/sandbox/config.yaml",
        f"{environ.get('DOCKER_CONFIG') or f'{home}/.docker'}/config.json",
    )
    variables = sorted(item for item in environ.items() if item[0] == "HOME" or item[0].startswith(PREFIXES))
    text = repr((__version__, os.getuid(), words, variables, [_stamp(path) for path in files]))
    return f"{crc32(text.encode(errors='surrogateescape')):08x}"


def file_of(words: list[str], environ: Mapping[str, str]) -> str:
    """Return the path of the kept file for these words."""
    from zlib import crc32

    cache = environ.get("XDG_CACHE_HOME", "")
    folder = cache if cache.startswith("/") else f"{environ.get('HOME', '')}/.cache"
    return f"{folder}/sandbox/{FOLDER}/{crc32(repr(words).encode(errors='surrogateescape')):08x}"


def keep(argv: list[str], head_start: HeadStart | None, folder: Path | None) -> None:
    """Keep how to begin the container of this command line the next time, below the cache folder."""
    words = simple_words(argv)
    if words is None or head_start is None or folder is None:
        return
    from pathlib import Path

    from sandbox.core.statefile import write_private

    key = key_of(words, os.environ)
    path = file_of(words, os.environ)
    (target, body), told = head_start.creation, (head_start.url, head_start.path)
    lines = [*told, target, head_start.lifeline, head_start.about, head_start.limits, body]
    if _read_file(path, key) == lines or Path(path).parent.parent != folder:
        return
    try:
        write_private(Path(path), text_of(key, lines))
        _forget_oldest(Path(path).parent)
    except OSError:
        return  # the next start is only slower


def text_of(key: str, lines: list[str]) -> str:
    """Return the text of a kept file: the key and a checksum of the lines, then these."""
    from zlib import crc32

    text = "\n".join(lines)
    return f"{key} {crc32(text.encode(errors='surrogateescape')):08x}\n{text}"


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    for file in files[: max(0, len(files) - MOST)]:
        file.unlink(missing_ok=True)


def _read_file(path: str, key: str) -> list[str] | None:
    """Return a kept file's lines as `keep` wrote them; None if there is none for this key, or it is damaged."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        is_ours = found.st_uid == os.getuid() == os.geteuid() and not found.st_mode & 0o077
        text = os.read(descriptor, LIMIT).decode(errors="surrogateescape") if is_ours else ""
    except OSError:
        return None
    finally:
        os.close(descriptor)
    _, *lines = text.split("\n")
    is_it = len(lines) == 7 and all(lines) and text == text_of(key, lines)  # noqa: PLR2004 - what keep() writes
    return lines if is_it else None


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - pathlib takes 8 ms
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _are_open() -> bool:
    """Return whether the standard streams are open: else a connection would get the number of one."""
    try:
        for descriptor in (0, 1, 2):
            os.fstat(descriptor)
    except OSError:
        return False
    return sys.platform != "win32"
