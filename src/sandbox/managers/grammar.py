"""References as `NAME` or `NAME=VERSION`, where a manager's grammar is two patterns and a sentence about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import Advice, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN: Final = 48
_PATH: Final = re.compile(r"[A-Za-z0-9@+.:~_/-]+")


class Grammar(Struct, frozen=True, kw_only=True):
    """What names and versions look like to one manager: `characters` is what a name may hold, one at a time.

    `expected` says it to people and `example` is a version; `is_lower` where no name has a capital letter.
    """

    name: re.Pattern[str]
    characters: re.Pattern[str]
    version: re.Pattern[str]
    expected: str
    example: str
    is_lower: bool = False

    def parse(self, text: str) -> PackageRef:
        """Return the reference; raise UsageError that names the text and says what was expected."""
        name, equals, version = text.partition("=")
        if len(text) > MAX_REFERENCE:
            raise self._refusal(text, f"is {len(text)} characters long; {MAX_REFERENCE} is the most")
        if problem := self._name_problem(name):
            raise self._refusal(text, problem, self._corrections(text))
        if equals and not self.version.fullmatch(version):
            raise self._refusal(text, f"has no valid version after =: expected one such as {self.example}")
        return PackageRef(name=name, version=version if equals else None)

    def _refusal(self, text: str, problem: str, hints: Iterable[Advice] = ()) -> UsageError:
        """Return the error; the text is shortened and its control and non-ASCII characters are escaped."""
        plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
        shown = f"{plain}..." if len(text) > SHOWN else plain
        return UsageError(f'"{shown}" {problem}', details=[("package names", self.expected)], hints=hints)

    def _name_problem(self, name: str) -> str | None:
        """Say why the text is no name of a package, or None."""
        if not name:
            return "names no package"
        if name.startswith("-"):
            return "looks like an option, not like a package"
        if "/" in name and _PATH.fullmatch(name):
            return "holds a slash: only packages of the distro's own index are supported, by their bare names"
        if self.name.fullmatch(name):
            return None
        if self.is_lower and self.name.fullmatch(name.lower()):
            return "has capital letters; this distro's names are lower case"
        wrong = next((char for char in name if not self.characters.match(char)), None)
        return f"holds {wrong!a}, which no package name does" if wrong else f"is no package name: {self.expected}"

    def _corrections(self, text: str) -> tuple[Advice, ...]:
        """Return the command that was probably meant."""
        lowered = text.lower()
        is_meant = self.is_lower and lowered != text and self.name.fullmatch(lowered)
        return (Advice.sandbox("try", lowered),) if is_meant else ()
