"""The table of settings, and their reading from a file, variables and options; imported only if one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.core.paths import expand
from sandbox.errors import Advice, SpecError, UsageError
from sandbox.specs import values
from sandbox.specs.fields import LIMITS
from sandbox.specs.kinds import Kind, boolean, choice, integer, matching, quote, size
from sandbox.specs.model import Limits
from sandbox.specs.settings import FargateSettings, Settings, variable
from sandbox.specs.shapes import Field, ListOf, ObjectOf, Table, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sandbox.specs.settings import Promote

PROMOTE: Final[dict[str, Promote]] = {"ask": "ask", "never": "never"}

MIRROR: Final = matching(r"https?://[^\s,]+", "a URL such as http://deb.example/debian", longest=1000)
ENGINE: Final = matching(r"(unix|tcp|http|https|ssh)://\S+", "a URL such as unix:///var/run/docker.sock", longest=1000)
DISTRO_NAME: Final = matching("[a-z0-9][a-z0-9._-]*", "a distro's name", longest=100)


REGISTRY: Final = matching(
    r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "a registry such as registry.example.com/library",
    longest=200,
)


def _registries(text: str) -> tuple[str, ...]:
    return tuple(REGISTRY.parse(item.strip()) for item in text.split(","))


def _own_path(text: str) -> str:
    path = values.HOST_PATH.parse(text)
    if not path.startswith(("/", "~")):
        raise ValueError
    return path


def _mirrors(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in text.split(","):
        name, _, url = item.strip().partition("=")
        found[DISTRO_NAME.parse(name)] = MIRROR.parse(url)
    return found


OWN_PATH: Final = Kind(expected="an absolute path or one below ~/", convert=_own_path, schema=values.HOST_PATH.schema)
WORDS_TEXT: Final = Kind(
    expected="WORD,...", convert=lambda text: tuple(item.strip() for item in text.split(",")), schema={"type": "string"}
)
REGISTRIES_TEXT: Final = Kind(expected="REGISTRY,...", convert=_registries, schema={"type": "string"})
MIRRORS_TEXT: Final = Kind(expected="DISTRO=URL,...", convert=_mirrors, schema={"type": "string"})

AWS_NAME: Final = matching(r"[A-Za-z0-9/_.:@+=-]+", "a name or ARN of AWS", longest=500)
ECR_NAME: Final = matching(
    r"([A-Za-z0-9.-]+(:[0-9]{1,5})?/)?[a-z0-9]+([._/-][a-z0-9]+)*", "an ECR repository such as sandbox", longest=300
)
FARGATE: Final = (
    Field(
        key="region",
        shape=Word(kind=matching(r"[a-z0-9-]+", "an AWS region", longest=40)),
        doc="AWS region.",
        default="that of your AWS profile",
        example="eu-west-1",
    ),
    Field(key="cluster", shape=Word(kind=AWS_NAME), doc="ECS cluster to run in.", default="default", example="sandbox"),
    Field(
        key="subnets",
        shape=ListOf(item=Word(kind=AWS_NAME), what="subnets", longest=16),
        doc="Subnets of the tasks; they need a way to the internet.",
        default="those of the default VPC",
        example="[subnet-0123]",
    ),
    Field(
        key="security_groups",
        shape=ListOf(item=Word(kind=AWS_NAME), what="security groups", longest=5),
        doc="Security groups of the tasks.",
        default="the VPC's own",
        example="[sg-0123]",
    ),
    Field(
        key="execution_role",
        shape=Word(kind=AWS_NAME),
        doc="ARN of the role by which ECS pulls images and writes logs.",
        default="that of the role ecsTaskExecutionRole",
        example="arn:aws:iam::123456789012:role/sandbox-execution",
    ),
    Field(
        key="task_role",
        shape=Word(kind=AWS_NAME),
        doc="ARN of the role that a task itself has.",
        default="none",
        example="arn:aws:iam::123456789012:role/sandbox-task",
    ),
    Field(
        key="log_group",
        shape=Word(kind=AWS_NAME),
        doc="Log group of the tasks.",
        default="/sandbox",
        example="/sandbox",
    ),
    Field(
        key="repository",
        shape=Word(kind=ECR_NAME),
        doc="ECR repository for images that --push sends.",
        default="none",
        example="sandbox",
    ),
    Field(
        key="storage",
        shape=Word(kind=integer(21, 200, "a number of GiB from 21 to 200")),
        doc="Disk of a task in GiB, from 21 to 200.",
        default="Fargate's, 20",
        example="50",
    ),
)

SETTINGS: Final = (
    Field(key="distro", shape=Word(kind=values.DISTRO), doc="The distro to use if none is named.", example="debian"),
    Field(
        key="distros",
        shape=Word(kind=OWN_PATH),
        doc="A file with your own distros, besides ~/.config/sandbox/distros.yaml.",
        example="~/work/distros.yaml",
    ),
    Field(
        key="registries",
        shape=ListOf(item=Word(kind=REGISTRY), what="registries", longest=20),
        doc="Registries to ask, in this order, if the engine's default registry does not have an image.",
        example="[registry.example.com/library]",
    ),
    Field(
        key="engine",
        shape=Word(kind=ENGINE),
        doc="The URL of the engine.",
        default="the first that answers",
        example="unix:///var/run/docker.sock",
    ),
    Field(
        key="mirrors",
        shape=Table(name=DISTRO_NAME, value=Word(kind=MIRROR), what="distros to URLs"),
        doc="Package mirrors to use instead of the distro's own.",
        example="{debian: 'http://deb.example/debian'}",
    ),
    Field(
        key="snapshots",
        shape=Table(name=DISTRO_NAME, value=Word(kind=MIRROR), what="distros to URLs"),
        doc="Snapshot services that --as-of uses instead of the distro's own.",
        example="{debian: 'http://snapshot.example'}",
    ),
    Field(
        key="cache",
        shape=Word(kind=boolean()),
        doc="Save installed states, as with --cache.",
        default="false",
        example="true",
    ),
    Field(
        key="cache_size",
        shape=Word(kind=size(0, "500M or 5G")),
        doc="Maximum size of the cache.",
        default="5G",
        example="10G",
    ),
    Field(
        key="cache_days",
        shape=Word(kind=integer(1, 3650, "a number of days")),
        doc="Remove a cached state after this many days.",
        default="30",
        example="7",
    ),
    Field(
        key="index_cache",
        shape=Word(kind=boolean()),
        doc="Keep a distro's package index on this machine, for the next sandbox of the same base.",
        default="true",
        example="false",
    ),
    Field(
        key="limits",
        shape=ObjectOf(make=dict[str, object], fields=LIMITS),
        doc="Default limits of a sandbox.",
        example="{memory: 4G}",
    ),
    Field(
        key="promote",
        shape=Word(kind=choice(PROMOTE)),
        doc="ask: offer to write an install script when you leave; never: do not ask.",
        default="ask",
        example="never",
    ),
    Field(
        key="journal",
        shape=Word(kind=boolean()),
        doc="Record sessions for history and promote.",
        default="true",
        example="false",
    ),
    Field(
        key="ca",
        shape=Word(kind=OWN_PATH),
        doc="A file of CA certificates (PEM) that the install trusts besides the distro's own.",
        example="~/proxy-ca.pem",
    ),
    Field(
        key="recommends",
        shape=Word(kind=boolean()),
        doc="Install recommended packages too.",
        default="false",
        example="true",
    ),
    Field(
        key="fargate",
        shape=ObjectOf(make=dict[str, object], fields=FARGATE),
        doc="Where --on fargate runs: region, cluster, subnets, roles, logs.",
        example="{cluster: sandbox}",
    ),
)

DOCUMENT: Final = ObjectOf(make=dict[str, object], fields=SETTINGS)


def parse_settings(data: bytes, *, source: str, home: Path, variables: Mapping[str, str]) -> Settings:
    """Return the settings of a file's bytes and texts by key. Raises SpecError for the file, else UsageError."""
    kept = _Values()
    if data:
        _read_file(kept, data, source)
    for key, text in variables.items():
        kept.read(key, {"1": "true", "0": "false"}.get(text, text) if _is_truth(key) else text, variable(key))
    if kept.problems:
        raise _error(kept.problems)
    return _settings(kept, home)


