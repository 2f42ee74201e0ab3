"""Adapts hints to the verb that was called: errors in lower layers always advise `sandbox try`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.errors import SandboxError, UsageError

OTHERS: Final = ("inspect", "compare")
"""Verbs with the packages and distros arguments of `try`."""
SHARED: Final = {"--spec": 2, "--distro": 2, "-v": 1}
"""Options of `try` that these verbs have too, and their number of words."""

SPEC_OPTIONS: Final = ("--spec", "-s")
"""The option whose value may be what a hint mends; the values of all others are left alone."""

KEYS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "--cap-add": (("try",), "capabilities: [{}] in a spec"),
    "--boot": (("try", *OTHERS), "boot: true in a spec"),
}
"""Options, each with the verbs that have it and what does the same for others."""


def all_hints(error: SandboxError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the hints of an error for what was typed: first what mends the whole line."""
    from sandbox.errors import UsageError

    own = [of_place(of_line(of_verb(hint, argv[0]), argv), argv) for hint in error.hints]
    lines = (*of_program(error, argv), *of_needless(error, argv), *of_user(error, argv))
    error.hints = (*lines, *own, *of_detach(error, argv))
    return with_help(error, argv) if isinstance(error, UsageError) else error.hints


def of_verb(hint: Advice, verb: str) -> Advice:
    """Return a hint for `verb`; a hint that only `sandbox try` can follow stays unchanged."""
    if hint.base == "again" and (found := KEYS.get(hint.argv[0])) and verb not in found[0]:
        return Advice.say(found[1].format(*hint.argv[1:]) + hint.after)
    if verb == "new" and hint.base == "sandbox" and hint.argv[:1] == ("try",) and "--spec" not in hint.argv:
        return Advice.sandbox("new", "NAME", *hint.argv[1:], after=hint.after)
    if verb not in OTHERS or hint.base == "mended":
        return hint
    if "--memory" in hint.argv and (hint.base == "again" or hint.argv[:1] == ("try",)):
        limit = hint.argv[hint.argv.index("--memory") + 1]
        return Advice.say(f"limits: {{memory: {limit}}} in the settings{hint.after}")
    if hint.base != "sandbox" or hint.argv[:1] != ("try",) or hint.after:
        return hint
    words = hint.argv[1:]
    asked = words[: _packages(words)]
    options = _options(words[len(asked) :])
    if options is None:
        return hint
    spec, distro, rest = options
    if verb == "inspect" and (asked or spec):
        return Advice.sandbox("inspect", *asked, *spec, *distro, *rest)
    return Advice.again(*((*asked, *spec) or distro))


def of_line(hint: Advice, argv: Sequence[str]) -> Advice:
    """Return a hint to mend what was typed as the whole command line; as it is where its words are not all there."""
    if hint.base == "again":
        return _line_again(hint, argv)
    if hint.base != "mended":
        return hint
    from sandbox.cli import invocation

    line, behind = invocation.split(list(argv))
    options = _verb_options(line[0])
    swaps, used, words, skip = dict(hint.swaps), set[str](), list[str](), False
    left = 0  # names that stay on the line
    for before, word in pairwise(line):
        if (skip and before not in SPEC_OPTIONS) or word.startswith("-") or word not in swaps:
            left += not skip and not word.startswith("-")
            skip = not skip and _takes_next(word, options)
            words.append(word)
            continue
        left += bool(swaps[word])
        skip = False
        used.add(word)
        words += [swaps[word]] * bool(swaps[word] and swaps[word] not in words)
    if used != swaps.keys():
        return hint
    more = hint.argv if hint.argv[:1] and hint.argv[0] in options else ()
    if hint.argv and not more and not left:  # inspect without a package is no command; `try` has the options
        place = _typed_place(argv)
        return Advice.sandbox("try", *(place if place and "," not in place[1] else ()), *hint.argv)
    return Advice.sandbox(line[0], *words, *more, *(["--", *behind] if behind is not None else []))


ONE_VALUE: Final = ("-o", "--promote", "--screenshot", "--name", "--distro", "-d", "--memory", "--platform")
"""Options of which one value counts: another one replaces what was typed. Those that add up are typed once more."""


