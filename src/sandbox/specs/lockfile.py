"""The lock beside a spec, `NAME.lock.yaml`: for each distro the base, the packages and their checksums."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.yamltext import dump
from sandbox.errors import Advice, SpecError, UsageError
from sandbox.specs import values
from sandbox.specs.document import read_document
from sandbox.specs.kinds import Kind, boolean, matching
from sandbox.specs.shapes import Field, ListOf, ObjectOf, Table, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMAT: Final = "1"
SUFFIX: Final = ".lock.yaml"
LIMIT: Final = 256_001
"""Bytes to read: one more than a document may have."""
BUILT_HERE: Final = "built here"
"""Stands for a digest that no registry gave."""
DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LANGUAGE: Final = re.compile(
    r"([a-z]+:\S{1,300}) (\S{1,1000}) (\S{1,300}) ([0-9]{1,15}) (sha256:[0-9a-f]{64}|sha512-[A-Za-z0-9+/]{86}==)"
)
_GIVEN: Final = re.compile(r"(\S{1,300}) (\S{1,300}) ([0-9]{1,15}) sha256:([0-9a-f]{64}) ([^\x00-\x1f\x7f]{1,2000})")
_PACKAGE: Final = re.compile(r"(\S{1,300}) (\S{1,300}) (\S{1,40}) ([0-9]{1,15}) sha256:([0-9a-f]{64})")


class LockedPackage(Struct, frozen=True, kw_only=True, order=True):
    """A package that the install adds: size of its file in bytes, and its SHA-256 in hexadecimal."""

    name: str
    version: str
    architecture: str
    size: int
    sha256: str

    @property
    def line(self) -> str:
        """The package as a line of the lock."""
        return f"{self.name} {self.version} {self.architecture} {self.size} sha256:{self.sha256}"


class LockedFile(Struct, frozen=True, kw_only=True, order=True):
    """A file of a language's package: `root` is what was asked for, as `pip:httpie`, `name` what the file is of it.

    `size` is in bytes, `digest` as the language writes it, with its algorithm.
    """

    root: str
    name: str
    version: str
    size: int
    digest: str

    @property
    def line(self) -> str:
        """The file as a line of the lock."""
        return f"{self.root} {self.name} {self.version} {self.size} {self.digest}"


class GivenFile(Struct, frozen=True, kw_only=True, order=True):
    """A package's file that the spec names: the package in it, its size in bytes and its SHA-256 in hexadecimal.

    `word` is what the spec calls it: an address, or a path without its folders.
    """

    name: str
    version: str
    size: int
    sha256: str
    word: str

    @property
    def line(self) -> str:
        """The file as a line of the lock."""
        return f"{self.name} {self.version} {self.size} sha256:{self.sha256} {self.word}"


class LockedTarget(Struct, frozen=True, kw_only=True):
    """What one distro's run is made of. `option` is the distro, as `debian:bookworm`.

    `digest` is the image's where a registry gave one. `base` are the packages that are in it, as `NAME VERSION ARCH`:
    what identifies a base that was built here, on any machine. `asked` are the spec's packages, `as_of` the day (ISO)
    of the snapshot. `repositories` say where the packages came from and which keys signed that: nothing is held to it.
    """

    option: str
    platform: str
    image: str
    digest: str | None = None
    as_of: str | None = None
    recommends: bool = False
    asked: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    packages: tuple[LockedPackage, ...] = ()
    languages: tuple[LockedFile, ...] = ()
    base: tuple[str, ...] = ()
    files: tuple[GivenFile, ...] = ()
    """The packages' files that the spec names."""
    provided: tuple[str, ...] = ()
    """Names that were asked for and are no package's, each with what provides it, as `libglu1 libglu1-mesa`."""
    prepared: tuple[str, ...] = ()
    """What the spec sets before the packages, as `prepared_lines` has it."""
    words: tuple[str, ...] = ("SPEC",)
    """The words that name the spec, or the file of --from, on a command line; none for a bundle's."""

    @property
    def spec(self) -> str:
        """The spec, or the file of --from, as typed; empty for a bundle's."""
        return self.words[-1] if self.words else ""

    def providers(self, name: str) -> tuple[str, ...]:
        """Return the locked packages that provide a name which was asked for and is none of theirs."""
        return tuple(word for row in self.provided for word in row.split()[1:] if row.partition(" ")[0] == name)

    @property
    def base_names(self) -> frozenset[str]:
        """The names of the base's packages."""
        return frozenset(row.partition(" ")[0] for row in self.base)


