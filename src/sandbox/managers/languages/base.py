"""What a language's package manager is to the program, and what the managers of all languages share.

The distro brings the runtime. A package goes where the distro has nothing of its own: its commands into
/usr/local/bin, which is on every PATH, the rest below /usr/local or /opt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, Protocol

from msgspec import Struct

from sandbox.errors import Advice, Missing, UnknownPackage, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef, full_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.errors import Cause, Row, StepFailed
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place
    from sandbox.managers.package_archives import FileInstall
    from sandbox.managers.protocol import Argv, Failure, Package

Support = Literal["run", "lab"]
"""run: the tests install from its public registry. lab: the real manager, from a small registry of the tests' own."""

COMMANDS: Final = "/usr/local/bin"
SHOWN: Final = 48
EVIDENCE: Final = 6
ANY: Final = "that"
"""A requested version whose text is unknown."""

MEANINGS: Final = (
    (r"(?:[.~]?/|\.\.?(?:/|$)|file:).*|\.", "is a path, and a prefix is for packages of the index alone"),
    (r"[^@]*://.*|(?:git|github|gist|gitlab|bitbucket|hg|svn)[:+].*|.*\.git", "is an address, and not in the index"),
    (r"[^@]+@npm:NAME(?:@.*)?", "is an alias of npm; use the package's own name"),
    (r"NAME\[.*", "has extras in brackets, which sandbox does not install"),
    (r"NAME\s*;.*", "has a condition behind its name"),
    (r"NAME\s*@\s*(?:[a-z+]+:|\.?/).*", "has an address behind its name, and is not in the index"),
    (
        r"NAME\s*(?:(?:@?[<>~^!*]|:[<>~]).*|[=@]+[0-9.]*[*x])",
        "asks for a range of versions, but sandbox needs a single version",
    ),
    (r"NAME@[a-z]+", "has a tag for a version, but sandbox needs a version"),
    (r"[\w-][\w.-]*/[\w./-]+", "has a slash, and is no name in the index"),
    (r"NAME\s*(?:==?=?|@|:)\s*.*", "has no valid version behind its name"),
)
"""What a language's own manager reads in a text that is no name and version here: the first that fits is said.

Sources: pip-install(1), PEP 508, npm's package-spec, and the help of cargo, gem and go on what they install.
"""

ComplaintRow = tuple["Cause", str, str, Advice]
"""Cause, pattern, meaning and next step, for error_patterns.complaint; patterns are compiled when needed."""


CA_ADVICE: Final = Advice.sandbox(
    "doctor", before="SANDBOX_CA=FILE adds your network's certificates; ", after=" shows those in use"
)
"""The next step if a certificate is not trusted."""


class LanguageData(Struct, frozen=True, kw_only=True):
    """The facts about a language's manager besides its commands; no field has a default.

    `runtime` are the distro packages that bring it, as references, by the family whose names a distro has: what is
    another for a single manager of the family, or for a family that is not here, stands in the manager's own data.
    `state_paths` are its caches, logs and indexes, as those of a distro's manager are written; `folders` are where it
    puts packages, also by hand: all there is theirs. `described` is the pattern of the files in which packages describe
    themselves, as paths without the first slash, `lists` of those that name a package's files, empty where there are
    none. `distro_names` is the pattern of the names by which distros have its packages; the group is their own name.
    `package_files` is how it installs package files that a user gives, or why it can't.
    """

    runtime: Mapping[str, tuple[str, ...]]
    state_paths: tuple[str, ...]
    folders: tuple[str, ...]
    described: str
    lists: str
    distro_names: str
    package_files: FileInstall | str


