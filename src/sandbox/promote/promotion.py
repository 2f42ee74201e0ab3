"""`sandbox promote`: a past session's packages from the journal, as a script for a host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.distros.lookup import family, find_target
from sandbox.errors import Advice, CheckFailed, UsageError
from sandbox.managers.config_files import of_release
from sandbox.managers.counterparts import family_of
from sandbox.managers.hand_steps import in_order
from sandbox.managers.host_rows import accepted_lines
from sandbox.managers.local_files import check_file
from sandbox.managers.package_files import can_pin, no_pins_reason
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of, parse_reference
from sandbox.promote.formats.base import PromotedPackage, Promotion
from sandbox.promote.formats.header import why
from sandbox.promote.formats.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sandbox.distros.model import Distro, Target
    from sandbox.errors import Row
    from sandbox.lifecycle.journal import Journal, Record, RecordedPackage
    from sandbox.lifecycle.proof import Proof
    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.hand_steps import HandStep
    from sandbox.promote.formats.base import Format
    from sandbox.provision.plan import Plan
    from sandbox.specs.lockfile import LockedTarget


def find_record(journal: Journal, name: str | None) -> Record:
    """Return the named session, or the newest. Raises UsageError if there is none."""
    if journal.path is None:
        message = "the journal is switched off, so there are no past sessions"
        raise UsageError(message, hints=[Advice.sandbox("try", "PACKAGE", "--promote", "install.sh")])
    record = journal.find(name)
    if record is not None:
        return record
    if name is None:
        message = "no session has been recorded yet"
        raise UsageError(message, hints=[Advice.sandbox("try", "htop")])
    message = f"no session has the name {name}"
    raise UsageError(message, hints=[Advice.sandbox("history")])


def promotion_of(record: Record, rows: Sequence[Distro]) -> Promotion:
    """Return a session's promotion. Raises UsageError if it is empty, or its distro is no longer known."""
    target = _target(record, rows)
    manager = manager_of(target.manager)
    if not record.packages and record.installer:
        installer = plain_line(record.installer, 200)
        message = f"{record.name} ran {installer}, which is not a package, so there is nothing to promote"
        hint = Advice.sandbox("inspect", "--run", installer, after=" lists what it does to a host")
        raise UsageError(message, hints=[hint])
    if not record.packages:
        message = f"{record.name} installed nothing, so there is nothing to promote"
        raise UsageError(message, hints=[Advice.sandbox("history")])
    for entry in record.packages:
        parse_reference(entry.full_name, manager)  # the journal is a file: its content is untrusted
        check_file(_ref(entry))
    return Promotion(
        proof=record.proof,
        name=record.name,
        target=target,
        family=family(target.distro, rows),
        image=record.image,
        digest=record.digest,
        image_id=record.image_id,
        packages=tuple(
            PromotedPackage(
                ref=_ref(entry),
                version=entry.version,
                origin=entry.origin,
                place=entry.place,
                barred=entry.barred,
            )
            for entry in record.packages
        ),
        date=record.date[:10],
        tool=record.tool,
        left_out=excluded_notes(record),
        accepted=accepted_lines(record.accepted),
        recommends=record.recommends,
        settings=tuple(dict.fromkeys((*record.prepared, *record.settings))),
        services=record.services,
        steps=merge_steps(record.prepared_steps, record.steps),
        before=record.before,
        of_spec=_paths(record.prepared, record.prepared_steps),
    )


def _ref(entry: RecordedPackage) -> PackageRef:
    """Return what is asked for: a file is of one version, whatever the journal says of others."""
    version = entry.version if entry.pinned or entry.file else None
    return PackageRef(name=entry.name, version=version, source=entry.source, file=entry.file, release=entry.release)