def _read_file(kept: _Values, data: bytes, source: str) -> None:
    from sandbox.specs.document import read_document

    found, reading = read_document(DOCUMENT, data, source=source, empty=True)
    if reading.problems:
        raise SpecError(source, reading.problems, hints=[Advice.sandbox("doctor")])
    for key, value in _flat(found or {}):
        place = reading.positions[key]
        kept.put(key, value, f"{place[0]}:{place[1]}")


class _Values(Struct, frozen=True, kw_only=True):
    """The values so far by key with their origins; a later one wins."""

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def put(self, key: str, value: object, origin: str) -> None:
        self.values[key] = value
        self.origins[key] = origin

    def read(self, key: str, text: str, origin: str) -> None:
        try:
            self.put(key, parsers()[key].parse(text), origin)
        except ValueError as reason:
            self.problems.append((origin, str(reason)))
        except KeyError:
            raise UsageError(f"there is no setting {quote(key)}") from None


def parsers() -> dict[str, Kind[object]]:
    """Return the parser of each setting, by key, in the table's order."""
    found: dict[str, Kind[object]] = {}
    for entry in SETTINGS:
        match entry.shape:
            case Word(kind=kind):
                found[entry.key] = kind
            case Table():
                found[entry.key] = MIRRORS_TEXT
            case ListOf():
                found[entry.key] = REGISTRIES_TEXT
            case ObjectOf(fields=parts):
                found |= {f"{entry.key}.{part.key}": _kind_of(part) for part in parts}
            case _:
                pass
    return found


