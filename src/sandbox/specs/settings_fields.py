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
from sandbox.specs.settings import Settings, variable
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
REGISTRIES_TEXT: Final = Kind(expected="REGISTRY,...", convert=_registries, schema={"type": "string"})
MIRRORS_TEXT: Final = Kind(expected="DISTRO=URL,...", convert=_mirrors, schema={"type": "string"})

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
                found |= {f"{entry.key}.{part.key}": part.shape.kind for part in parts if isinstance(part.shape, Word)}
            case _:
                pass
    return found


def _flat(found: Mapping[str, object]) -> list[tuple[str, object]]:
    limits = found.get("limits")
    parts = [(f"limits.{key}", value) for key, value in limits.items()] if isinstance(limits, dict) else []
    return [*((key, value) for key, value in found.items() if key != "limits"), *parts]


def _is_truth(key: str) -> bool:
    return isinstance(getattr(Settings(), key.partition(".")[0]), bool)


def _settings(kept: _Values, home: Path) -> Settings:
    make: Callable[..., Settings] = Settings
    limits = {key.partition(".")[2]: value for key, value in kept.values.items() if "." in key}
    plain = {key: value for key, value in kept.values.items() if "." not in key}
    settings = make(**plain, limits=_limits(limits), origins=kept.origins)
    paths = {"ca": settings.ca, "distros": settings.distros}
    return replace(settings, **{key: expand(text, folder=home, home=home) for key, text in paths.items() if text})


def _limits(parts: Mapping[str, object]) -> Limits:
    make: Callable[..., Limits] = Limits
    return make(**parts)


def _error(problems: list[tuple[str, str]]) -> UsageError:
    if len(problems) == 1:
        return UsageError(": ".join(problems[0]))
    return UsageError(f"{len(problems)} invalid settings", details=problems)