def promotion_of_plan(plan: Plan, name: str, parent: Distro, *, date: str, tool: str) -> Promotion:
    """Return what a spec would have to promote had it been tried; raise UsageError where it has no package.

    Versions are unknown until a proof has seen them.
    """
    if not plan.packages:
        message = f"{name} has no packages, so there is nothing to promote"
        raise UsageError(message, hints=[Advice.sandbox("new", "NAME", "PACKAGE...")])
    spec = plan.spec
    return Promotion(
        name=name,
        target=plan.target,
        family=parent,
        image=plan.images[0] if plan.images else plan.target.built_image,
        digest=None,
        image_id="",
        packages=tuple(PromotedPackage(ref=ref, version=ref.version or "") for ref in plan.packages),
        date=date,
        tool=tool,
        recommends=plan.recommends,
        left_out=(
            *(f"before: {text}" for text in spec.before),
            *(f"setup: {text}" for text in spec.setup),
            *(f"file {file.path}" for file in spec.files),
        ),
        settings=plan.settings,
        steps=plan.hand_steps,
        before=spec.before,
        of_spec=_paths(plan.settings, plan.hand_steps),
    )


def _paths(settings: Sequence[ConfigChange], steps: Sequence[HandStep]) -> frozenset[str]:
    return frozenset([row.path for row in settings] + [step.path for step in steps])


def merge_steps(prepared: Sequence[HandStep], by_hand: Sequence[HandStep]) -> tuple[HandStep, ...]:
    """Return what a spec set and what was set by hand; the latter overrides the same of the spec."""
    found = {step.path: step for step in (*prepared, *by_hand)}
    return in_order(found.values())


UNPINNED: Final = ("nix", "brewfile")
"""Formats without exact versions."""


def with_locked_versions(promotion: Promotion, lock: LockedTarget, forms: Sequence[Format]) -> Promotion:
    """Return the promotion with every package that is locked, in its version.

    Raise UsageError where the manager or a format can't be held to versions, and for packages of languages.
    """
    manager = promotion.target.manager
    if unpinned := [form.name for form in forms if form.name in UNPINNED]:
        message = f"the format {unpinned[0]} has no exact versions, so it can't follow a lock"
        raise UsageError(
            message, hints=[Advice.sandbox("promote", "--spec", lock.spec or "SPEC", "--locked", "--format", "sh")]
        )
    if lock.packages and not can_pin(manager):
        message = f"{manager} can't follow a lock on a host"
        raise UsageError(
            message,
            details=[("because", no_pins_reason(manager))],
            hints=[Advice.sandbox("bundle", lock.spec or "SPEC", "-o", "FILE")],
        )
    if lock.languages:
        message = f"{lock.languages[0].root} can't follow a lock on a host: its dependencies are resolved anew there"
        raise UsageError(message, hints=[Advice.sandbox("bundle", lock.spec or "SPEC", "-o", "FILE")])
    asked = [row.ref.name for row in promotion.packages]
    held = {
        row.name: PromotedPackage(
            ref=PackageRef(name=row.name, version=row.version),
            version=row.version,
            origin="asked" if row.name in asked else "locked",
        )
        for row in lock.packages
    }
    for row in promotion.packages:
        if row.ref.file:
            held[row.ref.name] = row
    return replace(promotion, packages=(*(held.pop(row.ref.name, row) for row in promotion.packages), *held.values()))


def _target(record: Record, rows: Sequence[Distro]) -> Target:
    """Return the distro of a session; a user's own row may have been deleted since."""
    try:
        return find_target(f"{record.distro}:{record.release}", rows)
    except UsageError as error:
        message = f"{record.name} was a session on {record.distro}:{record.release}, which is no longer known"
        hints = [
            Advice.sandbox("promote", "--distros", "FILE", after=", with the file that describes it"),
            Advice.sandbox("distros"),
        ]
        raise UsageError(message, details=error.details, hints=hints) from error