def _kind_of(part: Field) -> Kind[object]:
    """Return the parser of a part of a setting: of a word, or of several between commas."""
    return part.shape.kind if isinstance(part.shape, Word) else WORDS_TEXT


def _flat(found: Mapping[str, object]) -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for key, value in found.items():
        if key in ("limits", "fargate") and isinstance(value, dict):
            flat += [(f"{key}.{part}", one) for part, one in value.items()]
        else:
            flat.append((key, value))
    return flat


def _is_truth(key: str) -> bool:
    return isinstance(getattr(Settings(), key.partition(".")[0]), bool)


def _settings(kept: _Values, home: Path) -> Settings:
    make: Callable[..., Settings] = Settings
    plain = {key: value for key, value in kept.values.items() if "." not in key}
    limits, fargate = _limits(_parts(kept, "limits")), _fargate(_parts(kept, "fargate"))
    settings = make(**plain, limits=limits, fargate=fargate, origins=kept.origins)
    paths = {"ca": settings.ca, "distros": settings.distros}
    return replace(settings, **{key: expand(text, folder=home, home=home) for key, text in paths.items() if text})


def _parts(kept: _Values, name: str) -> dict[str, object]:
    return {key.partition(".")[2]: value for key, value in kept.values.items() if key.startswith(f"{name}.")}


def _fargate(parts: Mapping[str, object]) -> FargateSettings:
    make: Callable[..., FargateSettings] = FargateSettings
    return make(**parts)


def _limits(parts: Mapping[str, object]) -> Limits:
    make: Callable[..., Limits] = Limits
    return make(**parts)


def _error(problems: list[tuple[str, str]]) -> UsageError:
    if len(problems) == 1:
        return UsageError(": ".join(problems[0]))
    return UsageError(f"{len(problems)} invalid settings", details=problems)