class Lock(Struct, frozen=True, kw_only=True):
    """A lock file: its path as messages name it, the version of the program that wrote it, and its distros.

    `listing` is what --from was given, without its folder, where a file that lists packages is locked.
    One that is `bundled` has no spec beside it that could be named.
    """

    source: str
    tool: str
    targets: tuple[LockedTarget, ...] = ()
    bundled: bool = False
    listing: str = ""

    def target(self, option: str) -> LockedTarget:
        """Return the lock of a distro. Raises UsageError if there is none."""
        found = next((target for target in self.targets if target.option == option), None)
        if found is None:
            known = ", ".join(target.option for target in self.targets) or "nothing"
            raise UsageError(
                f"{self.source} has no lock for {option}",
                details=[("it has", known)],
                hints=[Advice.sandbox("lock", *self.words, "--distro", option)],
            )
        return replace(found, words=self.words)

    @property
    def name(self) -> str:
        """The spec's name as typed; empty for a bundle's."""
        if self.bundled:
            return ""
        text = self.source.removesuffix(SUFFIX)
        return f"{text}.yaml" if "/" in text else f"./{text}.yaml"

    @property
    def words(self) -> tuple[str, ...]:
        """The words that name what is locked, behind `sandbox lock`; none for a bundle's."""
        if self.listing:
            kind, colon, file = self.listing.rpartition(":")
            return "--from", f"{kind}{colon}{Path(self.source).with_name(file)}"
        return (self.name,) if self.name else ()

    def with_target(self, target: LockedTarget, *, tool: str) -> Lock:
        """Return the lock with one distro replaced or added, sorted by name."""
        rest = [known for known in self.targets if known.option != target.option]
        return replace(self, tool=tool, targets=tuple(sorted([*rest, target], key=lambda known: known.option)))


def lock_path(folder: Path, name: str) -> Path:
    """Return the path of a spec's lock: beside it."""
    return folder / f"{name}{SUFFIX}"


def render(lock: Lock) -> str:
    """Return the text of a lock file: one line for each package, sorted by name."""
    name = Path(lock.source).name.removesuffix(SUFFIX)
    head = _header(name, ("--from", lock.listing)) if lock.listing else _header(f"{name}.yaml", (f"./{name}.yaml",))
    targets = {target.option: _plain(target) for target in lock.targets}
    listing = {"from": lock.listing} if lock.listing else {}
    return head + dump({"format": int(FORMAT), "tool": lock.tool, **listing, "targets": targets})


def _header(name: str, words: tuple[str, ...]) -> str:
    """Return the comment at the top of a lock."""
    trial = words if len(words) > 1 else ("--spec", *words)
    rows = (
        (Advice.sandbox("lock", *words), "resolves all anew; --update PACKAGE only that package"),
        (Advice.sandbox("lock", *words, "--check"), "shows what would change, with exit status 6"),
        (Advice.sandbox("try", *trial, "--locked"), "installs exactly this, or says what differs"),
    )
    width = max(len(row.line) for row, _ in rows)
    lines = [f"#   {row.line:<{width}}    {text}\n" for row, text in rows]
    return "".join([f"# The exact packages of {name}. {rows[0][0].line} writes this file; do not edit it.\n", *lines])


def _plain(target: LockedTarget) -> dict[str, str | bool | Sequence[str]]:
    digest = target.digest or BUILT_HERE
    said = {"platform": target.platform, "image": target.image, "digest": digest, "as-of": target.as_of}
    return {
        **{key: value for key, value in said.items() if value},
        "recommends": target.recommends,
        "asked": target.asked,
        **({"before-packages": list(target.prepared)} if target.prepared else {}),
        "repositories": target.repositories,
        "packages": [package.line for package in sorted(target.packages)],
        **({"languages": [file.line for file in sorted(target.languages)]} if target.languages else {}),
        **({"provided": list(target.provided)} if target.provided else {}),
        **({"files": [file.line for file in sorted(target.files)]} if target.files else {}),
        "base": sorted(target.base),
    }


def load_lock(path: Path, *, source: str | None = None, listing: str = "") -> Lock:
    """Return the lock in a file. Raises UsageError if there is none, SpecError with all problems."""
    shown = source or str(path)
    words = Lock(source=shown, tool="", listing=listing).words
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT)
    except OSError as error:
        from sandbox.core.unreadable import unreadable_file

        hints = [Advice.sandbox("lock", *words)] if isinstance(error, FileNotFoundError) else []
        raise unreadable_file(path, error, shown=shown, hints=hints) from None
    try:
        return read_lock(data, source=shown)
    except SpecError as error:
        import shlex

        hints = [
            Advice.program("git", "checkout", "--", shown, after=", for the last intact version"),
            Advice.sandbox("lock", *words, before=f"rm {shlex.quote(shown)}; "),
        ]
        raise SpecError(shown, error.problems, hints=hints) from None


def read_lock(data: bytes, *, source: str) -> Lock:
    """Return the lock in a text. Raises SpecError with all problems."""
    found, reading = read_document(DOCUMENT, data, source=source)
    if found is None or reading.problems:
        raise SpecError(source, reading.problems)
    tool, listing, targets = found
    rows = tuple(replace(value, option=key) for key, value in targets.items())
    return Lock(source=source, tool=tool, listing=listing, targets=rows)


