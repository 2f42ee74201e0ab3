"""Python's packages from the index that pip asks: a virtual environment for each below /opt/pip.

An environment of its own is what PEP 668 asks for, and what pipx makes; pipx itself is not in every release, and its
older ones can't install for all users. python3 with its own venv and pip is everywhere, so they are used as they are.

Sources: venv and pip's own documentation, PEP 503 (names), PEP 440 (versions), PEP 376 and the "recording installed
projects" specification (REQUESTED). Run by the tests on Debian; the runtime's names elsewhere are documented, not run.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import program, sh_argv
from sandbox.errors import Advice
from sandbox.managers.languages.base import CA_ADVICE, COMMANDS, explain_failure, kibibytes, no_failed_script, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "pip"
support: Final = "run"
environment: Final[Mapping[str, str]] = MappingProxyType(
    {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}
)
programs: Final = ("pip", "pip3", "pipx")
state_files: Final = (COMMANDS, "/usr/local/lib", "/root/.local/bin", "/root/.local/share/pipx", "/root/.local/lib")


look_up: Final = (
    'home=$(mktemp -d) && python3 -m venv "$home" && '
    '"$home/bin/python" -m pip download --no-deps --dest "$home" "$1"; status=$?; rm -rf "$home"; exit "$status"'
)
names: Final = ""

_INFO: Final = re.compile(
    r"(?P<home>/.+/)?lib(?:64)?/python3[^/]*/\w+-packages/"
    r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9.!+_]+)(?:-py3[\d.]+)?\.(?:dist|egg)-info(?P<asked> REQUESTED)?"
)
_HOME: Final = re.compile(r".*/(?:pip|venvs)/(?P<name>[^/]+)/?")

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    ("disk", r"No space left on device", "the disk is full in the sandbox", Advice.program("df", "-h")),
    (
        "signature",
        r"CERTIFICATE_VERIFY_FAILED|invalid path: |Could not find a suitable TLS CA certificate",
        "the sandbox does not trust the certificate of the package index",
        CA_ADVICE,
    ),
    (
        "network",
        (
            r"NameResolutionError|Name or service not known|Temporary failure in name resolution|Failed to establish a"
            r" new connection|Cannot connect to proxy|Max retries exceeded|Read timed out|ConnectTimeoutError"
        ),
        "the sandbox can't reach Python's package index",
        Advice.sandbox("doctor"),
    ),
    (
        "unknown-version",
        r"^ERROR: Could not find a version that satisfies the requirement (\S+?)(?:==\S+)? .*from versions: (?!none)",
        "that version of {0} can't be installed on {distro}",
        Advice.sandbox("try", "pip:{0}", "--distro", "{option}"),
    ),
    (
        "unknown-package",
        (
            r"^ERROR: (?:No matching distribution found for|Could not find a version that satisfies the requirement) "
            r"([A-Za-z0-9._-]+)"
        ),
        "Python's package index has no package named {0} for {distro}",
        Advice.say("https://pypi.org/search/?q={0} lists similar names"),
    ),
    (
        "conflict",
        r"^ERROR: (?:ResolutionImpossible|Cannot install (\S+))",
        "the dependencies of {0} can't be installed together",
        Advice.sandbox("try", "pip:{0}", "--distro", "{option}", "-v"),
    ),
    (
        "script",
        r"(?:Failed building wheel for|Failed to build|metadata-generation-failed|Could not build wheels for) ?(\S*)",
        "{0} has to be compiled in {distro}, and that failed",
        Advice.say("the same command, with the compiler and headers that it needs as packages"),
    ),
    (
        "conflict",
        r"^ln: .*/usr/local/bin/([^\s':]+)'?: File exists",
        "/usr/local/bin already has another {0}",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
)

_PROGRESS: Final = re.compile(r"(Collecting|Downloading|Building wheels? for|Installing collected packages)\b:? ?(\S*)")


def parse_reference(text: str) -> PackageRef:
    """Return the reference, its name normalized by PEP 503. Raises UsageError if invalid."""
    found = reference(
        text,
        source=name,
        name=r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?",
        version=r"[0-9][A-Za-z0-9.!+_-]*",
        own="==",
        expected="expected pip:NAME or pip:NAME=VERSION, such as pip:httpie=3.2.2; no extras, files or URLs",
    )
    return replace(found, name=normal(found.name))


def normal(text: str) -> str:
    """Return a package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", text).lower()


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that makes an environment for each package and links its commands."""
    wanted = (requirement(ref) for ref in packages)
    return sh_argv(__package__, "install.sh", *wanted)


def requirement(package: PackageRef) -> str:
    """Return a package as our programs take it: NAME, NAME==VERSION, or NAME=FILE."""
    if package.file is not None:
        return f"{package.name}={package.file.path}"
    return f"{package.name}=={package.version}" if package.version else package.name


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes the packages' environments and the links into them."""
    return (sh_argv(__package__, "remove.sh", *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline that asks the package's own environment."""
    if package.file is not None:
        return (sh_argv(__package__, "is_of_file.sh", package.name, package.file.path.rpartition("/")[0]),)
    show = (f"/opt/pip/{package.name}/bin/python", "-m", "pip", "show", package.name)
    return (show,) if package.version is None else (show, ("grep", "-qxF", f"Version: {package.version}"))


def listing() -> str:
    """Return the program that prints the environments with their sizes, and what was installed past the distro."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return what the listing says; in an environment the package that it is named after was asked for."""
    return tuple(_packages_of(output))


def _packages_of(output: str) -> Iterator[Package]:
    sizes: dict[str, int] = {}
    for line in output.splitlines():
        size, tab, path = line.partition("\t")
        if tab:
            sizes[path] = kibibytes(size)
        elif found := _INFO.fullmatch(line):
            yield _package(found, sizes)


def _package(found: re.Match[str], sizes: Mapping[str, int]) -> Package:
    home, own = found["home"] or "", normal(found["name"])
    environment = _HOME.fullmatch(home)
    explicit = own == normal(environment["name"]) if environment else found["asked"] is not None
    size = sizes.get(home.rstrip("/"), 0) if environment and explicit else 0
    return Package(name=own, version=found["version"], architecture="", size=size, explicit=explicit, source=name)


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of pip, or None if none is known."""
    evidence = r"ERROR: |error: |^ln: |CERTIFICATE_VERIFY_FAILED|[Nn]ew connection"
    return explain_failure(COMPLAINTS, failure, packages, distro=distro, evidence=evidence)


failed_script = no_failed_script


def progress(line: str) -> str | None:
    """Return `Collecting httpie` and the like, or None for noise."""
    found = _PROGRESS.match(line.strip())
    return f"{found[1]} {found[2]}".strip() if found else None
