"""Completes a word: verbs, options and values from the table, and names known on this host.

It starts no container and does not wait for an engine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.cli.help import verbs_of
from sandbox.cli.table import BY_NAME, HELP, PROGRAM
from sandbox.cli.usages.values import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox.cli.params import Param, Usage

SAFE: Final = re.compile(r"[A-Za-z0-9@%+=:,./_~-]+")
"""Characters allowed in a candidate: the shell reads what we print, and names may come from elsewhere."""
LINE: Final = "_SANDBOX_LINE"
"""The variable with the command line up to the cursor."""


class Candidate(NamedTuple):
    """A candidate, and its meaning, or "" if that is obvious."""

    word: str
    meaning: str = ""


def answer(shell: str, line: str) -> str:
    """Return the answer to a shell; empty if it should offer files."""
    from sandbox.errors import SandboxError

    if shell not in COMPLETED:
        return ""
    try:
        found = candidates(*split_line(line))
    except SandboxError:  # the command itself reports invalid settings
        return ""
    form = _plain if shell == "bash" else _with_meaning
    return "".join(f"{row}\n" for row in form(found))


def _plain(found: Iterable[Candidate]) -> Iterable[str]:
    return (one.word for one in found)


def _with_meaning(found: Iterable[Candidate]) -> Iterable[str]:
    return (f"{one.word}\t{one.meaning}".rstrip() for one in found)


def split_line(line: str) -> tuple[list[str], str]:
    """Return the complete words after the program's name, and the one being typed; a quote may be open."""
    import shlex

    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # an open quote
        words.append(lexer.token)
    if not words or line[-1:].isspace():
        words.append("")
    return words[1:-1], words[-1]


def candidates(words: Sequence[str], typed: str) -> tuple[Candidate, ...]:
    """Return the completions of `typed` after `words`; none if the shell should offer files."""
    found = (one for one in _fits([*words], typed) if one.word.startswith(typed) and SAFE.fullmatch(one.word))
    return tuple({one.word: one for one in found}.values())


def _fits(words: list[str], typed: str) -> Iterator[Candidate]:
    if words[:1] == ["help"]:
        words = words[1:]
        yield from _verbs(" ".join(words))
        return
    name = next((known for known in (" ".join(words[:2]), " ".join(words[:1])) if known in BY_NAME), "")
    usage = BY_NAME.get(name, PROGRAM)
    rest = words[len(name.split()) :]
    if usage.takes_command and "--" in rest:
        return
    if (param := _last_option(usage, rest)) is not None:
        yield from _values(param, typed)
    elif typed.startswith("--") and "=" in typed:
        yield from _behind_equals(usage, typed)
    elif typed.startswith("-"):
        yield from _options(usage)
    elif verbs_of(name):
        yield from _verbs(name)
    elif (argument := _argument(usage, rest)) is not None:
        yield from _values(argument, typed)


def _verbs(name: str) -> Iterator[Candidate]:
    for _, names in verbs_of(name):
        for known in names:
            yield Candidate(known.rpartition(" ")[2], BY_NAME[known].summary)
    if not name:
        yield Candidate("help", "Show the help of a command.")


def _options(usage: Usage) -> Iterator[Candidate]:
    for param in (*usage.params, HELP):
        for spelling in param.spellings:
            yield from (Candidate(name, param.meaning) for name in spelling.split("/"))


def _by_spelling(usage: Usage) -> Mapping[str, Param]:
    return {spelling: param for param in usage.params for spelling in param.spellings if param.metavar}


def _last_option(usage: Usage, words: Sequence[str]) -> Param | None:
    """Return the option in the last word, if it waits for a value."""
    return _by_spelling(usage).get(words[-1]) if words else None


def _behind_equals(usage: Usage, typed: str) -> Iterator[Candidate]:
    option, _, value = typed.partition("=")
    if (param := _by_spelling(usage).get(option)) is not None:
        yield from (Candidate(f"{option}={one.word}", one.meaning) for one in _values(param, value))


def _argument(usage: Usage, words: Sequence[str]) -> Param | None:
    """Return the next argument after these words; the last may repeat."""
    arguments = [param for param in usage.params if param.is_argument]
    valued = _by_spelling(usage)
    ahead = [word for word, before in zip(words, ("", *words), strict=False) if before not in valued]
    place = sum(not word.startswith("-") for word in ahead)
    if place < len(arguments):
        return arguments[place]
    return arguments[-1] if arguments and arguments[-1].metavar.endswith("...") else None


def _values(param: Param, typed: str) -> Iterator[Candidate]:
    """Yield the values of a parameter; after a comma, the next one of a list."""
    before = typed[: typed.rfind(",") + 1] if param.metavar.endswith(",...") else ""
    if isinstance(param.values, tuple):
        listed: Sequence[str] = param.values
    else:
        from sandbox.cli.completion_lists import LISTS

        listed = LISTS[param.values](typed[len(before) :])
    taken = {*before.split(",")}
    yield from (Candidate(before + word) for word in listed if word not in taken)
