"""Ruby's gems, their commands in /usr/local/bin.

Sources: `gem help install`, `gem help list`, the Gem::Specification reference. Run by the tests with gem 3.6 of Debian
trixie against a gem server of their own in the place of rubygems.org, which the project's machines can't reach.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import fill, program, template
from sandbox.errors import Advice
from sandbox.managers.languages.base import CA_ADVICE, COMMANDS, explain_failure, kibibytes, no_failed_script, reference
from sandbox.managers.protocol import Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import ComplaintRow
    from sandbox.managers.protocol import Argv, Failure, PackageRef

name: Final = "gem"
support: Final = "lab"
environment: Final[Mapping[str, str]] = MappingProxyType({})
programs: Final = ("gem", "bundle")
state_files: Final = (COMMANDS, "/var/lib/gems", "/usr/local/share/gems/specifications", "/root/.local/share/gem")

# Without `default_gem?` the gems that Ruby itself brings counted as brought by the install (gem 3.6).
INSTALLED: Final = 'Gem::Specification.each { |s| puts "gem:#{s.name}=#{s.version}" unless s.default_gem? }'
look_up: Final = ""
names: Final = f"ruby -rrubygems -e {INSTALLED!r} 2>/dev/null || :"


_GEM: Final = re.compile(r"gem /.+/([A-Za-z0-9_][A-Za-z0-9_.-]*?)-([0-9][A-Za-z0-9.]*)(?:-[a-z][\w-]*)?\.gemspec")

COMPLAINTS: Final[tuple[ComplaintRow, ...]] = (
    ("disk", r"No space left on device", "the disk is full in the sandbox", Advice.program("df", "-h")),
    (
        "signature",
        r"certificate verify failed",
        "the sandbox does not trust the certificate of rubygems.org",
        CA_ADVICE,
    ),
    (
        "network",
        (
            r"Unable to download data from|SocketError|Failed to open TCP connection|Net::OpenTimeout|no such name"
            r"|Unable to resolve|Temporary failure in name resolution|Bad response"
        ),
        "the sandbox can't reach rubygems.org",
        Advice.sandbox("doctor"),
    ),
    (
        "unknown-version",
        r"Could not find a valid gem '([\w.-]+)' \(= [^)]+\)",
        "rubygems.org does not have that version of {0}",
        Advice.sandbox("try", "gem:{0}", "--distro", "{option}"),
    ),
    (
        "unknown-package",
        r"Could not find a valid gem '([\w.-]+)'",
        "rubygems.org has no gem named {0}",
        Advice.say("https://rubygems.org/search?query={0} lists similar names"),
    ),
    (
        "conflict",
        r"\"(\S+)\" from \S+ conflicts with",
        "/usr/local/bin already has another {0}",
        Advice.program("ls", "-l", "/usr/local/bin"),
    ),
    (
        "conflict",
        r"ERROR: +Error installing ([\w.-]+):\n\s*(?:The last version|\S+ requires Ruby)",
        "{0} can't be installed on {distro}: it needs a newer Ruby",
        Advice.say("an older version, or a newer release of the distro"),
    ),
    (
        "script",
        r"Failed to build gem native extension|ERROR: +Error installing ([\w.-]+):",
        "{0} has to be compiled in {distro}, and that failed",
        Advice.again("ruby-dev", "make", "gcc", after=", or their names there"),
    ),
)


EVIDENCE: Final = r"^\s*ERROR: |^\s+\S.*(?:failed|requires|conflicts)|^(?:extconf|make) failed|can't find|not found"


def parse_reference(text: str) -> PackageRef:
    """Return the reference. Raises UsageError for an invalid name or version."""
    return reference(
        text,
        source=name,
        name=r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
        version=r"[0-9][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*",
        own=":",
        expected="expected gem:NAME or gem:NAME=VERSION, such as gem:lolcat=100.0.1",
    )


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that installs gems for all users, without their documentation."""
    wanted = (f"{ref.name}:{ref.version}" if ref.version else ref.name for ref in packages)
    return ("gem", "install", "--bindir", COMMANDS, "--no-document", *wanted)


def _removal() -> str:
    """Return the program that removes gems, in sh, with its part in Ruby."""
    ruby = "".join(f"  {line}\n" for line in program(__package__, "unneeded.rb").splitlines())
    return fill(template(__package__, "remove.sh"), {"UNNEEDED": ruby}).rstrip("\n")


def remove(packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
    """Return the command that removes gems, their commands, and the dependencies that came with them."""
    return (("sh", "-c", _removal(), "sh", *(ref.name for ref in packages)),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the command whose status is 0 where gem's own list has it."""
    version = ("--version", package.version) if package.version else ()
    return (("gem", "list", "--local", "--installed", "--exact", *version, package.name),)


def listing() -> str:
    """Return the program that prints the sizes of gems, their specifications and what each needs."""
    return program(__package__, "listing.sh")


def parse_packages(output: str) -> tuple[Package, ...]:
    """Return the gems; gem keeps no record of requests, so those that no other gem needs are explicit."""
    needed = {line.removeprefix("needs ") for line in output.splitlines() if line.startswith("needs ")}
    return tuple(_packages_of(output, needed))


def _packages_of(output: str, needed: set[str]) -> Iterator[Package]:
    size = 0
    for line in output.splitlines():
        text, tab, _ = line.partition("\t")
        if tab:
            size = kibibytes(text)
        elif found := _GEM.fullmatch(line):
            explicit = found[1] not in needed
            yield Package(name=found[1], version=found[2], architecture="", size=size, explicit=explicit, source=name)
            size = 0


def explain(failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
    """Return our error for the messages of gem, or None if none is known."""
    return explain_failure(COMPLAINTS, failure, packages, distro=distro, evidence=EVIDENCE)


failed_script = no_failed_script


def progress(line: str) -> str | None:
    """Return the progress, such as `Fetching paint-2.3.0.gem`, or None for noise."""
    found = re.match(r"(Fetching|Building native extensions|Successfully installed)(?:\. .*| (\S+))?", line)
    return f"{found[1]} {found[2] or ''}".strip() if found else None
