"""What a manager's database says of installed packages beyond names and sizes: needs, licences, who supplies them.

Each manager's own text and forms stand in its queries; what is the same for all is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


FEW_WORDS: Final = 60
"""Characters that are left of a licence's text: some write the whole licence where its name belongs."""
LONGEST_NAME: Final = 300
"""Most characters of a licence's name or expression: the longest of Debian's 12 and Fedora's 41 have fewer."""


class Fact(Struct, frozen=True, kw_only=True):
    """An installed package: the names that it needs, of packages or of what they provide, and its licences as written.

    All `licences` apply, each a name or an expression. `supplier` is who distributes it, as the package says: of
    dpkg's and apk's packages the maintainer, of rpm's the vendor.
    `recommends` is empty where the manager knows no such thing, `priority` where packages have none. `built`: when it
    was built, as an epoch, None where nobody says; of dpkg's packages it is the date of the changelog, to which builds
    set what they make. `version`: the only one that this is said of, empty where a name has one. `found`: the packages
    that it needs by full name and version, where the manager knows more than names. `awaits`: the beginnings of other
    packages' paths for which it has a script, where only the manager's database says so.
    """

    name: str
    version: str = ""
    needs: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    built: int | None = None
    priority: str = ""
    supplier: str = ""
    found: frozenset[tuple[str, str]] | None = None
    awaits: tuple[str, ...] = ()

    @property
    def licence(self) -> str:
        """The licences as one text for people."""
        return " and ".join(self.licences)


def facts(
    text: str,
    names: Sequence[str],
    *,
    needs: Callable[[str], Iterable[str]],
    owner: Callable[[str], str] | None = None,
) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages; None without names.

    `text` is constant shell text for the names "$@": `N name`, then `D` needs, `R` recommends, `P` provides, `L`
    licence, `T` the time of its build, `I` its priority, `M` its maintainer or vendor, `F` a path that it awaits.
    `needs` returns the names in a list of needs, without versions; every alternative is one. `owner` makes a package's
    name of what stands behind N, where that is more.
    """
    if not names:
        return None
    return Query(
        argv=("sh", "-c", text, "sh", *names),
        parse=lambda output: parse(output, needs, owner),
        statuses=tuple(range(256)),
    )


def short_licence(text: str) -> str:
    """Return a licence's name or expression on one line; of a whole text the beginning, with a sign that it is cut.

    A part of an expression would be an expression, too, and a false one.
    """
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else f"{line[:FEW_WORDS]}…"


def parse(
    output: str, needs: Callable[[str], Iterable[str]], owner: Callable[[str], str] | None = None
) -> tuple[Fact, ...]:
    """Return the facts of lines as `N name`, `D libc6 (>= 2.34), libncursesw6`, `L GPL-2+`."""
    found: dict[str, dict[str, list[str]]] = {}
    rows: dict[str, list[str]] = {}
    for line in output.splitlines():
        key, _, value = line.partition(" ")
        if key == "N" and value:
            rows = found.setdefault(owner(value) if owner else value, {key: [] for key in "DRPLTIMF"})
        elif key == "L" and key in rows:
            rows[key].append(short_licence(value))
        elif key == "T" and key in rows:
            rows[key] += [value] if value.isascii() and value.isdigit() else []
        elif key in ("I", "M", "F") and key in rows:
            rows[key].append(value.strip())
        elif key in rows:
            rows[key] += needs(value)
    return tuple(_fact(name, row) for name, row in found.items())


def _fact(name: str, row: Mapping[str, Sequence[str]]) -> Fact:
    return Fact(
        name=name,
        needs=tuple(dict.fromkeys(row["D"])),
        recommends=tuple(dict.fromkeys(row["R"])),
        provides=tuple(dict.fromkeys(row["P"])),
        licences=tuple(dict.fromkeys(filter(None, row["L"]))),
        built=int(row["T"][0][:12]) if row["T"] else None,
        priority=row["I"][0] if row["I"] else "",
        awaits=tuple(dict.fromkeys(row["F"])),
        supplier=next((text for text in row["M"] if text not in ("", "(none)")), ""),
    )
