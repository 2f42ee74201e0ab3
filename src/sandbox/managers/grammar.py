"""References as `NAME` or `NAME=VERSION`: a manager's names and versions as a row of patterns and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import Advice, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Rules = tuple[tuple[re.Pattern[str], str], ...]

SHOWN: Final = 48
SLASH: Final = (
    re.compile(r"(?=.*/)[A-Za-z0-9@+.:~_/-]+"),
    "has a slash, and is no name in the index; a file begins with ./ or /",
)


_SPECIAL: Final = re.compile(
    r"(?P<name>[^=<>~!^*?\[\]@\s]+)"
    r"(?:(?P<task>\^)|(?P<mark>===?|>=|<=|~=|!=|=|>|<|~|\^|@)(?P<version>[^\s=<>]+)|[*?][^=<>\s]*)"
)
"""How other tools ask for tasks, for ranges and patterns of versions, and for patterns of names."""


AROUND: Final = " \t\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb()[]{}<>,;:#$|&\\"
"""Quotes and marks around a name that a shell, a list or a text left there."""

_SIGNED: Final = re.compile(r"[-+!~^@<>=]+(?P<name>[A-Za-z][^\s<>!~^@]+)")
"""How other tools ask for something else than an install of a package."""


def no_corrections(text: str) -> tuple[str, ...]:
    """Return nothing: no other text was probably meant."""
    return ()


class Grammar(Struct, frozen=True, kw_only=True):
    """What names and versions look like to one manager: `characters` is what a name may hold, one at a time.

    `expected` says it to people, `otherwise` what is said of a name that holds nothing else, and `versions` what is
    expected of a version, with an example. Rules are patterns, each with what is said of a text that has it from end to
    end, the first that fits: those of `texts` are asked of the whole reference, of `names` before the grammar, of
    `no_names` behind it, of `no_versions` of versions inside it. `noun` is what a name names. `corrections` returns the
    words of the reference that was probably meant. `marks` are what the manager itself reads in a text as another
    action or another package: a group `name` is what to try in its place, a group `like` what to search for.
    """

    name: re.Pattern[str]
    characters: re.Pattern[str]
    version: re.Pattern[str]
    expected: str
    versions: str
    otherwise: str = ""
    marks: Rules = ()
    texts: Rules = ()
    names: Rules = (SLASH,)
    no_names: Rules = ()
    no_versions: Rules = ()
    noun: str = "package name"
    corrections: Callable[[str], tuple[str, ...]] = no_corrections

    def parse(self, text: str) -> PackageRef:
        """Return the reference. Raises UsageError with the text and the expected form."""
        name, equals, version = text.partition("=")
        if len(text) > MAX_REFERENCE:
            raise self.refusal(text, f"is {len(text)} characters long; the maximum is {MAX_REFERENCE}")
        if problem := _first(self.marks, text):
            raise self.refusal(text, problem, self._advice(text))
        if problem := _first(self.texts, text) or self._name_problem(name):
            meant = self.corrections(text)
            hints = [Advice.sandbox("try", *meant)] if meant else []
            special, own = self._special(text)
            raise self.refusal(text, special or problem, own or hints or self._likely(text))
        if equals and not self.version.fullmatch(version):
            special, own = self._special(text)
            problem = special or f"has no valid version after =: expected {self.versions}"
            raise self.refusal(text, problem, own or _newest(name))
        if equals and (problem := _first(self.no_versions, version)):
            raise self.refusal(text, problem, _newest(name))
        return PackageRef(name=name, version=version if equals else None)

    def refusal(self, text: str, problem: str, hints: Iterable[Advice] = ()) -> UsageError:
        """Return the error; the text is shortened and its control and non-ASCII characters are escaped."""
        plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
        shown = f"{plain}..." if len(text) > SHOWN else plain
        return UsageError(f'"{shown}" {problem}', details=[("package names", self.expected)], hints=hints)

    def _likely(self, text: str) -> list[Advice]:
        """Return what to type where no other rule knows: the name without quotes, or a search for a part of it."""
        if not text.partition("=")[0]:
            return []
        bare = text.strip(AROUND)
        if bare != text and self.name.fullmatch(bare.partition("=")[0]):
            return [Advice.sandbox("try", bare)]
        runs = re.findall(r"[A-Za-z0-9][A-Za-z0-9.+-]*", re.split(r"[,;|=\s]", bare)[0].rpartition("/")[2])
        return [Advice.sandbox("search", run) for run in runs[:1]]

    def _advice(self, text: str) -> list[Advice]:
        """Return what to type in place of a text that has a mark."""
        found = next(found for pattern, _ in self.marks if (found := pattern.fullmatch(text)))
        groups = found.groupdict()
        name, like = groups.get("name") or "", (groups.get("like") or "").strip("-+.")
        hints = [Advice.sandbox("try", name)] if name and self.name.fullmatch(name.partition("=")[0]) else []
        return [*hints, *([Advice.sandbox("search", like)] if like else [])]

    def _special(self, text: str) -> tuple[str, list[Advice]]:
        """Return what other tools read in a text that this grammar refuses, and what to type; empty for the rest."""
        signed = _SIGNED.fullmatch(text)
        if signed and not self.corrections(text) and self.name.fullmatch(signed["name"].partition("=")[0]):
            name = signed["name"]
            return "", [Advice.sandbox("search", name) if text[0] == "@" else Advice.sandbox("try", name)]
        found = _SPECIAL.fullmatch(text)
        if found is None or not self.name.fullmatch(found["name"]):
            return "", []
        name, version, mark = found["name"], found["version"] or "", found["mark"] or ""
        is_pattern = not set("*?[").isdisjoint(version)
        if found["task"]:
            task = f"task-{name.removeprefix('task-')}"
            return "is an apt task, and sandbox tries only packages", [
                Advice.sandbox("try", task, "--distro", "debian", after=": Debian's tasks are packages, too"),
                Advice.sandbox("search", name),
            ]
        if not mark:
            stem = name.strip("-.+")
            return "is a pattern, but sandbox needs whole names", [Advice.sandbox("search", stem)]
        if is_pattern:
            return "has a pattern for a version, but sandbox needs a whole version", _newest(name)
        if mark == "=" or (mark == "@" and not self.version.fullmatch(version)):
            return "", []
        if mark in ("==", "@") and self.version.fullmatch(version):
            return f"has {mark} before its version; use = here", [Advice.sandbox("try", f"{name}={version}")]
        return f"asks for a range of versions ({mark}), but sandbox needs a single version", _newest(name)

    def _name_problem(self, name: str) -> str | None:
        """Say why the text is no name of a package, or None."""
        if not name:
            return "has no package name"
        if name.startswith("-"):
            return "looks like an option, not like a package"
        if problem := _first(self.names, name):
            return problem
        return None if self.name.fullmatch(name) else self._form_problem(name)

    def _form_problem(self, name: str) -> str:
        if problem := _first(self.no_names, name):
            return problem
        wrong = next((char for char in name if not self.characters.match(char)), None)
        if wrong is not None:
            return f"has the invalid character {wrong!a}"
        return f"is not a valid {self.noun}: {self.otherwise or self.expected}"


def _newest(name: str) -> list[Advice]:
    """Return what to type in place of a version that can't be."""
    return [
        Advice.sandbox("try", name, after=", for the newest"),
        Advice.sandbox("search", name, after=" shows its versions"),
    ]


def _first(rules: Rules, text: str) -> str | None:
    return next((problem for pattern, problem in rules if pattern.fullmatch(text)), None)
