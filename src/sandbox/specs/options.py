"""The spec's values on the command line, of the same kinds as in a document."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.core.paths import NO_HOME, expand
from sandbox.errors import Advice, UsageError
from sandbox.specs import values
from sandbox.specs.extend import LIMITS, Fragment, attribute, build, combine, distinct, identity
from sandbox.specs.kinds import quote
from sandbox.specs.model import Copy, Mount, Spec
from sandbox.specs.places import ENDINGS, absolute
from sandbox.specs.typed_files import check_typed_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sandbox.specs.kinds import Kind
    from sandbox.specs.model import Limits

T = TypeVar("T")

SOURCE: Final = "command line"


class Options(Struct, frozen=True, kw_only=True):
    """The texts of a command line as they were typed; None and empty are what was not said.

    `env` items are NAME=VALUE, or NAME for the value it has here; `command` is an argv; others are as in a document.
    """

    distro: str | None = None
    image: str | None = None
    dockerfile: str | None = None
    platform: str | None = None
    packages: Sequence[str] = ()
    setup: Sequence[str] = ()
    env: Sequence[str] = ()
    shell: str | None = None
    command: Sequence[str] = ()
    ports: Sequence[str] = ()
    mounts: Sequence[str] = ()
    copies: Sequence[str] = ()
    user: str | None = None
    shm_size: str | None = None
    memory: str | None = None
    cpus: str | None = None
    pids: str | None = None
    network: str | None = None
    capabilities: Sequence[str] = ()
    devices: Sequence[str] = ()
    boot: bool | None = None
    recommends: bool | None = None
    docs: bool | None = None
    from_source: bool | None = None


def spec_from_options(
    options: Options,
    *,
    folder: Path,
    home: Path = NO_HOME,
    environ: Mapping[str, str] | None = None,
    defaults: Limits = LIMITS,
) -> Spec:
    """Return the spec of options alone. Raises UsageError with every invalid option."""
    found = _read(options, folder, home, environ or {})
    lists = {key: distinct(value) for key, value in found.items() if isinstance(value, tuple) and key != "command"}
    return build({**found, **lists}, defaults=defaults)


def override(
    spec: Spec,
    options: Options,
    *,
    folder: Path,
    home: Path = NO_HOME,
    environ: Mapping[str, str] | None = None,
    defaults: Limits = LIMITS,
) -> Spec:
    """Return the spec with the options above it: they replace scalars, add to lists and merge into env and limits.

    Relative mounts start at `folder`; `environ` gives the values of `--env NAME`; `defaults` fill up the limits.
    Raises UsageError that names the option, or each of them where there are several.
    """
    found = _read(options, folder, home, environ or {})
    old: dict[str, object] = {key: getattr(spec, attribute(key)) for key in _KEYS}
    if spec.limits:
        named = spec.limits.named or ("memory", "cpus", "pids")
        old["limits"] = {key: getattr(spec.limits, key) for key in named}
    both = combine(Fragment(values=old), Fragment(values=found))
    return build(both.values, name=spec.name, defaults=defaults)


def _read(options: Options, folder: Path, home: Path, environ: Mapping[str, str]) -> dict[str, object]:
    """Return the options' values by key of the document. Raises UsageError with every invalid option."""
    reader = _Reader(folder=folder, home=home, environ=environ)
    found = reader.values(options)
    lead = [*takewhile(INSTALLERS.__contains__, options.packages)]
    rest = options.packages[len(lead) :]
    if lead and lead[-1] in ("install", "add") and rest:
        reader.problems.append(("package", f'"{" ".join(lead)}" is a command, and the names of packages are enough'))
    if reader.problems:
        hints = [*_package_hints(options.packages, folder)]
        if lead and rest:
            hints.append(Advice.sandbox("try", *rest))
        if options.distro and ":" not in options.distro and len(parts := options.distro.split()) == PAIR:
            hints.append(Advice.sandbox("try", "--distro", ":".join(parts).lower()))
        raise _error(reader.problems, hints)
    check_typed_files(options.packages, folder, home)
    return found


PAIR: Final = 2
"""Words of `debian bookworm` and `jq 1.6`, which are meant as `debian:bookworm` and `jq=1.6`."""
_KEYS: Final = tuple(key.replace("_", "-") for key in Spec.__struct_fields__ if key not in {"name", "limits"})


