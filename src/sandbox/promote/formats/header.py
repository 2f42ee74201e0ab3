"""The comment at the top of each format: where it was tried, which packages, and the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.core.human import seconds
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError
from sandbox.managers.local_files import check_file
from sandbox.managers.registry import languages_among, manager_of, parse_reference, runtime_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Manager, PackageRef
    from sandbox.promote.formats.base import PromotedPackage, Promotion

WHY = {"asked": "asked for", "by-hand": "added by hand", "locked": "locked"}


def why(package: PromotedPackage) -> str:
    """Return why a package is promoted, and its place if the index would choose another version."""
    file = package.ref.file
    came = package.place or (file.source if file else "")
    place = f", from {plain_line(came, 120)}" if came else ""
    return f"{WHY[package.origin]}{place}"


def reparse_packages(promotion: Promotion) -> tuple[PackageRef, ...]:
    """Return the packages, each read again by its manager's own grammar, since they may come from a file.

    Raise UsageError where there is none, one is outside the grammar, or one can't be had by any host.
    """
    if not promotion.packages:
        message = "there is no package to promote"
        raise UsageError(message, hints=[Advice.sandbox("history")])
    for row in promotion.packages:
        if row.barred:
            message = (
                f"{row.ref.full_name} {plain_line(row.version, 60)} can't be promoted: {plain_line(row.barred, 300)}"
            )
            raise UsageError(message, hints=[Advice.sandbox("promote", promotion.name, "--without", row.ref.full_name)])
    manager = manager_of(promotion.target.manager)
    return tuple(dict.fromkeys(_reparse(package.ref, manager) for package in promotion.packages))


def _reparse(ref: PackageRef, manager: Manager) -> PackageRef:
    """Return a reference as its manager's grammar has it; of a file only the name is one that somebody asks for."""
    if ref.file is None:
        return parse_reference(ref.text, manager)
    check_file(ref)
    return replace(parse_reference(ref.full_name, manager), version=ref.version, file=ref.file)


def refuse_files(promotion: Promotion, form: str) -> None:
    """Raise UsageError where a package comes from a file, for a format that can't hold one to its checksum."""
    row = next((row for row in promotion.packages if row.ref.file), None)
    if row is not None and row.ref.file:
        message = f"{row.ref.full_name} can't be promoted as {form}, which can't hold a file to its checksum"
        rows = [("file", plain_line(row.ref.file.source, 200))]
        raise UsageError(message, details=rows, hints=[Advice.sandbox("promote", promotion.name, "--format", "sh")])


def pinned_packages(promotion: Promotion) -> tuple[PackageRef, ...]:
    """Return the packages with their tried versions; empty if one has a version that can't be requested."""
    manager = manager_of(promotion.target.manager)
    try:
        found = [
            _reparse(row.ref, manager)
            if row.ref.file
            else parse_reference(f"{row.ref.full_name}={row.version}", manager)
            for row in promotion.packages
        ]
    except UsageError:
        return ()
    return tuple(dict.fromkeys(found))


def language_prerequisites(packages: Sequence[PackageRef], manager: Manager) -> tuple[PackageRef, ...]:
    """Return the distro's packages that provide the managers of the languages among these."""
    languages = languages_among(package.source for package in packages)
    return runtime_packages(languages, manager, [package for package in packages if not package.source])


def package_list(names: Sequence[str]) -> str:
    """Return `htop`, `htop and jq` or `htop, jq and curl`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def release(target: Target) -> str:
    """Return `Debian 12 (bookworm)`, or `Debian sid` for a release without a number."""
    number = next((alias for alias in target.release.aliases if alias[0].isdigit()), None)
    name = f"{number} ({target.release.name})" if number else target.release.name
    return plain_line(f"{target.distro.title} {name}")


def image_origin(promotion: Promotion) -> str:
    """Return the image with its registry digest, or with its id if it was built here."""
    if promotion.tried_on:
        return f"{plain_line(promotion.tried_on, 120)}, another distro or release,"
    image = plain_line(promotion.image, 120)
    if promotion.digest is None:
        return f"{image}, built here ({plain_line(promotion.image_id, 80)}),"
    return f"{image.partition('@')[0]}@{plain_line(promotion.digest.rpartition('@')[2], 80)}"


def _trial_line(promotion: Promotion) -> tuple[str, str]:
    """Return when and in which image it was tried, or that a spec was not tried."""
    day, name = plain_line(promotion.date, 10), plain_line(promotion.name, 80)
    tool = f"by sandbox {plain_line(promotion.tool, 40)}"
    if not (promotion.digest or promotion.image_id or promotion.tried_on):
        return f"Made on {day} from {name}, a spec that was not tried,", f"{tool}, as:"
    return f"Tried on {day} in {image_origin(promotion)}", f"{tool} in {name}, as:"


def proof_line(promotion: Promotion) -> str:
    """Return the result of the proof, in one line."""
    proof = promotion.proof
    if proof is None:
        return "Not proven."
    where = f"on {plain_line(proof.date, 10)} in a fresh {plain_line(proof.where, 60)} in {seconds(proof.seconds)}"
    checks = "; ".join(
        f"{row.name}: {plain_line(row.found, 80)}{'' if row.passed else ', FAILED'}" for row in proof.checks
    )
    return f"{'Proven' if proof.passed else 'NOT proven'} {where}: {checks}."


def _by_whom(path: str, verb: str, promotion: Promotion) -> str:
    return f"{verb} by {'the spec' if path in promotion.of_spec else 'hand'}"


def comment_lines(promotion: Promotion, verb: str) -> list[str]:
    """Return the lines of the comment, without comment signs."""
    packages, manager = reparse_packages(promotion), manager_of(promotion.target.manager)
    width = max(len(row.ref.full_name) for row in promotion.packages)
    seen = [
        f"  {row.ref.full_name:<{width}}  {plain_line(row.version, 80)}  ({why(row)})" for row in promotion.packages
    ]
    return [
        f"{verb} {package_list([package.full_name for package in packages])} on {release(promotion.target)}.",
        *_trial_line(promotion),
        *seen,
        *_prerequisite_names(packages, language_prerequisites(packages, manager)),
        *(
            f"With {plain_line(setting.name, 200)} ({_by_whom(setting.path, 'added', promotion)})"
            for setting in promotion.settings
        ),
        *(f"With {plain_line(step.name, 200)} ({_by_whom(step.path, 'set', promotion)})" for step in promotion.steps),
        *(f"Starts {plain_line(service, 200)} at boot" for service in promotion.services),
        *(f"Accepts {plain_line(text, 200)}" for text in promotion.accepted),
        *(f"Not in this file: {plain_line(text, 200)}" for text in promotion.left_out),
    ]


def _prerequisite_names(packages: Sequence[PackageRef], runtime: Sequence[PackageRef]) -> list[str]:
    if not runtime:
        return []
    languages: tuple[LanguageManager, ...] = languages_among(package.source for package in packages)
    return [f"  {package_list([ref.name for ref in runtime])}: for {package_list([row.name for row in languages])}"]


def comment(promotion: Promotion, verb: str = "Installs", sign: str = "#") -> str:
    """Return the comment; the proof is its last line."""
    lines = [*comment_lines(promotion, verb), proof_line(promotion)]
    return "".join(f"{sign} {line}".rstrip() + "\n" for line in lines)
