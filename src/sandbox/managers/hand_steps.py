"""What users set of a manager by a command and not in a file of settings: as facts, and as commands that set it again.

A fact is a line of `ManagerData.hand_state`. Its words come from a container or a file: each kind is held to a grammar
before any becomes a word of a command.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct

from sandbox.core.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Argv

StepKind = Literal["architecture", "key", "answer", "hold", "diversion", "override", "alternative", "pin", "secret"]
KINDS: Final[tuple[StepKind, ...]] = get_args(StepKind)
MANY: Final = 60
"""Steps of one session: more were taken by a program."""

_PATH: Final = r"/(?!(?:.*/)?\.\.(?:/|$))[A-Za-z0-9_.+@:,=~/-]{1,400}"
_WORD: Final = r"[A-Za-z0-9_][A-Za-z0-9_.+@:~-]{0,99}"
GRAMMAR: Final[Mapping[StepKind, tuple[str, ...]]] = {
    "architecture": (r"[a-z0-9][a-z0-9-]{1,30}",),
    "key": (_PATH, "[0-9A-F]{40,64}"),
    "answer": (
        rf"{_WORD}(?:, {_WORD})*",
        r"[A-Za-z0-9][A-Za-z0-9_.+/-]{1,150}",
        "string|boolean|select|multiselect",
        r"[^\x00-\x1f\x7f]{0,1000}",
    ),
    "hold": (_WORD,),
    "diversion": (_PATH, _PATH),
    "override": (r"#?[A-Za-z0-9_-]{1,32}", r"#?[A-Za-z0-9_-]{1,32}", "[0-7]{3,5}", _PATH),
    "alternative": (_WORD, _PATH),
}
"""The words of each kind that a command can set."""

HAS_ANSWER: Final = 'debconf-show "$1" | grep -qxF -e "* $2: $3"'
IS_ABSENT: Final = '! dpkg-query -W -f "\\${db:Status-Status}" "$1" 2>/dev/null | grep -qx installed'
"""A package that is here has asked its questions, and only it asks them again."""

_LINK: Final = re.compile(r"^l\S+ [^\t\n]* (\S+) -> (.+)$", re.MULTILINE)
IS_CHOSEN: Final = (
    '[ "$(readlink "/etc/alternatives/$1")" = "$2" ] && update-alternatives --display "$1" | grep -q "manual"'
)


class HandStep(Struct, frozen=True, kw_only=True):
    """One thing that was set by hand, as its kind and words: `hold` `htop`."""

    kind: StepKind
    words: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its name for keeping or dropping it: `hold:htop`."""
        return f"{self.kind}:{self.words[-1] if self.kind == 'override' else self.subject}"

    @property
    def subject(self) -> str:
        """Its subject: a package, a path or a question."""
        return self.words[{"answer": 1, "secret": 1, "override": 3}.get(self.kind, 0)]

    @property
    def name(self) -> str:
        """Its description in one line, such as `hold of htop`."""
        words = [plain_line(word, 120) for word in self.words]
        match self.kind:
            case "architecture":
                return f"packages of {words[0]}"
            case "key":
                return f"trust in the key {words[1]}"
            case "answer":
                return f'answer "{words[3]}" to {words[1]}'
            case "hold":
                return f"hold of {words[0]}"
            case "diversion":
                return f"diversion of {words[0]} to {words[1]}{''.join(f' for {name}' for name in words[2:])}"
            case "override":
                return f"owner and mode {words[0]}:{words[1]} {words[2]} of {words[3]}"
            case "alternative":
                return f"alternative {words[1]} for {words[0]}"
            case "pin":
                return f"pin {words[0]}"
            case "secret":
                return f"answer to {words[1]} (a password)"

    @property
    def is_a_packages(self) -> bool:
        """Whether it is a diversion for a package, which comes and goes with that."""
        return self.kind == "diversion" and len(self.words) > len(GRAMMAR["diversion"])

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages to which it belongs; none if it belongs to the whole host."""
        owners = tuple(self.words[0].split(", ")) if self.kind == "answer" else ()
        return self.words[:1] if self.kind == "hold" else owners


class StepCommands(Struct, frozen=True, kw_only=True):
    """How a step is taken on a host: `check` ends with 0 where it stands, `undo` is empty where nothing takes it back.

    `early`: before packages are installed, whose scripts ask for it. `ready` ends with 0 where that is not too late.
    """

    check: Argv
    do: Argv
    undo: Argv
    ready: Argv = ()
    early: bool = False


def parse_state(output: bytes) -> frozenset[tuple[str, ...]]:
    """Return the facts of an output of hand_state; lines of other kinds are passed over."""
    lines = output.decode("utf-8", "replace").splitlines()
    rows = (tuple(line.split("\t")) for line in lines)
    return frozenset(row for row in rows if row[0] in KINDS and len(row) > 1)


def files_moved_back(output: bytes) -> frozenset[str]:
    """Return the files by an output of hand_state that were diverted, and are at their place again as they were."""
    rows = (line.partition("\t") for line in output.decode("utf-8", "surrogateescape").splitlines())
    return frozenset(path for word, _, path in rows if word == "moved-back")


def links_of(output: bytes) -> dict[str, str]:
    """Return where the links of alternatives lead by an output of hand_state, by their names."""
    return dict(_LINK.findall(output.decode("utf-8", "surrogateescape")))


def step_of(row: tuple[str, ...]) -> HandStep | None:
    """Return the step of a fact, or None if it has too few words."""
    kind = next((kind for kind in KINDS if kind == row[0]), None)
    if kind is None or len(row) - 1 < len(GRAMMAR.get(kind, ("",) * (2 if kind == "secret" else 1))):
        return None
    return HandStep(kind=kind, words=row[1:])


def can_take(step: HandStep, data: ManagerData) -> bool:
    """Return whether a command of the manager can take a step, and its words are what they have to be."""
    forms = GRAMMAR.get(step.kind)
    if forms is None or len(forms) != len(step.words):
        return False
    return step.kind in data.hand_kinds and all(map(re.fullmatch, forms, step.words))


def step_commands(step: HandStep, data: ManagerData) -> StepCommands:
    """Return the commands of a step that `can_take` has passed."""
    words = step.words
    match step.kind:
        case "architecture":
            return _architecture_commands(words)
        case "key":
            return _key_commands(words, data)
        case "answer":
            return _answer_commands(words)
        case "hold":
            return StepCommands(
                check=_sh(data.hold_check, *words), do=(*data.hold, *words), undo=(*data.unhold, *words)
            )
        case "diversion":
            return _diversion_commands(*words)
        case "override":
            return StepCommands(
                check=_sh('dpkg-statoverride --list "$4" | grep -qxF -e "$*"', *words),
                do=("dpkg-statoverride", "--update", "--add", *words),
                undo=("dpkg-statoverride", "--remove", words[3]),
            )
        case _:
            return StepCommands(
                check=_sh(IS_CHOSEN, *words),
                do=("update-alternatives", "--set", *words),
                undo=("update-alternatives", "--auto", words[0]),
            )


def _sh(text: str, *words: str) -> Argv:
    """Return a shell text as a command; it sees the words as $1, $2, ..."""
    return ("sh", "-c", text, "sh", *words)


def _architecture_commands(words: tuple[str, ...]) -> StepCommands:
    text = "dpkg --print-architecture; dpkg --print-foreign-architectures"
    return StepCommands(
        check=_sh(f'({text}) | grep -qxF -e "$1"', *words),
        do=("dpkg", "--add-architecture", *words),
        undo=("dpkg", "--remove-architecture", *words),
        early=True,
    )


def _key_commands(words: tuple[str, ...], data: ManagerData) -> StepCommands:
    texts = data.added.trust if not isinstance(data.added, str) else None
    check, do, undo = (texts.check, texts.do, texts.undo) if texts else ("false", "false", "false")
    return StepCommands(check=_sh(check, *words), do=_sh(do, *words), undo=_sh(undo, *words), early=True)


def _answer_commands(words: tuple[str, ...]) -> StepCommands:
    owner, name, kind, value = words[0].partition(", ")[0], *words[1:]
    return StepCommands(
        check=_sh(HAS_ANSWER, owner, name, value),
        ready=_sh(IS_ABSENT, owner),
        do=_sh('echo "$*" | debconf-set-selections', owner, name, kind, value),
        undo=(),
        early=True,
    )


def _diversion_commands(source: str, target: str) -> StepCommands:
    return StepCommands(
        check=_sh('[ "$(dpkg-divert --truename "$1")" = "$2" ]', source, target),
        do=("dpkg-divert", "--local", "--rename", "--divert", target, "--add", source),
        undo=("dpkg-divert", "--local", "--rename", "--remove", source),
    )


def steps_between(before: frozenset[tuple[str, ...]], now: frozenset[tuple[str, ...]]) -> tuple[HandStep, ...]:
    """Return the steps by which a state came to be, in the order of their kinds and words."""
    steps = [step for row in sorted(now - before) if (step := step_of(row)) is not None]
    return in_order(steps)


def in_order(steps: Iterable[HandStep]) -> tuple[HandStep, ...]:
    """Return steps by their kinds: an architecture comes before what may need it."""
    return tuple(sorted(steps, key=lambda step: KINDS.index(step.kind)))


def reversals(before: frozenset[tuple[str, ...]], now: frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """Return a line for each fact of before that is gone, less those that were only set anew or went with a package."""
    anew = {step.path for step in steps_between(before, now)}
    steps = [step for row in sorted(before - now) if (step := step_of(row)) is not None]
    return tuple(f"{step.name} (taken back)" for step in steps if step.path not in anew and not step.is_a_packages)
