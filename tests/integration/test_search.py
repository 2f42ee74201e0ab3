"""A search on real indexes: the name here, the command's package, and the table's names held against Debian's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.matrix import FULL

from sandbox.managers.counterparts_table import ROWS

if TYPE_CHECKING:
    from tests.integration.running import Program

DEBIAN = ("--distro", "debian:bookworm")


def test_a_name_from_elsewhere_is_found_by_its_name_here(program: Program) -> None:
    done = program.run("search", "fd", *DEBIAN, "--json")
    [cell] = json.loads(done.stdout)
    [hit] = cell["hits"]
    assert (done.returncode, hit["package"], hit["commands"], hit["is_called_so"]) == (0, "fd-find", ["fdfind"], False)
    assert hit["size"] > hit["download"] > 100_000


@FULL
def test_a_command_is_found_and_an_absent_base_costs_its_own_line(program: Program) -> None:
    done = program.run("search", "--command", "rg", "--distro", "debian:bookworm,ubuntu:jammy")
    header, found, absent = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr.decode()
    assert header.split()[:3] == ["distro", "package", "version"]
    assert found.split()[:2] == ["debian:bookworm", "ripgrep"]
    assert absent.endswith("next: sandbox base ensure ubuntu:jammy")


def test_what_is_nowhere_ends_with_4_and_the_nearest_names(program: Program) -> None:
    done = program.run("search", "htpo", *DEBIAN)
    assert (done.returncode, b"not found; nearest: htop" in done.stdout) == (4, True), done.stdout


@FULL
def test_what_the_table_says_of_debian_is_in_debians_index(program: Program) -> None:
    names = {name for row in ROWS for name in row.names.get("debian", ())[:1]}
    line = "apt-get -qq update && apt-cache pkgnames"
    known = program.run("try", *DEBIAN, "-q", "--", "sh", "-c", line).stdout.decode().split()
    assert names - set(known) <= {"git-delta", "valkey-server"}  # in trixie and later
