"""The structs that describe a verb, its arguments and options; the module imports no library."""

from __future__ import annotations

from typing import NamedTuple


class Param(NamedTuple):
    """An option or argument of a verb.

    `name` is the field or parameter that takes it, `spellings` are what is typed, none for an argument; a flag has no
    `metavar`. `values` are what it can be, or the name of a list in completion.py. `least` and `most` bound a number.
    """

    name: str
    metavar: str
    help: str
    spellings: tuple[str, ...] = ()
    default: str = ""
    values: tuple[str, ...] | str = ()
    is_needed: bool = False
    least: int | None = None
    most: int | None = None

    @property
    def is_argument(self) -> bool:
        """Whether it is an argument, without an option name."""
        return not self.spellings

    @property
    def meaning(self) -> str:
        """Its help, with its default."""
        return f"{self.help.removesuffix('.')} (default: {self.default})." if self.default else self.help

    @property
    def typed(self) -> str:
        """Its usage, such as `-d, --distro DISTRO` or `--cache / --no-cache`."""
        names = [" / ".join(name.split("/")) for name in sorted(self.spellings, key=len)]
        return " ".join(filter(None, (", ".join(names), self.metavar)))


class Section(NamedTuple):
    """Parameters of a verb under a title."""

    title: str
    params: tuple[Param, ...]


class Usage(NamedTuple):
    """A verb: its name, as `try` or `base build`, what it does in a sentence, and what can be typed behind it.

    `group` is its title in the list of verbs; a verb of a verb has none. `takes_command` is whether `-- COMMAND` ends
    its line.
    """

    name: str
    summary: str
    group: str = ""
    examples: tuple[str, ...] = ()
    more: str = ""
    see_also: str = ""
    sections: tuple[Section, ...] = ()
    takes_command: bool = False

    @property
    def params(self) -> tuple[Param, ...]:
        """Its arguments and options, without `--help`."""
        return tuple(param for section in self.sections for param in section.params)

    @property
    def line(self) -> str:
        """The arguments in the usage line: NAME is required, [NAME] is optional, NAME... may repeat."""
        words = [
            param.metavar if param.is_needed else f"[{param.metavar}]" for param in self.params if param.is_argument
        ]
        return " ".join(["[OPTIONS]", *words, *["[-- COMMAND [ARG...]]"] * self.takes_command])


def argument(
    name: str,
    metavar: str,
    text: str,
    *,
    default: str = "",
    values: tuple[str, ...] | str = (),
    is_needed: bool = False,
) -> Param:
    """Return an argument."""
    return Param(name, metavar, text, default=default, values=values, is_needed=is_needed)


def option(
    name: str,
    metavar: str,
    text: str,
    *,
    short: str = "",
    spelling: str = "",
    default: str = "",
    values: tuple[str, ...] | str = (),
    is_needed: bool = False,
    least: int | None = None,
    most: int | None = None,
) -> Param:
    """Return an option with a value."""
    return Param(name, metavar, text, _spellings(name, spelling, short), default, values, is_needed, least, most)


def flag(name: str, text: str, *, short: str = "", spelling: str = "") -> Param:
    """Return an option without a value; the `spelling` `--cache/--no-cache` also has an opposite."""
    return Param(name, "", text, _spellings(name, spelling, short))


def _spellings(name: str, spelling: str, short: str) -> tuple[str, ...]:
    return (spelling or f"--{name.replace('_', '-')}", *[short] * bool(short))
