"""What users of other tools type by habit, such as `run -it --rm` or `apt install`, and the line of ours it means."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sandbox.cli.table import BY_NAME, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ALIASES: Final[Mapping[str, str]] = {
    "install": "try",
    "run": "try",
    "shell": "try",
    "create": "try",
    "pull": "try",
    "remove": "rm",
    "delete": "rm",
    "uninstall": "rm",
    "kill": "stop",
    "ls": "list",
    "ps": "list",
    "exec": "enter",
    "attach": "enter",
    "start": "enter",
    "copy": "cp",
    "info": "inspect",
    "show": "inspect",
    "diff": "compare",
    "test": "trial",
    "check": "validate",
    "lint": "validate",
    "init": "new",
    "prune": "clean",
    "export": "promote",
    "commit": "promote",
    "find": "search",
    "status": "doctor",
    "config": "doctor",
    "settings": "doctor",
    "images": "base list",
}
"""What other tools call it, and our verb."""
LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "build": ("try", "--dockerfile", "./Dockerfile"),
    "config": ("doctor",),
    "settings": ("doctor",),
    "update": ("inspect", "--upgrade", "--like-host"),
    "upgrade": ("inspect", "--upgrade", "--like-host"),
    "version": ("--version",),
}
"""The same, where what stands behind the word has no place in our line."""
ALONE: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("enter", "rm", "stop"), ("list", "-a")),
    **{verb: (verb, "--help") for verb in ("compare", "cp", "inspect", "new", "search", "validate")},
}
"""Verbs that need a word, and our line where none stands behind them."""
MANAGERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("apt", "apt-get", "aptitude", "brew", "dnf", "yum", "zypper", "apk", "pacman"), ""),
    **dict.fromkeys(("pip", "pip3", "pipx"), "pip:"),
    **dict.fromkeys(("npm", "pnpm", "yarn"), "npm:"),
    **{name: f"{name}:" for name in ("cargo", "gem", "go", "luarocks")},
}
"""Package managers, each with the prefix of its packages' names."""
NO_PACKAGES: Final = frozenset({*MANAGERS, "login", "logout", "push", "restart"})
"""Words of other tools without a counterpart of ours that are no likely name of a package either."""
BEFORE: Final = ("docker", "podman", "sandbox", "sudo")
"""Words before the command line that is meant."""
INSTALLS: Final = ("install", "add", "in", "i", "get")
SEARCHES: Final = ("search", "show", "info", "view")

_TERMINAL: Final = "at a terminal, a shell or command has it anyway"
_REMOVED: Final = "a sandbox is removed anyway when you leave it"
_NO_QUESTION: Final = "sandbox asks nothing here"
NEEDLESS: Final[Mapping[str, Mapping[str, str]]] = {
    "try": {
        **dict.fromkeys(("-i", "-t", "--interactive", "--tty"), _TERMINAL),
        "--rm": _REMOVED,
        **dict.fromkeys(("-y", "--yes", "--assume-yes"), "the install asks nothing"),
        "--no-install-recommends": "recommended packages are left out anyway",
    },
    "enter": dict.fromkeys(("-i", "-t", "--interactive", "--tty"), _TERMINAL),
    **{verb: dict.fromkeys(("-f", "--force", "-y", "--yes"), _NO_QUESTION) for verb in ("rm", "stop")},
    "clean": dict.fromkeys(("-f", "--force", "-y", "--yes"), _NO_QUESTION),
    "inspect": dict.fromkeys(("-y", "--yes", "--assume-yes"), "the install asks nothing"),
}
"""Options of other tools that a verb of ours does not need, and why."""


def needless_reason(verb: str, word: str) -> str:
    """Return why a verb does not need an option, or letters of it such as `-it`; empty where that is not known."""
    known = NEEDLESS.get(verb, {})
    if word.startswith("--") or not word.startswith("-"):
        return known.get(word, "")
    reasons = [known.get(f"-{letter}", "") for letter in word[1:]]
    return reasons[0] if reasons and all(reasons) else ""


def meant_line(word: str, rest: Sequence[str]) -> tuple[str, ...]:
    """Return our words for the command line of another tool; none where there is no such."""
    if word in BEFORE and rest:
        return meant_line(rest[0], rest[1:]) or (tuple(rest) if rest[0] in VERBS else ())
    if word in MANAGERS:
        return _of_manager(word, rest)
    if word == "completion" and rest:
        return ("--show-completion", rest[0])
    if word in LINES:
        return LINES[word]
    return _of_verb(ALIASES[word].split(), rest) if word in ALIASES else ()


def _of_verb(own: Sequence[str], rest: Sequence[str]) -> tuple[str, ...]:
    """Return our line of a verb for the words of another tool's."""
    verb, words = own[0], known_words(own[0], rest)
    if not words and verb in ALONE:
        return ALONE[verb]
    has_option_first = words[:1] != () and words[0].startswith("-")
    if has_option_first or verb not in ("try", "enter") or (verb == "try" and not (words and _is_distro(words[0]))):
        return (*own, *words)
    command = rest[list(rest).index(words[0]) + 1 :]
    command = command[1:] if command[:1] == ["--"] else command
    place = ("--distro", words[0]) if verb == "try" else words[:1]
    return (*own, *place, *(("--", *command) if command else ()))


def known_words(verb: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without needless options, up to the first option that the verb does not have."""
    return tuple(_known_words(verb, words))


def _known_words(verb: str, words: Sequence[str]) -> Iterator[str]:
    known = {part for param in BY_NAME[verb].params for name in param.spellings for part in name.split("/")}
    for at, word in enumerate(words):
        if word == "--":
            yield from words[at:] if BY_NAME[verb].takes_command else ()
            return
        if needless_reason(verb, word):
            continue
        if word.startswith("-") and word.partition("=")[0] not in known:
            return
        yield word


def _is_distro(word: str) -> bool:
    """Return whether a word is a distro, as `docker run` takes an image."""
    from sandbox.distros.lookup import find_target
    from sandbox.errors import UsageError

    try:
        find_target(word)
    except UsageError:
        return False
    return True


def _of_manager(program: str, rest: Sequence[str]) -> tuple[str, ...]:
    """Return our line for an install or a search by a package manager; options are its own, and are left out."""
    action, *names = [word for word in rest if not word.startswith("-")] or [""]
    prefix = MANAGERS[program]
    if action in SEARCHES and names and not prefix:
        return ("search", *names)
    if any(word.startswith("-S") for word in rest):  # as pacman has it
        names = [action, *names]
    elif action not in INSTALLS:
        return ()
    file = next((names.pop(names.index(word)) for word in _values(rest, "-r", "--requirement") if word in names), "")
    words = (*(f"{prefix}{_package_name(name, prefix)}" for name in names), *(("--from", file) if file else ()))
    return ("try", *words) if words else ()


def _values(words: Sequence[str], *options: str) -> list[str]:
    return [value for option, value in pairwise(words) if option in options]


def _package_name(name: str, prefix: str) -> str:
    """Return a name with its version as we write it: `NAME=VERSION` for `NAME==VERSION` and `NAME@VERSION`."""
    if not prefix:
        return name
    head, mark, version = name.partition("==") if "==" in name else (name[:1] + name[1:].partition("@")[0], "@", "")
    version = version or name[len(head) + len(mark) :]
    return head if version in {"", "latest"} else f"{head}={version}"
