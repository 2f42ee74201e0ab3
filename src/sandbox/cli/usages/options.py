"""The arguments and options that several verbs share."""

from __future__ import annotations

from typing import Final

from sandbox.cli.params import argument, flag, option
from sandbox.cli.usages.values import FINDINGS, GRANTS

PACKAGES: Final = argument(
    "packages",
    "PACKAGE...",
    "Packages: NAME, NAME=VERSION, or pip:NAME (also npm:, cargo:, gem:, go:, luarocks:).",
    values="packages",
)
FROM: Final = option(
    "files",
    "FILE",
    "Also take the packages listed in FILE, such as apt.txt; - is standard input; repeat it for more.",
    spelling="--from",
)
LISTING: Final = option(
    "files", "FILE", "Lock the packages listed in FILE, such as apt.txt; repeat it for more.", spelling="--from"
)
LOCKED: Final = flag("locked", "Use exactly the versions in the spec's lock.")
AS_OF: Final = option("as_of", "YYYY-MM-DD", "Use the packages of that day, if the distro has a snapshot service.")
DISTRO: Final = option(
    "distro",
    "DISTRO",
    "Distro to use, such as debian or debian:trixie.",
    short="-d",
    default="this host's",
    values="distros",
)
LIKE_HOST: Final = flag(
    "like_host", "Begin with this host's packages, sources, keys and pins in the sandbox; nothing here changes."
)
BOOT: Final = flag(
    "boot", "Boot systemd in the sandbox first, so that services start as on a host (Debian and relatives)."
)
ROWS: Final = option("distros", "FILE", "Read your own distros from FILE.")
ENGINE: Final = option("engine", "URL", "Engine to use: a URL such as ssh://HOST, or the name of a docker context.")
HARDENED: Final = flag("hardened", "Drop all privileges that an install does not need; sudo stops working.")
ALLOW: Final = option(
    "allow",
    "KIND,...",
    (
        "Allow what a spec asks for: mounts, copies, ports, devices, capabilities, network, limits, build, frontend, "
        "repositories, pins, architectures, answers, before, boot, local-url."
    ),
    values=GRANTS,
)
VERBOSE: Final = flag("verbose", "Show all output of every step.", short="-v")
NO_STDIN: Final = flag("no_stdin", "Read nothing from standard input, as in a loop of while read.", short="-n")
NAME: Final = argument("name", "NAME", "Name of the sandbox.", values="sandboxes", is_needed=True)
JSON: Final = flag("as_json", "Print JSON.", spelling="--json")
HTML: Final = option("html", "FILE", "Write a self-contained HTML page to FILE.")
MD: Final = flag("md", "Print Markdown, for a pull request or an issue.")
FAIL_ON: Final = option(
    "fail_on",
    "KIND,...",
    "Exit with status 6 if these are found or can't be ruled out: damage, residue, setuid, services ...",
    values=FINDINGS,
)
NETWORK_LOG: Final = flag("network_log", "List the servers that the install connected to.")
SCREENSHOT: Final = option(
    "screenshot", "FILE", "Start the desktop program that came, and write its picture (PNG) to a new FILE."
)
RUN: Final = option(
    "run",
    "PATH",
    "Run an installer, such as ./install.sh; a folder or an archive needs its command behind --.",
)
UNDO: Final = option("undo", "CMD", "Take the installer back with this command line, and see what is left.")
ANSWERS_FILE: Final = option(
    "answers", "FILE", "Answer what the installer asks: lines QUESTION = ANSWER, each for one question."
)
AS_USER: Final = flag("as_user", "Run the installer as a user without privileges, with a home of its own.")
QUIET: Final = flag("quiet", "Show no progress.", short="-q")
SBOM: Final = option("sbom", "FILE", "Write a bill of materials (SBOM) of the packages to FILE.")
SBOM_FORMAT: Final = option(
    "sbom_format",
    "FORMAT",
    "Format of --sbom: cyclonedx (1.6) or spdx (2.3).",
    default="cyclonedx",
    values=("cyclonedx", "spdx"),
)
ON_FARGATE: Final = option("on", "fargate", "Run on AWS Fargate instead of an engine.", values=("fargate",))
PUSH: Final = flag("push", "Push images that only the engine has to your ECR repository, for this run.")
NAMES: Final = argument("names", "NAME...", "Names of sandboxes.", values="sandboxes")
BASE_DISTRO: Final = argument(
    "distro", "DISTRO", "Distro, such as debian or debian:bookworm.", values="distros", is_needed=True
)
