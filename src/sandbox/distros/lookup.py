"""Finds the distro and release of a text such as `debian:trixie`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.distros.model import Target
from sandbox.distros.registry import DISTROS
from sandbox.errors import Advice, UnknownWord, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Distro, Release

LATEST: Final = "latest"
TYPED: Final = ("try", "--distro")
"""Words before a distro in an error's hint."""
SHOWN: Final = 40


def find_target(text: str, rows: Sequence[Distro] = DISTROS, *, typed: tuple[str, ...] = TYPED) -> Target:
    """Return the target of DISTRO or DISTRO:RELEASE; without a release, or with `latest`, the default one.

    Letter case is ignored. Raise UsageError (status 2) that names the nearest distro or the distro's releases, and
    says to type them behind the words `typed`.
    """
    name, colon, release = text.strip().lower().partition(":")
    distro = next((row for row in rows if row.name == name), None)
    if distro is None:
        raise _unknown_distro(name, rows, typed)
    if colon and not release:
        raise _unknown_release(distro, release, typed)
    return Target(distro=distro, release=find_release(distro, release or LATEST, typed=typed))


def targets_of(text: str | None, rows: Sequence[Distro] = DISTROS) -> tuple[Target, ...]:
    """Return every release of a distro (`debian`), one of it (`debian:trixie`), those of a name (`trixie`), or all.

    Raises UsageError, as `find_target` does, for what is none of them.
    """
    name = (text or "").strip().lower()
    every = tuple(Target(distro=row, release=release) for row in rows for release in row.releases)
    found = tuple(one for one in every if name in (one.distro.name, one.release.name, *one.release.aliases))
    return every if text is None else found or (find_target(name, rows, typed=("distros",)),)


def find_release(distro: Distro, text: str, *, typed: tuple[str, ...] = TYPED) -> Release:
    """Return the release of that name or alias. Raises UsageError that lists the known ones."""
    found = distro.releases[0] if text == LATEST else known_release(distro, text)
    if found is None:
        raise _unknown_release(distro, text, typed)
    return found


def known_release(distro: Distro, text: str) -> Release | None:
    """Return the release of that name or alias, or None."""
    return next((release for release in distro.releases if text in (release.name, *release.aliases)), None)


def family(distro: Distro, rows: Sequence[Distro]) -> Distro:
    """Return the distro that this one descends from by `like`, or itself."""
    parent = next((row for row in rows if row.name == distro.like and row is not distro), None)
    return distro if parent is None else family(parent, rows)


def _unknown_distro(name: str, rows: Sequence[Distro], typed: tuple[str, ...]) -> UsageError:
    from sandbox.core.fuzzy import nearest_rows, nearest_words

    known = tuple(row.name for row in rows)
    near = tuple(f"{row.name}:{name}" for row in rows if known_release(row, name)) or nearest_words(name, known, 2)
    brief = f'unknown distro "{plain_line(name, SHOWN)}"' if name else "the distro has no name"
    hints = [Advice.sandbox(*typed, near[0])] if near else []
    return UnknownWord(
        brief,
        near=next(iter(near), ""),
        details=[*nearest_rows(near), ("known", ", ".join(known))],
        hints=[*hints, Advice.sandbox("distros")],
    )


def _unknown_release(distro: Distro, text: str, typed: tuple[str, ...]) -> UsageError:
    from sandbox.core.fuzzy import nearest_rows, nearest_words

    names = [name for release in distro.releases for name in (release.name, *release.aliases)]
    near = [f"{distro.name}:{release}" for release in nearest_words(text, names)]
    known = ", ".join(f"{release.name} ({', '.join(release.aliases)})" for release in distro.releases)
    return UnknownWord(
        f'{distro.name} has no release "{plain_line(text, SHOWN)}"',
        near=next(iter(near), ""),
        details=[*nearest_rows(near), ("known", known)],
        hints=[Advice.sandbox(*typed, next(iter(near), f"{distro.name}:{distro.releases[0].name}"))],
    )