def chosen_formats(names: Sequence[str]) -> tuple[Format, ...]:
    """Return the formats of these names, by default `sh`. Raises UsageError for an unknown one."""
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        message = f'there is no format "{plain_line(unknown[0], 40)}"'
        raise UsageError(
            message, details=[("formats", ", ".join(FORMATS))], hints=[Advice.sandbox("promote", "--help")]
        )
    return tuple(FORMATS[name] for name in dict.fromkeys(names or ("sh",)))


class Choosable(Struct, frozen=True, kw_only=True):
    """A part of a promotion that can be kept or dropped: its name, its text, and why it is there."""

    name: str
    text: str
    why: str = "added by hand"


def items(promotion: Promotion) -> tuple[Choosable, ...]:
    """Return the parts of a promotion: packages, the manager's settings by path, services."""
    return (
        *(
            Choosable(name=row.ref.full_name, text=f"{row.ref.full_name} {row.version}".rstrip(), why=why(row))
            for row in promotion.packages
        ),
        *(_choosable(setting.path, setting.name, promotion) for setting in promotion.settings),
        *(_choosable(step.path, step.name, promotion) for step in promotion.steps),
        *(Choosable(name=service, text=f"start {service} at boot") for service in promotion.services),
    )


def _choosable(path: str, text: str, promotion: Promotion) -> Choosable:
    return Choosable(name=path, text=text, why="set by the spec" if path in promotion.of_spec else "added by hand")


def select(promotion: Promotion, only: Sequence[str], without: Sequence[str]) -> Promotion:
    """Return the promotion with `only` these items and what belongs to them, or `without` some and what was theirs.

    A pin or a flag is of the packages that it names, a service of the one it is called after. A repository is of none:
    it would be added to a host that may not need it. Raise UsageError for what the promotion has not, and where no
    package is left.
    """
    kept = _kept_names(promotion, only, without)
    packages = tuple(row for row in promotion.packages if row.ref.full_name in kept)
    if not any(row.place and row.origin != "locked" for row in packages):
        packages = tuple(row for row in packages if not row.place or row.ref.full_name in only)
    if not packages:
        message = "no package is left to promote"
        raise UsageError(message, details=_there_rows(promotion))
    every = [row.ref.full_name for row in promotion.packages]
    said = (*only, *without)

    def stays(name: str, owners: Collection[str]) -> bool:
        return name in kept if name in said or not owners else not kept.isdisjoint(owners)

    settings = tuple(row for row in promotion.settings if stays(row.path, _package_names(row, every)))
    services = tuple(name for name in promotion.services if stays(name, {name.partition(".")[0]}.intersection(every)))
    steps = tuple(step for step in promotion.steps if stays(step.path, set(step.packages).intersection(every)))
    return replace(promotion, packages=packages, settings=settings, services=services, steps=steps)


def _kept_names(promotion: Promotion, only: Sequence[str], without: Sequence[str]) -> frozenset[str]:
    """Return the names of the remaining parts. Raises UsageError for a part that the promotion does not have."""
    there = [item.name for item in items(promotion)]
    for name in (*only, *without):
        if name not in there:
            message = f'{promotion.name} has nothing named "{plain_line(name, 60)}"'
            raise UsageError(message, details=_there_rows(promotion))
    return frozenset(name for name in there if (not only or name in only) and name not in without)


def _there_rows(promotion: Promotion) -> list[Row]:
    return [("it has", ", ".join(plain_line(item.name) for item in items(promotion)))]


def _package_names(setting: ConfigChange, packages: Sequence[str]) -> tuple[str, ...]:
    """Return which of the packages a pin or flag names."""
    if setting.kind not in ("pin", "flag"):
        return ()
    text = setting.text or ""
    return tuple(name for name in packages if re.search(rf"(?<![\w.+-]){re.escape(name)}(?![\w.+]|-\D)", text))