class LanguageManager(Protocol):
    """One language's package manager; implemented by modules, so `self` is ignored. All of it runs as root."""

    @property
    def name(self) -> str:
        """The manager's name, which is the prefix of its packages, such as `pip`."""

    @property
    def support(self) -> Support:
        """The evidence that this works."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that its commands need; the user's shell never gets it."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Commands one of which a user needs to install its packages by hand."""

    @property
    def state_files(self) -> tuple[str, ...]:
        """Absolute paths, of files or folders, one of which changes when something is installed by hand."""

    @property
    def names(self) -> str:
        """Constant shell text that prints all its packages; empty if a removal takes only the requested ones.

        A line each, as `gem:paint=2.3.0`: such a line names to `remove` what came along.
        """

    def parse_reference(self, text: str) -> PackageRef:
        """Return the reference of a text without its prefix. Raises UsageError for an invalid name or version."""

    def install(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that installs without asking. A promoted script runs the same."""

    @property
    def look_up(self) -> str:
        """Constant shell text that fails as `install` does where there is no package "$1", and installs nothing.

        Empty where an install names all that is missing of several packages.
        """

    def remove(self, packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
        """Return the commands that remove packages, with what only they needed where the manager knows that.

        Where there are `names`, `came` in their environment has those of what came with the packages, blanks between.
        """

    def is_installed(self, package: PackageRef) -> tuple[Argv, ...]:
        """Return a pipeline whose last status is 0 only if it is installed, in its version if it has one."""

    def listing(self) -> str:
        """Return constant shell text that quickly prints the input of `parse_packages`, nothing without packages."""

    def parse_packages(self, output: str) -> tuple[Package, ...]:
        """Return the packages that `listing` printed, wherever a user may have installed them; never raises.

        `explicit` are those that were asked for, as far as the manager keeps that. Sizes are bytes on disk, 0 where
        the listing does not say; those of a package's dependencies are in its own where it has them to itself.
        """

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for the manager's own, with its cause, or None if it is unknown."""

    def failed_script(self, failure: Failure, *, distro: str) -> StepFailed | None:
        """Return the error for scripts that failed or were skipped in an install with status 0, or None."""

    def progress(self, line: str) -> str | None:
        """Return the progress in a line of output, in short, or None for noise."""


def reference(text: str, *, source: str, name: str, version: str, own: str, expected: str) -> PackageRef:
    """Return the reference of NAME, NAME=VERSION, or with the separator of the language's `own` commands.

    `name` and `version` are patterns. Raise UsageError that shows the text, short and escaped, and what was expected.
    """
    found = re.fullmatch(rf"(?P<name>{name})(?:(?:=|{re.escape(own)})(?P<version>{version}))?", text, re.ASCII)
    if found is None or len(text) > MAX_REFERENCE:
        raise _refusal(text, source, expected, name)
    return PackageRef(name=found["name"], version=found["version"], source=source)


def _refusal(text: str, source: str, expected: str, name: str) -> UsageError:
    plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
    shown = f"{plain}..." if len(text) > SHOWN else plain
    is_long = len(text) > MAX_REFERENCE
    problem, hints = (f"is longer than {MAX_REFERENCE} characters", ()) if is_long else _meaning(text, source, name)
    return UsageError(f'"{source}:{shown}" {problem}', details=[(f"{source} packages", expected)], hints=hints)


def _meaning(text: str, source: str, name: str) -> tuple[str, tuple[Advice, ...]]:
    """Return what the language's own manager reads in a text that is no name and version, and what to type."""
    if text.startswith("-"):
        return f"looks like an option of {source}, not like a package", ()
    for pattern, problem in MEANINGS:
        if found := re.fullmatch(pattern.replace("NAME", f"(?P<name>{name})"), text, re.ASCII):
            near = found.groupdict().get("name")
            return problem, (Advice.sandbox("try", f"{source}:{near}"),) if near else ()
    return f"is not a {source} package", ()


def explain_failure(
    rows: Sequence[ComplaintRow], failure: Failure, packages: Sequence[PackageRef], *, distro: str, evidence: str
) -> StepFailed | None:
    """Return our error for the first row that the output matches; `evidence` is the pattern of telling lines.

    Where the row is about an unknown package and its pattern has a group, that is the package's name.
    """
    from sandbox.managers.error_patterns import complaint, error_from, first_match

    found = first_match(
        (complaint(cause, pattern, brief, hint) for cause, pattern, brief, hint in rows), failure.output
    )
    if found is None:
        return None
    lines = [line.strip() for line in failure.output.splitlines() if re.search(evidence, line)]
    said = [(f"{failure_source(packages)} said", line[:200]) for line in dict.fromkeys(lines) if line][:EVIDENCE]
    error = error_from(*found, distro=distro, evidence=said)
    if error.cause not in ("unknown-package", "unknown-version"):
        return error
    missing = _missing(rows, failure.output, packages)
    if len(missing) > 1:
        return missing_of_language(missing, packages, said)
    return UnknownPackage(error.brief, missing=missing, details=error.details, hints=error.hints)


def _missing(rows: Sequence[ComplaintRow], output: str, packages: Sequence[PackageRef]) -> list[Missing]:
    """Return all that an output says is missing, each once; of a version that is missing its package is there."""
    versions = {package.name: package.version or "" for package in packages}
    found: dict[str, Missing] = {}
    for wanted in ("unknown-version", "unknown-package"):
        for cause, pattern, _, _ in rows:
            for match in re.finditer(pattern, output, re.MULTILINE) if cause == wanted else ():
                name = next((group for group in match.groups() if group), "")
                version = (versions.get(name) or ANY) if wanted == "unknown-version" else ""
                found.setdefault(name, Missing(name=name, version=version))
    return list(found.values())


def missing_of_language(
    missing: Sequence[Missing], packages: Sequence[PackageRef], details: Sequence[Row]
) -> UnknownPackage:
    """Return the error for several packages of a language that are missing, and the list without what is unknown."""
    source = failure_source(packages)
    unknown = ", ".join(one.name for one in missing if not one.version)
    versions = ", ".join(one.text for one in missing if one.version)
    parts = [*([f"has nothing named {unknown}"] if unknown else []), *([f"has no {versions}"] if versions else [])]
    lost = {one.name: one for one in missing}
    swaps = [
        (ref.text, full_name(source, ref.name) if lost[ref.name].version else "")
        for ref in packages
        if ref.name in lost
    ]
    has_more = any(ref.name not in lost for ref in packages) or any(new for _, new in swaps)
    rows = [*details, *((f"{source}:{one.text}", _proposal(one)) for one in missing)]
    hints = [Advice.mend(*swaps)] if has_more else []
    return UnknownPackage(f"{source}'s registry {'; it '.join(parts)}", missing=missing, details=rows, hints=hints)


def _proposal(one: Missing) -> str:
    return "not in this version, but in others" if one.version else "no such name"


def no_failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return None: this manager ends with another status if a script fails."""
    return None


def failure_source(packages: Sequence[PackageRef]) -> str:
    """Return the manager's name, as its packages have it."""
    return packages[0].source if packages else "it"


def kibibytes(text: str) -> int:
    """Return the bytes of a number that du(1) printed with -k, 0 if it is not a number."""
    return int(text) * 1024 if text.isascii() and text.isdigit() else 0


class Language(Protocol):
    """All that a language's manager consists of; implemented by modules, so `self` is ignored."""

    @property
    def manager(self) -> LanguageManager:
        """Its commands."""

    def data(self) -> LanguageData:
        """Return the facts about it; this call imports them."""

    def files(self) -> LanguageFiles | str:
        """Return how its packages are locked, or why they can't be; imported by this call."""

    def describe(self, content: bytes) -> PackageMetadata | None:
        """Return the metadata in a file that matches `described`, or None if it is invalid; never raises."""

    def own_paths(self, path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return the files of the package that the file at a path describes, and its folders with a slash at the end.

        `contents` are of the files that are `described` or one of `lists`. Empty where its listing has its own size.
        """

    def place(self, path: str, name: str) -> Place | None:
        """Return where the package stands that the file at a path describes; None where only names tell what it needs.

        `name` is the package's own.
        """

    def commands(self) -> str:
        """Return shell text that prints the names of the commands its packages put into a `bin`, a name a line.

        Those of /usr/local and of root's own; it reads and never fails.
        """
