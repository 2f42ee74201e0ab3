"""The options --locked and --as-of: the lock beside a spec, and the day of the packages."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.distros.snapshots import AsOf
from sandbox.errors import Advice, CheckFailed, UsageError
from sandbox.managers.package_files import can_pin, no_pins_reason
from sandbox.specs.lockfile import Lock, load_lock, lock_path
from sandbox.specs.places import place_words

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.distros.model import Target
    from sandbox.provision.context import Context
    from sandbox.specs.lockfile import LockedTarget
    from sandbox.specs.model import Spec


class LockConstraint(Struct, frozen=True, kw_only=True):
    """A lock or None, a day (ISO) or None; `loose`: the packages to resolve anew, or None."""

    lock: Lock | None = None
    day: str | None = None
    loose: tuple[str, ...] | None = None

    def target(self, spec: Spec, target: Target) -> LockedTarget | None:
        """Return the lock of a distro. Raises UsageError if there is none, CheckFailed if it is out of date."""
        if self.lock is None:
            return None
        found = self.lock.target(target.option)
        if self.loose is not None:
            return _without_loose(found, self.loose, target)
        asked = place_words(spec.packages)
        if found.asked != asked:
            rows = [("locked for", " ".join(found.asked) or "nothing"), ("asked for", " ".join(asked))]
            message = f"{self.lock.source} is out of date: the spec asks for other packages"
            raise CheckFailed(message, details=rows, hints=[Advice.sandbox("lock", *(self.lock.words or ("SPEC",)))])
        _check_settings(found, spec, self.lock)
        return found

    def as_of(self, target: Target, host: Context) -> AsOf | None:
        """Return the day of the packages: the one asked for, else the lock's."""
        day = self.day or (self.lock.target(target.option).as_of if self.lock else None)
        return AsOf(day=day, service=host.settings.snapshots.get(target.distro.name)) if day else None


def _check_settings(found: LockedTarget, spec: Spec, lock: Lock) -> None:
    """Raise CheckFailed if the spec sets something else before the packages than when it was locked."""
    from sandbox.specs.prepared_lines import prepared_lines

    now = prepared_lines(spec)
    if now == found.prepared:
        return
    rows = [("locked for", text) for text in found.prepared if text not in now]
    rows += [("asked for", text) for text in now if text not in found.prepared]
    message = f"{lock.source} is out of date: the spec sets something else before the packages"
    raise CheckFailed(
        message,
        details=rows or [("differs", "their order")],
        hints=[Advice.sandbox("lock", *(lock.words or ("SPEC",)))],
    )


def _without_loose(found: LockedTarget, loose: tuple[str, ...], target: Target) -> LockedTarget:
    own, roots = [row.name for row in found.packages], [row.root for row in found.languages]
    known = {*own, *roots}
    loose = tuple(word for name in loose for word in ([name] if name in known else found.providers(name) or [name]))
    if unknown := [name for name in loose if name not in known]:
        if unknown[0] in found.asked:
            message = f"{unknown[0]} is a name that another package provides, and this lock does not say which"
            raise UsageError(
                message, hints=[Advice.sandbox("lock", *found.words, after=" resolves all anew, and says it")]
            )
        rows = [("locked", ", ".join(sorted(known)))]
        raise UsageError(f"{unknown[0]} is not in the lock for {target.option}", details=rows)
    if not can_pin(target.manager) and own:
        message = f"{target.manager} can't keep the other packages at their locked versions"
        rows = [("because", no_pins_reason(target.manager))]
        raise UsageError(
            message, details=rows, hints=[Advice.sandbox("lock", *found.words, after=" updates all packages")]
        )
    return replace(
        found,
        files=(),
        packages=tuple(row for row in found.packages if row.name not in loose),
        languages=tuple(row for row in found.languages if row.root not in loose),
    )


def parse_day(text: str | None) -> str | None:
    """Return a day in ISO form. Raises UsageError if it is invalid or in the future."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        message = f'--as-of expects a day such as 2024-01-31, got "{text[:40]}"'
        raise UsageError(message) from None
    if day > datetime.now(timezone.utc).date():
        raise UsageError(f"--as-of {day.isoformat()} is in the future")
    return day.isoformat()


def lock_of_list(asked: str, folder: Path) -> Lock:
    """Return the lock beside a file of --from. Raises UsageError without one."""
    path, listing = list_lock_path(asked, folder)
    return load_lock(path, source=typed_path(path, folder), listing=listing)


def list_lock_path(asked: str, folder: Path) -> tuple[Path, str]:
    """Return the path of the lock beside FILE or KIND:FILE, and what --from was given without its folder.

    Raise UsageError for standard input, which has no place for a lock.
    """
    from sandbox.specs.package_files.read import STDIN, kind_and_path

    kind, name = kind_and_path(asked, folder)
    if name == STDIN:
        message = "--from - can't be locked: a lock lies beside its file"
        raise UsageError(message, hints=[Advice.sandbox("lock", "--from", "packages.txt")])
    file = folder / name
    return lock_path(file.parent, file.name), f"{kind}:{file.name}" if kind else file.name


def lock_beside(file: Path | None, folder: Path) -> Lock:
    """Return the lock of a spec's file. Raises UsageError without a file or a lock."""
    if file is None:
        message = "--locked needs a spec in a file, with its lock file beside it"
        raise UsageError(message, hints=[Advice.sandbox("new", "NAME", "PACKAGE..."), Advice.sandbox("lock", "NAME")])
    path = lock_path(file.parent, file.stem)
    return load_lock(path, source=typed_path(path, folder))


def typed_path(path: Path, folder: Path) -> str:
    """Return a path relative to a folder, as a user would type it."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
