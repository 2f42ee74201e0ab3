"""JavaScript's packages from npm's registry, installed for all below /usr/local.

Sources: npm-install(1), npm-ls(1), folders(5), package.json(5), and the `validate-npm-package-name` rules. Run by the
tests on Debian; the runtime's names elsewhere are documented, not run.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec.json
from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.programs import program
from sandbox.errors import Advice
from sandbox.managers.languages.base import CA_ADVICE, COMMANDS, explain_failure, kibibytes, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "npm"
support: Final = "run"
environment: Final[Mapping[str, str]] = MappingProxyType(
    {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
)
programs: Final = ("npm", "pnpm", "yarn")
state_files: Final = (COMMANDS, "/usr/local/lib", "/usr/local/lib/node_modules", "/usr/lib/node_modules")

PREFIX: Final = ("--global", "--prefix", "/usr/local")

look_up: Final = 'npm install --dry-run --global --prefix /usr/local "$1"'
names: Final = ""


class _NpmManifest(Struct, frozen=True):
    """The fields of a package.json that are used."""

    name: str
    version: str = ""


BLOCKED: Final = re.compile(
    r"^npm warn install-scripts   ((?:@[\w.~-]+/)?[\w.~-]+@[0-9A-Za-z.+-]+) \(", re.MULTILINE | re.ASCII
)

NAME: Final = r"[A-Za-z0-9_~][A-Za-z0-9._~-]*"

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    (
        "disk",
        r"npm (?:ERR!|error) code ENOSPC|No space left on device",
        "the disk is full in the sandbox",
        Advice.program("df", "-h"),
    ),
    (
        "signature",
        r"npm (?:ERR!|error) code (?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT)",
        "the sandbox does not trust the certificate of npm's registry",
        CA_ADVICE,
    ),
    (
        "network",
        (
            r"npm (?:ERR!|error) code (?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH"
            r"|ENETUNREACH|FETCH_ERROR)"
        ),
        "the sandbox can't reach npm's registry",
        Advice.sandbox("doctor"),
    ),
    (
        "unknown-version",
        r"npm (?:ERR!|error) (?:notarget )?No matching version found for ((?:@[^@\s/]+/)?[^@\s]+)@",
        "npm's registry does not have that version of {0}",
        Advice.sandbox("try", "npm:{0}", "--distro", "{option}"),
    ),
    (
        "unknown-package",
        r"npm (?:ERR!|error) (?:code )?E?404 +'?((?:@[^@\s/']+/)?[^@\s']+)@[^\n]* (?:is not in|could not be found)",
        "npm's registry has no package named {0}",
        Advice.say("https://www.npmjs.com/search?q={0} lists similar names"),
    ),
    (
        "conflict",
        r"npm (?:ERR!|error) code (?:EEXIST|ERESOLVE|EBADENGINE)",
        "the npm packages can't be installed on {distro}: they conflict with installed ones",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
    (
        "script",
        r"npm (?:ERR!|error) gyp |npm (?:ERR!|error) command failed",
        "an install script of the npm packages failed in {distro}: they may need a compiler",
        Advice.say("the same command, with the compiler that it needs as a package"),
    ),
)


def parse_reference(text: str) -> PackageRef:
    """Return the reference of `NAME` or `@SCOPE/NAME`, with or without a version. Raises UsageError if invalid."""
    return reference(
        text,
        source=name,
        name=rf"(?:@{NAME}/)?{NAME}",
        version=r"v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][A-Za-z0-9.+-]*)?",  # npm takes a shorter one for a range
        own="@",
        expected="expected npm:NAME, npm:@SCOPE/NAME or npm:NAME=VERSION, such as npm:cowsay=1.6.0; no files",
    )


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that installs the packages for all users."""
    return ("npm", "install", *PREFIX, *(npm_spec(ref) for ref in packages))


def npm_spec(package: PackageRef) -> str:
    """Return a package as npm takes it: `cowsay@1.6.0`, or the path of its file."""
    if package.file is not None:
        return package.file.path
    return f"{package.name}@{package.version}" if package.version else package.name


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes packages; their dependencies are inside them."""
    return (("npm", "uninstall", *PREFIX, *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the command whose status is 0 where npm-ls(1) finds it."""
    return (("npm", "ls", *PREFIX, "--depth=0", npm_spec(replace(package, file=None))),)


def listing() -> str:
    """Return the program that prints each package's folder with its size, then its own description."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return what the listing says: every package at the top was asked for, and holds those that it needs."""
    return tuple(_packages_of(output))


def _packages_of(output: str) -> Iterator[Package]:
    size = 0
    for line in output.splitlines():
        text, tab, _ = line.partition("\t")
        if tab and text.isdigit():
            size = kibibytes(text)
        elif (found := _manifest_of(line)) and re.fullmatch(rf"(?:@{NAME}/)?{NAME}", found.name):
            yield Package(
                name=found.name, version=found.version, architecture="", size=size, explicit=True, source=name
            )


def _manifest_of(line: str) -> _NpmManifest | None:
    try:
        return msgspec.json.decode(line, type=_NpmManifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of npm, or None if none is known."""
    evidence = r"^npm (?:ERR!|error) (?!A complete log|Log files|\s+/)"
    return explain_failure(COMPLAINTS, failure, packages, distro=distro, evidence=evidence)


def failed_script(failure: Failure, *, distro: str) -> StepFailed | None:
    """Return the error for scripts that npm did not run, as 12 does with all that nobody allowed; None for none."""
    found = dict.fromkeys(BLOCKED.findall(failure.output))
    if not found:
        return None
    from sandbox.errors import StepFailed

    listed = ", ".join(list(found)[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")  # noqa: PLR2004
    return StepFailed(
        f"npm ran no installation script of {listed}: it may be incomplete",
        cause="script",
        details=[("npm says", "scripts are blocked that nobody allowed (since npm 12)")],
        hints=[
            Advice.program(
                "npm", "rebuild", *PREFIX, "--dangerously-allow-all-scripts", after=" runs them, if you trust them"
            )
        ],
    )


def progress(line: str) -> str | None:
    """Return what npm says at its end; it is silent while it works."""
    found = re.match(r"(?:added|changed) \d+ packages?", line)
    return found[0] if found else None