def _line_again(hint: Advice, argv: Sequence[str]) -> Advice:
    """Return the whole line with the other value of an option that was typed; the hint where it was not."""
    from sandbox.cli import invocation

    line, behind = invocation.split(list(argv))
    option, *values = hint.argv or ("",)
    typed = [at for at, word in enumerate(line[:-1]) if word == option or {word, option} == {"-d", "--distro"}]
    if option not in ONE_VALUE or len(values) != 1 or len(typed) != 1:
        return hint
    words = (*line[: typed[0] + 1], values[0], *line[typed[0] + 2 :])
    return Advice("sandbox", (*words, *(("--", *behind) if behind is not None else ())), hint.before, hint.after)


def of_needless(error: SandboxError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the line without the options of other tools that the verb does not need."""
    from sandbox.cli import invocation
    from sandbox.cli.other_tools import needless_reason
    from sandbox.errors import UsageError

    line, behind = invocation.split(list(argv))
    words = [word for word in line[1:] if not needless_reason(line[0], word)]
    if not isinstance(error, UsageError) or len(words) == len(line) - 1:
        return ()
    return (Advice.sandbox(line[0], *words, *(["--", *behind] if behind is not None else [])),)


def of_program(error: SandboxError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the line with the verb first, `try` where none was typed, for options of that verb before it."""
    from sandbox.cli import invocation
    from sandbox.cli.other_tools import known_words, needless_reason
    from sandbox.cli.table import BY_NAME
    from sandbox.errors import UsageError

    if not isinstance(error, UsageError) or not argv[0].startswith("-"):
        return ()
    end = argv.index("--") if "--" in argv else len(argv)
    typed = next((word for word in argv[:end] if word in BY_NAME), "")
    verb = typed or "try"
    words = tuple(word for word in argv if word != typed and not needless_reason(verb, word))
    own, _ = invocation.split([verb, *words])
    is_known = len(own) > 1 and words == known_words(verb, words) and not own[-1].startswith("-")
    return (Advice.sandbox(verb, *words),) if is_known else ()


def of_detach(error: SandboxError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the line with `--detach` where `-d NAME` was typed, as for Docker, and NAME is no distro but a package."""
    from sandbox.cli import invocation
    from sandbox.errors import UnknownWord

    line, behind = invocation.split(list(argv))
    at = line.index("-d") if "-d" in line else len(line)
    name = line[at + 1] if at + 1 < len(line) else ""
    if line[:1] != ["try"] or not isinstance(error, UnknownWord) or not name or f'"{name}"' not in error.brief:
        return ()
    command = ("--", *behind) if behind is not None else ()
    return (Advice.sandbox(*line[:at], *line[at + 1 :], "--detach", *command),)


def with_help(error: UsageError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the hints of an error, or the help of the verb where it has none and no place in a file."""
    from sandbox.cli.table import BY_NAME
    from sandbox.errors import SpecError

    is_helpless = not error.hints and not isinstance(error, SpecError) and argv[:1] and argv[0] in BY_NAME
    return (Advice.sandbox(argv[0], "--help"),) if is_helpless else error.hints


def of_user(error: SandboxError, argv: Sequence[str]) -> tuple[Advice, ...]:
    """Return the line with `--user=NAME` where `--user NAME` was typed and NAME is no package, or a word too many."""
    from sandbox.cli import invocation
    from sandbox.errors import UnknownPackage, UsageError

    line, behind = invocation.split(list(argv))
    missing = {one.name for one in error.missing} if isinstance(error, UnknownPackage) else set[str]()
    if line[:1] == ["enter"] and isinstance(error, UsageError):
        missing = {*line[1:-1]}  # the last word is the sandbox's name
    at = next((at for at, pair in enumerate(pairwise(line)) if pair[0] == "--user" and pair[1] in missing), None)
    if at is None or line[at + 1].startswith("-"):
        return ()
    command = ("--", *behind) if behind is not None else ()
    return (Advice.sandbox(*line[:at], f"--user={line[at + 1]}", *line[at + 2 :], *command),)


ONE_PLACE: Final = ("try", "inspect", "search")
"""Verbs whose advice needs the distro or image that was typed: a name of one distro means nothing on another."""
PLACES: Final = ("--distro", "--image", "--spec", "--dockerfile")


def of_place(hint: Advice, argv: Sequence[str]) -> Advice:
    """Return a hint with the distro or image of the command line, where it names packages and no place of its own.

    One that names a distro alone is the whole line with that distro.
    """
    if hint.base == "sandbox" and hint.argv[:2] == ("try", PLACES[0]) and hint.argv[3:] == ():
        return _with_distro(hint, argv)
    names = hint.argv[1:2]
    has_place = any(word.partition("=")[0] in (*PLACES, "-d", "-s", "--", "...") for word in hint.argv)
    is_named = hint.argv[:1] == ("search",) or (names and not names[0].startswith(("-", "./", "/")))
    if hint.base != "sandbox" or hint.argv[:1] not in {(verb,) for verb in ONE_PLACE} or has_place or not is_named:
        return hint
    places = PLACES[:1] if hint.argv[0] == "search" else PLACES[:2]
    typed = _typed_place(argv)
    if typed is None or typed[0] not in places or "," in typed[1]:
        return hint
    return Advice("sandbox", (*hint.argv, *typed), hint.before, hint.after)


def _with_distro(hint: Advice, argv: Sequence[str]) -> Advice:
    """Return the line that was typed with the distro of a hint in place of its own; the hint where it has none."""
    from sandbox.cli import invocation

    line, behind = invocation.split(list(argv))
    words, ahead = list[str](), iter(line[1:])
    for word in ahead:
        if word in (PLACES[0], "-d"):
            next(ahead, None)
        elif not word.startswith(f"{PLACES[0]}="):
            words.append(word)
    if line[:1] != ["try"] or len(words) == len(line) - 1:
        return hint
    more = ("--", *behind) if behind is not None else ()
    return Advice("sandbox", ("try", *words, *hint.argv[1:], *more), hint.before, hint.after)


def _typed_place(argv: Sequence[str]) -> tuple[str, str] | None:
    """Return the first --distro or --image that was typed, with its value."""
    from sandbox.cli import invocation

    line, _ = invocation.split(list(argv))
    options = _verb_options(line[0])
    for number, word in enumerate(line):
        option, equals, value = word.partition("=")
        behind = line[number + 1] if number + 1 < len(line) else ""
        if option in PLACES[:2]:
            return option, value if equals else behind
        if word.startswith("-") and not word.startswith("--") and "d" in word[1:]:
            before, _, rest = word[1:].partition("d")
            if not any(options.get(f"-{letter}", False) for letter in before):
                return PLACES[0], rest or behind
    return None


def _verb_options(verb: str) -> dict[str, bool]:
    """Return the options of a verb, each with whether a value follows it."""
    from typer.main import get_command

    from sandbox.cli.app import app
    from sandbox.cli.registry import register

    register([verb])  # an ordinary line of `try` is read without Typer
    command = getattr(get_command(app), "commands", {}).get(verb)
    params = command.params if command else ()
    return {
        name: not getattr(param, "is_flag", False)
        for param in params
        if param.param_type_name == "option"
        for name in (*param.opts, *param.secondary_opts)
    }


def _takes_next(word: str, options: Mapping[str, bool]) -> bool:
    """Return whether the word behind this one is the value of an option: `--distro`, `-d`, `-vd`."""
    if word.startswith("--") or not word.startswith("-"):
        return options.get(word, False)
    takes = [options.get(f"-{letter}", False) for letter in word[1:]]
    return True in takes and takes.index(True) == len(takes) - 1


def _packages(words: Sequence[str]) -> int:
    """Return the number of package arguments: the words before the first option."""
    return next((number for number, word in enumerate(words) if word.startswith("-")), len(words))


def _options(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Return the words of --spec, --distro and -v; None if there are any others."""
    found: dict[str, tuple[str, ...]] = {}
    while words:
        count = SHARED.get(words[0])
        if count is None:
            return None
        found[words[0]], words = tuple(words[:count]), words[count:]
    return found.get("--spec", ()), found.get("--distro", ()), found.get("-v", ())
