"""The user's settings as a value, with the origin of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct, field

from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

Promote = Literal["ask", "never"]

DEFAULT: Final = "default"
KEYS: Final = (
    "distro",
    "distros",
    "registries",
    "engine",
    "mirrors",
    "snapshots",
    "cache",
    "cache_size",
    "cache_days",
    "index_cache",
    "limits.memory",
    "limits.cpus",
    "limits.pids",
    "promote",
    "journal",
    "ca",
    "recommends",
    "fargate.region",
    "fargate.cluster",
    "fargate.subnets",
    "fargate.security_groups",
    "fargate.execution_role",
    "fargate.task_role",
    "fargate.log_group",
    "fargate.repository",
    "fargate.storage",
)
"""The settings in the order in which they are shown; a test compares them with the table that reads them."""


class FargateSettings(Struct, frozen=True, kw_only=True):
    """Where tasks run on AWS Fargate. What is empty is looked for there, or does without.

    `repository`: the name of an ECR repository, or HOST/NAME. `storage`: GiB of a task's disk, 0 for what it has.
    """

    region: str = ""
    cluster: str = "default"
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    execution_role: str = ""
    task_role: str = ""
    log_group: str = "/sandbox"
    repository: str = ""
    storage: int = 0


class Settings(Struct, frozen=True, kw_only=True):
    """What is in force. `cache_size` is in bytes, `cache_days` in days.

    `mirrors` are URLs by distro name, as are `snapshots`, of services that keep the packages of earlier days.

    `distros` is the path of a file with rows of the user, `registries` are what is put before an image's name where the
    engine's default registry does not give it, in the order in which they are tried.

    `ca` is the absolute path of a PEM bundle for the provisioning steps. `origins` says for what is not the default
    where it is from: `FILE:LINE`, a variable's or an option's name.
    """

    distro: str | None = None
    distros: str | None = None
    registries: tuple[str, ...] = ()
    engine: str | None = None
    mirrors: Mapping[str, str] = field(default_factory=dict)
    snapshots: Mapping[str, str] = field(default_factory=dict)
    cache: bool = False
    cache_size: int = 5_000_000_000
    cache_days: int = 30
    index_cache: bool = True
    limits: Limits = field(default_factory=Limits)
    promote: Promote = "ask"
    journal: bool = True
    ca: str | None = None
    recommends: bool = False
    fargate: FargateSettings = field(default_factory=FargateSettings)
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, key: str) -> str:
        """Return the origin of a setting of KEYS."""
        return self.origins.get(key, DEFAULT)

    def value(self, key: str) -> object:
        """Return the value of a setting of KEYS."""
        name, _, part = key.partition(".")
        found: object = getattr(self, name)
        return getattr(found, part) if part else found


def variable(key: str) -> str:
    """Return the name of a setting's variable: SANDBOX_MEMORY for `limits.memory`, SANDBOX_FARGATE_REGION."""
    return f"SANDBOX_{key.removeprefix('limits.').replace('.', '_').upper()}"


def option(key: str) -> str:
    """Return the name of a setting's option: --cache-size for `cache_size`."""
    return f"--{key.rpartition('.')[2].replace('_', '-')}"
