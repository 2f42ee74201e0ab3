"""Simulates a promotion on this host with its own manager: changes nothing and needs no root."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.plaintext import plain, plain_line
from sandbox.managers.architectures import architectures
from sandbox.managers.protocol import NOTHING, Failure
from sandbox.managers.registry import manager_of, queries_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.errors import Cause, Row
    from sandbox.managers.protocol import Argv, Change, PackageRef, Runner

LIMIT: Final = 60.0
"""Seconds for one query to the host's package manager."""
NOT_RUN: Final = 127


class Preflight(Struct, frozen=True, kw_only=True):
    """What would change on the host: names by what happens to them, bytes to download, and more or fewer on disk.

    `here` are the packages asked for that the host has already; those of them in another version than was tried are in
    `other`, too. `architectures` are those that the manager here has to be told of first: what they bring is not known
    before their index is fetched, and nothing else is said then. `problem` is why it can't be installed, or why the
    manager could not say; `cause` tells which, with `evidence` in its words.
    """

    new: tuple[str, ...] = ()
    upgrades: tuple[str, ...] = ()
    downgrades: tuple[str, ...] = ()
    removals: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    download: int = 0
    size: int = 0
    problem: str = ""
    cause: Cause = "other"
    evidence: tuple[Row, ...] = ()


def on_this_host(argv: Argv, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command of the host's manager; return its status, standard output and error."""
    env = {**os.environ, "LC_ALL": "C.UTF-8", **environment}
    try:
        done = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=LIMIT, cwd="/"
        )
    except subprocess.TimeoutExpired:
        return NOT_RUN, "", f"{argv[0]} did not answer within {LIMIT:.0f} s"
    except OSError as error:
        return NOT_RUN, "", f"{argv[0]}: {error.strerror}"
    return done.returncode, _lines(done.stdout), _lines(done.stderr)


def _lines(output: bytes) -> str:
    """Return output as the parsers expect it: plain, carriage returns as line breaks, no empty lines."""
    return "\n".join(line for line in plain(output.replace(b"\r", b"\n")).splitlines() if line)


def preflight(
    packages: Sequence[PackageRef], target: Target, run: Runner = on_this_host, *, seen: Mapping[str, str] = NOTHING
) -> Preflight:
    """Return what installing the distro's packages among these would do here; languages' are not asked about.

    `seen` are the versions that were tried, by name.
    """
    manager = manager_of(target.manager)
    found = [_of_this_host(package) for package in packages if not package.source]
    own = [package for package in found if package is not None]
    here = tuple(package.name for package in own if _is_here(package, target, run))
    tried = [replace(package, version=seen.get(package.name)) for package in own if package.name in here]
    other = tuple(row.name for row in tried if row.version and not _is_here(row, target, run))
    if len(here) == len(own):
        return Preflight(here=here, other=other)
    if unknown := _unknown(own, target, run):
        return Preflight(here=here, other=other, architectures=unknown)
    query = queries_of(target.manager).simulate(own)  # all packages, since the install may also upgrade existing ones
    status, out, err = run(query.argv, manager.environment)
    if status in query.statuses:
        return replace(_sort(query.parse(out)), here=here, other=other)
    known = manager.explain(Failure(argv=query.argv, status=status, output=f"{out}\n{err}"), own, distro="this host")
    last = (err or out).splitlines()[-1:] or [f"exit status {status}"]
    problem = plain_line(known.brief if known else last[0], 200)
    evidence = tuple((what, plain_line(text, 200)) for what, text in known.details) if known else ()
    return Preflight(
        here=here, other=other, problem=problem, cause=known.cause if known else "other", evidence=evidence
    )


def _of_this_host(package: PackageRef) -> PackageRef | None:
    """Return a package whose file is the one on this host; None where the file is not here to be asked about."""
    if package.file is None:
        return package
    file = replace(package.file, path=package.file.source)
    return replace(package, file=file) if os.path.isfile(file.path) else None  # noqa: PTH113 - no more than a look


def _unknown(packages: Sequence[PackageRef], target: Target, run: Runner) -> tuple[str, ...]:
    """Return the architectures of packages that the host's manager does not know yet."""
    foreign = architectures(packages, target.manager)
    if not foreign:
        return ()
    known = [
        line
        for option in ("--print-architecture", "--print-foreign-architectures")
        for line in run(("dpkg", option), NOTHING)[1].splitlines()
    ]
    return tuple(name for name in foreign if name not in known)


def _is_here(package: PackageRef, target: Target, run: Runner) -> bool:
    """Check through one pipeline whether a package is installed; the shell gets every word as an argument."""
    pipeline = manager_of(target.manager).is_installed(package)
    parts: list[str] = []
    words: list[str] = []
    for argv in pipeline:
        places = range(len(words) + 1, len(words) + 1 + len(argv))
        parts.append(" ".join(f'"${{{place}}}"' for place in places))
        words += argv
    return run(("sh", "-c", " | ".join(parts), "sh", *words), {})[0] == 0


def _sort(changes: Sequence[Change]) -> Preflight:
    names: dict[str, list[str]] = {"install": [], "upgrade": [], "downgrade": [], "remove": []}
    for change in changes:
        names[change.action].append(change.name)
    come = [change for change in changes if change.action != "remove"]
    return Preflight(
        new=tuple(names["install"]),
        upgrades=tuple(names["upgrade"]),
        downgrades=tuple(names["downgrade"]),
        removals=tuple(names["remove"]),
        download=sum(change.download for change in come),
        # As apt counts: an upgrade adds only the difference, not its whole size.
        size=sum(change.size for change in come) - sum(change.freed for change in changes),
    )