def _package(text: str) -> LockedPackage:
    found = _PACKAGE.fullmatch(text)
    if found is None:
        raise ValueError
    name, version, architecture, size, checksum = found.groups()
    return LockedPackage(name=name, version=version, architecture=architecture, size=int(size), sha256=checksum)


def _file(text: str) -> LockedFile:
    found = _LANGUAGE.fullmatch(text)
    if found is None:
        raise ValueError
    root, name, version, size, digest = found.groups()
    return LockedFile(root=root, name=name, version=version, size=int(size), digest=digest)


def _file_line(text: str) -> GivenFile:
    found = _GIVEN.fullmatch(text)
    if found is None:
        raise ValueError
    name, version, size, checksum, word = found.groups()
    return GivenFile(name=name, version=version, size=int(size), sha256=checksum, word=word)


def _target(
    *,
    platform: str,
    image: str,
    base: Iterable[str],
    packages: Iterable[LockedPackage],
    languages: Iterable[LockedFile] = (),
    asked: Iterable[str],
    recommends: bool = False,
    repositories: Iterable[str] = (),
    provided: Iterable[str] = (),
    files: Iterable[GivenFile] = (),
    digest: str | None = None,
    **others: Iterable[str],
) -> LockedTarget:
    day = others.get("as-of")
    return LockedTarget(
        option="",
        platform=platform,
        image=image,
        digest=None if digest == BUILT_HERE else digest,
        as_of=None if day is None else str(day),
        prepared=tuple(others.get("before-packages", ())),
        recommends=recommends,
        asked=tuple(asked),
        repositories=tuple(repositories),
        packages=tuple(packages),
        languages=tuple(languages),
        provided=tuple(provided),
        files=tuple(files),
        base=tuple(base),
    )


def _document(
    *,
    format: str,  # noqa: A002, ARG001 - the key's name
    tool: str,
    targets: dict[str, LockedTarget],
    **listing: str,
) -> tuple[str, str, dict[str, LockedTarget]]:
    return tool, listing.get("from", ""), targets


_LINE: Final = matching(r"[^\x00-\x1f\x7f]+", "a line of text", longest=2000)
_LINES: Final = ListOf(item=Word(kind=_LINE), what="lines", longest=5000)
_PACKAGES: Final = ListOf(
    item=Word(kind=Kind(expected="NAME VERSION ARCH SIZE sha256:...", convert=_package, schema={"type": "string"})),
    what="packages",
    longest=5000,
)
_LANGUAGES: Final = ListOf(
    item=Word(kind=Kind(expected="LANGUAGE:PACKAGE NAME VERSION SIZE HASH", convert=_file, schema={"type": "string"})),
    what="languages' packages",
    longest=5000,
)
_FILES: Final = ListOf(
    item=Word(kind=Kind(expected="NAME VERSION SIZE sha256:... FILE", convert=_file_line, schema={"type": "string"})),
    what="files",
    longest=500,
)
_DIGEST: Final = matching(f"sha256:[0-9a-f]{{64}}|{BUILT_HERE}", f"a digest, or {BUILT_HERE}")
_TARGET: Final = ObjectOf(
    make=_target,
    fields=(
        Field(key="platform", shape=Word(kind=_LINE), doc="As linux/amd64.", required=True),
        Field(key="image", shape=Word(kind=_LINE), doc="The base's reference.", required=True),
        Field(
            key="digest",
            shape=Word(kind=_DIGEST),
            doc="The digest that the registry gives the base; a base built on this machine has none.",
        ),
        Field(key="as-of", shape=Word(kind=matching(DAY, "a day such as 2024-01-31")), doc="The day of the snapshot."),
        Field(key="recommends", shape=Word(kind=boolean()), doc="Whether recommended packages are included."),
        Field(key="asked", shape=_LINES, doc="The packages that the spec names.", required=True),
        Field(key="before-packages", shape=_LINES, doc="What the spec sets before the packages."),
        Field(key="repositories", shape=_LINES, doc="Where the packages came from."),
        Field(key="packages", shape=_PACKAGES, doc="The packages that the install adds to the base.", required=True),
        Field(key="languages", shape=_LANGUAGES, doc="The files of packages from language registries."),
        Field(key="provided", shape=_LINES, doc="Virtual names of those asked for, each with what provides it."),
        Field(key="files", shape=_FILES, doc="The package files that the spec names, by path or address."),
        Field(key="base", shape=_LINES, doc="The packages in the base.", required=True),
    ),
)
DOCUMENT: Final = ObjectOf(
    make=_document,
    fields=(
        Field(
            key="format",
            shape=Word(kind=matching(FORMAT, "1; a newer sandbox writes higher numbers")),
            doc="1.",
            required=True,
        ),
        Field(key="tool", shape=Word(kind=_LINE), doc="The version that wrote it.", required=True),
        Field(key="from", shape=Word(kind=_LINE), doc="The file of --from, if it is not a spec's."),
        Field(
            key="targets",
            shape=Table(name=values.DISTRO, value=_TARGET, what="distros to what is locked"),
            doc="By distro.",
            required=True,
        ),
    ),
)
