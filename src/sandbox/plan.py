"""The whole run as a frozen value, made without an engine; `--dry-run` prints it, a session carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.distros.model import Target
    from sandbox.managers.base import Argv, PackageRef
    from sandbox.spec.model import Limits, Spec

StepKind = Literal["refresh", "download", "install", "file", "setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of the provisioning: `stdin` is given to it, `env` is its own and never the shell's."""

    kind: StepKind
    title: str
    argv: Argv
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The run: the base's references in the order of preference, the steps, and what happens then."""

    target: Target
    images: tuple[str, ...]
    packages: tuple[PackageRef, ...]
    steps: tuple[Step, ...]
    shell: tuple[str, ...]
    command: Argv
    env: Mapping[str, str]
    limits: Limits
    spec: Spec
    cache: bool = False