class _Reader(Struct, frozen=True, kw_only=True):
    """Reads the options one by one, and records problems with the option's name."""

    folder: Path
    home: Path
    environ: Mapping[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def values(self, options: Options) -> dict[str, object]:
        """Return the given values, by key of the document."""
        found: dict[str, object] = {
            "distro": self.one("--distro", values.DISTRO.parse, options.distro),
            "image": self.one("--image", values.IMAGE.parse, options.image),
            "dockerfile": self.one("--dockerfile", self.path, options.dockerfile),
            "platform": self.one("--platform", values.PLATFORM.parse, options.platform),
            "packages": self.each("package", self.package, options.packages),
            "setup": self.each("--setup", values.COMMAND.parse, options.setup),
            "env": dict(self.each("--env", self.variable, options.env)),
            "shell": self.one("--shell", values.SHELL.parse, options.shell),
            "command": self.each("-- CMD", values.ARGUMENT.parse, options.command),
            "ports": self.apart("--port", options.ports, self.each("--port", values.PORT.parse, options.ports)),
            "mounts": self.apart("--mount", options.mounts, self.each("--mount", self.mount, options.mounts)),
            "copies": self.apart("--copy", options.copies, self.each("--copy", self.copy, options.copies)),
            "user": self.one("--user", values.WHO.parse, options.user),
            "shm-size": self.one("--shm-size", values.SHM.parse, options.shm_size),
            "capabilities": self.each("--cap-add", values.CAPABILITY.parse, options.capabilities),
            "devices": self.each("--device", values.DEVICE.parse, options.devices),
            "boot": options.boot,
            "network": self.one("--network", values.NETWORK.parse, options.network),
            "limits": self.limits(options),
            "recommends": options.recommends,
            "docs": options.docs,
            "from-source": options.from_source,
        }
        if found["image"] and found["dockerfile"]:
            self.problems.append(("--dockerfile", "can't be combined with --image"))
        return {key: value for key, value in found.items() if value or value is False}

    def package(self, text: str) -> str:
        return absolute(values.PACKAGE.parse(text), folder=self.folder, home=self.home)

    def path(self, text: str) -> str:
        return expand(values.HOST_PATH.parse(text), folder=self.folder, home=self.home)

    def limits(self, options: Options) -> dict[str, object]:
        found: dict[str, object] = {
            "memory": self.one("--memory", values.MEMORY.parse, options.memory),
            "cpus": self.one("--cpus", values.CPUS.parse, options.cpus),
            "pids": self.one("--pids", values.PIDS.parse, options.pids),
        }
        return {key: value for key, value in found.items() if value is not None}

    def one(self, option: str, parse: Callable[[str], T], text: str | None) -> T | None:
        found = self.each(option, parse, () if text is None else (text,))
        return found[0] if found else None

    def each(self, option: str, parse: Callable[[str], T], texts: Sequence[str]) -> tuple[T, ...]:
        found = []
        for text in texts:
            try:
                found.append(parse(text))
            except ValueError as reason:
                self.problems.append((option, str(reason)))
        return tuple(found)

    def apart(self, option: str, texts: Sequence[str], items: tuple[T, ...]) -> tuple[T, ...]:
        """Return the items; two different items for the same place are a problem, since one would get lost."""
        taken: dict[object, T] = {}
        for text, item in zip(texts, items, strict=False):
            if taken.setdefault(identity(item), item) != item:
                self.problems.append((option, f"{quote(text)} conflicts with another {option}"))
        return items

    def mount(self, text: str) -> Mount:
        found = values.MOUNT.parse(text)
        source = expand(found.source, folder=self.folder, home=self.home)
        return replace(found, source=source)

    def copy(self, text: str) -> Copy:
        found = values.COPY.parse(text)
        return replace(found, source=expand(found.source, folder=self.folder, home=self.home))

    def variable(self, text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        values.ENV_NAME.parse(name)
        if not equals and name not in self.environ:
            raise ValueError(f"{quote(name)} is not set here; use {name}=VALUE")
        return name, values.ENV_VALUE.parse(value if equals else self.environ[name])


def parse_option(option: str, kind: Kind[T], text: str) -> T:
    """Return the value of an option of a kind. Raises UsageError that names the option."""
    try:
        return kind.parse(text)
    except ValueError as reason:
        raise UsageError(f"{option}: {reason}") from None


def _error(problems: Sequence[tuple[str, str]], hints: Iterable[Advice] = ()) -> UsageError:
    if len(problems) == 1:
        option, reason = problems[0]
        return UsageError(f"{option}: {reason}", hints=hints)
    return UsageError(f"the {SOURCE} has {len(problems)} problems", details=problems, hints=hints)


INSTALLERS: Final = frozenset(
    "sudo doas apt apt-get aptitude dnf yum zypper apk pacman brew pip pip3 npm install add in i".split()
)
"""Words of other programs' command lines, where they stand before what is to be installed."""
_NAMES: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._:@=/-]*")
_VERSION: Final = re.compile(r"[0-9]+[.:][A-Za-z0-9+._:-]*")


def _package_hints(texts: Iterable[str], folder: Path) -> Iterator[Advice]:
    """Yield what to type in place of words that hold more than a name: `htop jq`, `jq 1.6`, `my folder/x.deb`."""
    for text in texts:
        words = text.split()
        if len(words) > 1 and text.endswith(ENDINGS) and (folder / text).is_file():
            yield Advice.mend((text, f"./{text}"))
        elif len(words) > 1 and text.isprintable():
            rest = [*dropwhile(INSTALLERS.__contains__, words)]
            names = [*takewhile(_NAMES.fullmatch, (word.rstrip(",") for word in rest))]
            if len(names) == len(rest) == PAIR and _VERSION.fullmatch(names[1]):
                yield Advice.sandbox("try", "=".join(names))
            elif names:
                yield Advice.sandbox("try", *names)