def omissions(whole: Promotion, part: Promotion, without: Sequence[str]) -> tuple[str, ...]:
    """Return the settings and services that belong to dropped packages, by name."""
    gone = [row.path for row in whole.settings if row not in part.settings]
    gone += [step.path for step in whole.steps if step not in part.steps]
    gone += [name for name in whole.services if name not in part.services]
    return tuple(name for name in gone if name not in without)


def check_files_fit(promotion: Promotion, target: Target) -> None:
    """Raise UsageError for a file of a distro that another one's manager does not take: its name is no counterpart."""
    if target.manager == promotion.target.manager:
        return
    row = next((row for row in promotion.packages if row.ref.file and not row.ref.source), None)
    if row is not None and row.ref.file:
        message = (
            f"{row.ref.full_name} comes from a file for {promotion.target.label}, which {target.label} does not take"
        )
        rows = [("file", plain_line(row.ref.file.source, 200))]
        raise UsageError(message, details=rows, hints=[Advice.sandbox("promote", promotion.name, "--for", "tried")])


def retarget(promotion: Promotion, target: Target, parent: Distro) -> Promotion:
    """Return the promotion for another distro with the same package names, in its versions."""
    if target == promotion.target:
        return promotion
    check_files_fit(promotion, target)
    packages = tuple(
        row
        if row.ref.file
        else replace(
            row, ref=replace(row.ref, version=row.ref.version if row.ref.source else None), version="", place=""
        )
        for row in promotion.packages
        if not (row.place and row.origin == "locked")
    )
    settings, foreign = portable_settings(promotion, target)
    is_alike = (promotion.target.distro.name, promotion.target.manager) == (target.distro.name, target.manager)
    return replace(
        promotion,
        settings=settings,
        steps=promotion.steps if is_alike else (),
        left_out=(*promotion.left_out, *foreign),
        target=target,
        family=parent,
        packages=packages,
        image=target.image,
        tried_on=promotion.tried_on or promotion.target.label,
        digest=None,
        image_id="",
        accepted=promotion.accepted if target.manager == promotion.target.manager else (),
        proof=None,
    )


def portable_settings(promotion: Promotion, target: Target) -> tuple[tuple[ConfigChange, ...], tuple[str, ...]]:
    """Return the settings that mean the same on another distro or release, and a line for each that does not.

    A repository is a distro's own; and one that names the release it is for is for no other.
    """
    here = promotion.target
    if here.distro.name != target.distro.name or here.manager != target.manager:
        named = (*(row.name for row in promotion.settings), *(step.name for step in promotion.steps))
        return (), tuple(f"{name} (of {here.label})" for name in named)
    if here.release == target.release:
        return promotion.settings, ()
    bound = of_release(promotion.settings, (here.release.name, *here.release.aliases))
    kept = tuple(row for row in promotion.settings if row not in bound)
    return kept, tuple(f"{row.name} (for {here.label})" for row in bound)


def is_of_other_names(promotion: Promotion, target: Target) -> bool:
    """Return whether package names on a distro differ from those in the promotion."""
    return family_of(target.manager) != family_of(promotion.target.manager)


def refusal(proof: Proof) -> CheckFailed:
    """Return the error for a failed proof, with its evidence."""
    failed = next(row for row in proof.checks if not row.passed)
    return CheckFailed(
        f"the install script did not pass its proof: {failed.name}",
        details=[(failed.name, text) for text in failed.differences[:12]],
        hints=[
            *([Advice.say("try it again: there are newer versions now")] if failed.has_moved else []),
            Advice.sandbox("promote", "--force", after=", to write it without a proof"),
        ],
    )


def excluded_notes(record: Record) -> tuple[str, ...]:
    """Return what the session did besides packages, one line each: no promotion contains it."""
    return (
        *(f"before: {command}" for command in record.before),
        *(f"setup: {command}" for command in record.setup),
        *(f"file {path}" for path in record.files),
        *([f"installer {record.installer}: it is not a package"] if record.installer else []),
        *record.strays,
    )
