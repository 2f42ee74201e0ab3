"""A promotion as JSON, whose keys docs/reference/json.md describes."""

from __future__ import annotations

import base64
from collections.abc import Mapping  # noqa: TC003 - the JSON Schema is made from it
from typing import Final, Literal

import msgspec.json
from msgspec import Struct

from sandbox.lifecycle.proof import Proof, ProofCheck  # noqa: TC001
from sandbox.managers.config_files import ConfigChange  # noqa: TC001
from sandbox.managers.hand_steps import StepKind  # noqa: TC001
from sandbox.managers.protocol import PackageFile  # noqa: TC001
from sandbox.promote.formats.base import Origin, Promotion  # noqa: TC001
from sandbox.promote.formats.commands import Command, commands
from sandbox.promote.formats.header import reparse_packages

name: Final = "json"
file: Final = "promotion.json"
FORMAT: Final = 1


class FileDocument(Struct, frozen=True, kw_only=True):
    """The file that a package comes from: its path or address, its SHA-256 in hexadecimal, its bytes."""

    source: str
    sha256: str
    size: int


class PackageDocument(Struct, frozen=True, kw_only=True):
    """A package: `version` as it was seen, `pinned` as it was asked for; `source` a language's manager, or empty.

    `place` is the repository of a version that the index does not choose by itself; it is pinned, then. `release` is
    the one of the distro's that it was asked of, `file` the file that it comes from, null for a package of an index.
    """

    name: str
    source: str
    version: str
    pinned: str | None
    origin: Origin
    place: str
    release: str
    file: FileDocument | None


class CommandDocument(Struct, frozen=True, kw_only=True):
    """A command, in the order in which they were proven."""

    kind: Literal["setting", "architecture", "answer", "refresh", "upgrade", "file", "install", "step", "service"]
    argv: tuple[str, ...]
    environment: Mapping[str, str]


class SettingDocument(Struct, frozen=True, kw_only=True):
    """A file of the manager's settings, or lines added to one; `base64` if it is not text."""

    kind: Literal["repository", "key", "pin", "flag"]
    path: str
    added: bool
    text: str | None
    base64: str | None


class StepDocument(Struct, frozen=True, kw_only=True):
    """What a command of the manager sets: its kind, and its words as the manager has them."""

    kind: StepKind
    words: tuple[str, ...]


class ProofDocument(Struct, frozen=True, kw_only=True):
    """The result of a proof; `passed`: all checks passed."""

    passed: bool
    where: str
    image_id: str
    date: str
    seconds: float
    checks: tuple[ProofCheck, ...]


class PromotionDocument(Struct, frozen=True, kw_only=True):
    """A promotion. `digest` is the registry's; null if the base was built here, then `image_id` identifies it."""

    format: Literal[1]
    name: str
    date: str
    tool: str
    distro: str
    release: str
    manager: str
    image: str
    digest: str | None
    image_id: str
    packages: tuple[PackageDocument, ...]
    commands: tuple[CommandDocument, ...]
    recommends: bool
    settings: tuple[SettingDocument, ...]
    services: tuple[str, ...]
    steps: tuple[StepDocument, ...]
    left_out: tuple[str, ...]
    accepted: tuple[str, ...]
    proof: ProofDocument | None


def render(promotion: Promotion) -> str:
    """Return the whole promotion: packages, origin, commands with their environment, and the proof."""
    reparse_packages(promotion)
    value = PromotionDocument(
        format=FORMAT,
        name=promotion.name,
        date=promotion.date,
        tool=promotion.tool,
        distro=promotion.target.distro.name,
        release=promotion.target.release.name,
        manager=promotion.target.manager,
        image=promotion.image,
        digest=promotion.digest,
        image_id=promotion.image_id,
        packages=tuple(
            PackageDocument(
                name=row.ref.name,
                source=row.ref.source,
                version=row.version,
                pinned=row.ref.version,
                origin=row.origin,
                place=row.place,
                release=row.ref.release,
                file=_file(row.ref.file),
            )
            for row in promotion.packages
        ),
        commands=tuple(map(_command, commands(promotion))),
        recommends=promotion.recommends,
        settings=tuple(map(_setting, promotion.settings)),
        services=promotion.services,
        steps=tuple(StepDocument(kind=row.kind, words=row.words) for row in promotion.steps),
        left_out=promotion.left_out,
        accepted=promotion.accepted,
        proof=None if promotion.proof is None else _proof(promotion.proof),
    )
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _file(found: PackageFile | None) -> FileDocument | None:
    return FileDocument(source=found.source, sha256=found.sha256, size=found.size) if found else None


def _command(row: Command) -> CommandDocument:
    return CommandDocument(kind=row.kind, argv=row.argv, environment=dict(row.environment))


def _setting(row: ConfigChange) -> SettingDocument:
    raw = None if row.text is not None else base64.b64encode(row.content).decode()
    return SettingDocument(kind=row.kind, path=row.path, added=row.added, text=row.text, base64=raw)


def _proof(found: Proof) -> ProofDocument:
    return ProofDocument(
        passed=found.passed,
        where=found.where,
        image_id=found.image_id,
        date=found.date,
        seconds=found.seconds,
        checks=found.checks,
    )
