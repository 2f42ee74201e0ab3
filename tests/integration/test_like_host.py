"""A sandbox becomes like a host: the real apt has its packages, and counts with its versions; without a network."""

from __future__ import annotations

import shlex
from typing import Any, Final

from sandbox.core.programs import program
from sandbox.managers import apt
from sandbox.managers.host_state import host_notes

HOST: Final = """\
apt-get update >/dev/null
{
    dpkg-query -W -f '${Package} ${Version} manual free\\n' | grep -v '^tzdata '
    echo 'lab-tool 1.9 manual free'
    echo 'lab-gone 1.0 manual hold'
    echo
    for name in 'lab-tool 1.9' 'lab-gone 1.0'; do
        printf 'Package: %s\\nStatus: install ok installed\\nArchitecture: all\\nVersion: %s\\n' ${name% *} ${name#* }
        printf 'Maintainer: lab\\nDescription: of a host\\n\\n'
    done
} >/rows
"""
"""What a host of the lab has: all but one package of the base, one in a version of before, and one of its own."""


def test_the_real_apt_has_the_packages_of_a_host_and_counts_with_its_versions(client: Any) -> None:
    text = f"{HOST}sh -c {shlex.quote(program(apt.__name__, 'like_host.sh'))} sh </rows 2>&1\n"
    text += "echo ===; apt-get -s install lab-tool; labtool; dpkg-query -W tzdata lab-gone 2>&1; apt-mark showhold"
    said = client.containers.run(
        "sandbox-lab/apt-bookworm", ["sh", "-c", text], network_mode="none", remove=True
    ).decode()
    first, _, then = said.partition("===")
    assert [*host_notes(first)] == [
        "1 package without files in the sandbox, since no repository has it any more: lab-gone",
        "1 package with the files of another version, since the repositories no longer have this host's: lab-tool",
        "1 package more than on this host, since others need it: lab-lib",
    ]
    assert "Inst lab-tool [1.9] (2.0" in then, said
    assert "labtool 2.0" in then
    assert "no packages found matching tzdata" in then
    assert "lab-gone\t1.0\nlab-gone\n" in then
