"""What was done by hand beside packages, written by the install script with every manager's real program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.integration.boxes import cases
from tests.integration.test_conformance import FAMILIES
from tests.integration.test_proof import family, host_for, image, of_image, promotion_for
from tests.unit.fakes import FakeReporter

from sandbox.lifecycle.scratch import NOTES
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.registry import data_of
from sandbox.promote.manual_changes import (
    ManualChanges,
    PackageChanges,
    diff_since_handoff,
    manual_changes,
    mark_handoff,
)
from sandbox.promote.ready_look import ReadyLook
from sandbox.promote.verify import Proving, proving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.test_conformance import Family

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Image
    from sandbox.managers.registry import ManagerName

__all__ = ["family", "image"]

SHOWN = {
    "pacman": ("printf '[more]\nServer = file:///srv/lab\n' >>/etc/pacman.conf", "pacman-conf --repo-list", "more"),
    "portage": ("echo 'USE=\"extra\"' >>/etc/portage/make.conf", "emerge -pvq app-lab/lab-tool", 'USE="extra"'),
}
"""What a user adds inside the manager's one file, a command that shows it, and what that shows of it."""
MORE = ("sh", "-c", "if [ -e /srv/lab/lab.db ]; then cp /srv/lab/lab.db /srv/lab/more.db; fi")
"""The repository that is added to pacman's is there under that name."""
SLOW_FIND = r"cd /usr/bin && printf '#!/bin/sh\nexec sleep 60\n' >other && chmod 755 other && mv other find"
"""By a new file: the look that is made ready may run find just then, and a program that runs can't be written to."""
READY = f"until [ -e {NOTES}/before/done ]; do sleep 0.05; done; sleep 0.05; "


def captured(work: Proving, manager: ManagerName, add: str) -> ManualChanges:
    """Return what was done by hand by a command in an open sandbox."""
    mark_handoff(work._box, manager)
    assert work._run(("sh", "-c", READY + add)).status == 0
    seen = diff_since_handoff(work._box, manager, NOTES)
    assert seen is not None
    return manual_changes(seen, manager, PackageChanges())


@pytest.mark.parametrize("family", cases(row for row in FAMILIES if row.manager in SHOWN), indirect=True, ids=of_image)
def test_what_was_added_inside_the_managers_one_file_is_so_on_the_host(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    add, show, shown = SHOWN[family.manager]
    promotion = promotion_for(family, image.id)
    host, reporter = host_for(tmp_path), FakeReporter()
    with proving(promotion, host=host, engine=engine, reporter=reporter) as work:
        found = captured(work, family.manager, add)
        assert shown in work._run(("sh", "-c", show)).stdout
        assert (len(found.settings) > 0, found.strays) == (True, ())
    promotion = replace(promotion, settings=found.settings)
    with proving(promotion, host=host, engine=engine, reporter=reporter) as work:
        work._must(MORE)
        assert shown not in work._run(("sh", "-c", show)).stdout
        assert work._script("-y")[1] == []
        assert shown in work._run(("sh", "-c", show)).stdout


def test_a_look_that_never_ends_is_given_up_and_said_to_be(engine: DockerEngine, tmp_path: Path) -> None:
    family = next(row for row in FAMILIES if row.manager == "apt")
    image = engine.image(family.image)
    assert image is not None
    with proving(
        promotion_for(family, image.id), host=host_for(tmp_path), engine=engine, reporter=FakeReporter()
    ) as work:
        mark_handoff(work._box, "apt")
        assert work._run(("sh", "-c", SLOW_FIND)).status == 0
        seen = diff_since_handoff(work._box, "apt", NOTES, limit=1)
        assert seen is not None
        assert manual_changes(seen, "apt", PackageChanges()).strays == (
            "other changed files: the search took longer than 1 s",
        )


WAITS = """until grep -q 'read -[r] _' /proc/[0-9]*/cmdline || [ "$((n += 1))" = 600 ]; do sleep 0.05; done"""
"""The engine answers that an exec runs before its program does: seen once in some 40 runs."""
LISTS = f"""until [ -s {NOTES}/paths ] || [ "$((n += 1))" = 600 ]; do sleep 0.05; done; """
EARLIER = "echo 1 >/srv/own; mkdir /srv/known; echo 1 >/srv/known/own; touch -d '2020-01-01' /srv/known/own"
"""Files that are there as the look is made ready, so that what is written to them changes no folder."""
CHANGES = (
    "echo more >/srv/more; apt-mark hold dpkg >/dev/null",
    "echo 2 >>/srv/own; touch -d '2020-01-01' /srv/known/own",
    "echo >>/etc/issue; chmod 600 /etc/issue.net; ln /etc/debian_version /opt/hard; ln -s nowhere /opt/soft",
    "mkdir -p /opt/a/b/c; echo 1 >/opt/a/b/c/file; cp /bin/true /usr/bin/new; mv /etc/motd /etc/moved",
    "rm /usr/bin/tac /etc/host.conf; rm -r /etc/skel; rm -r /etc/update-motd.d; mkdir /etc/update-motd.d",
    "echo 1 >/root/notes; echo 1 >/var/log/noise; echo '1.2.3.4 x' >>/etc/hosts",
)
"""All that may be done to files: of the image and of the sandbox, in place and anew, folders and links."""
KILL = "for p in /proc/[0-9]*; do if grep -q 'read -[r] _' $p/cmdline; then kill -9 ${p#/proc/}; fi; done"


@pytest.mark.parametrize("meanwhile", ["true", KILL], ids=["left-alone", "killed"])
def test_a_look_that_waits_sees_what_was_done_meanwhile_even_where_it_was_killed(
    engine: DockerEngine, tmp_path: Path, meanwhile: str
) -> None:
    family = next(row for row in FAMILIES if row.image == "sandbox-lab/apt-bookworm")
    image = engine.image(family.image)
    assert image is not None
    with proving(
        promotion_for(family, image.id), host=host_for(tmp_path), engine=engine, reporter=FakeReporter()
    ) as work:
        mark_handoff(work._box, "apt")
        work._run(("sh", "-c", f"{READY}{EARLIER}"))
        ready = ReadyLook(work._box, "apt", NOTES)
        work._run(("sh", "-c", WAITS))
        listed = f"! grep -q upperdir= /proc/mounts || test -s {NOTES}/paths"
        assert work._run(("sh", "-c", f"{LISTS}{listed}")).status == 0
        shown = work._run(("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).stdout
        assert "read -r _" in shown
        work._run(("sh", "-c", f"{'; '.join(CHANGES)}; {meanwhile}"))
        ready.begin()
        seen, again = ready.result(), diff_since_handoff(work._box, "apt", NOTES)
        assert seen is not None
        assert again is not None
        assert (seen.state, seen.now, sorted(seen.files)) == (again.state, again.now, sorted(again.files))
        assert (seen.gone, sorted(seen.lost)) == (again.gone, sorted(again.lost))
        assert {"/opt/a/b/c/file", "/srv/own", "/srv/known/own", "/etc/issue.net", "/opt/soft"} < {*seen.files}
        assert b"hold\tdpkg" in (seen.state or b"")
        assert "/srv/more" in seen.files


FOLDERS = (".d", "/keyrings", "/keys", "/rpm-gpg", "/repos.conf")
STANDING = 'for file; do [ -e "$file" ] && cksum <"$file" || echo none; done'


def own_settings(family: Family) -> tuple[ConfigChange, ...]:
    """Return a file for each folder of the manager's settings, and a line for each list of lines."""
    found = []
    for place in data_of(family.manager).settings:
        content = bytes(range(256)) if place.kind == "key" else b'# it\'s "mine" $(id) `id` \\\n'
        if place.lines:
            found.append(ConfigChange(kind=place.kind, path=place.path, content=content, added=True))
        elif place.path.endswith(FOLDERS):
            found.append(ConfigChange(kind=place.kind, path=f"{place.path}/more.list", content=content))
    return tuple(found)


def test_settings_of_the_manager_are_written_and_taken_back(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    settings = own_settings(family)
    if not settings:
        pytest.skip(f"{family.manager} has no folder or list of settings that a file or line could be added to")
    promotion = replace(promotion_for(family, image.id), settings=settings)
    with proving(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter()) as work:
        paths = [setting.path for setting in settings]

        def standing() -> list[str]:
            return work._run(("sh", "-c", STANDING, "sh", *paths)).stdout.splitlines()

        before = standing()
        assert work._script("-y")[1] == []
        there = standing()
        assert all(old != new for old, new in zip(before, there, strict=True))
        assert work._script("-y")[1] == []
        assert standing() == there
        assert work._script("--uninstall", "-y")[1] == []
        assert standing() == before
        assert work._run(("sh", "-c", "ls -d /var/lib/sandbox-promote ~/.local/state/sandbox-promote")).stdout == ""


BY_COMMANDS = """
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -yqq lab-tool >&2
echo 'lab-asks lab-asks/color select red' | debconf-set-selections
dpkg-statoverride --update --add root mail 2755 /usr/bin/wall >&2
dpkg-divert --local --rename --divert /usr/bin/yes.mine --add /usr/bin/yes >&2
dpkg-divert --local --rename --add /usr/bin/tee >&2
dpkg-divert --local --rename --remove /usr/bin/tee >&2
update-alternatives --set awk /usr/bin/mawk >&2
update-alternatives --set pager /bin/more >&2
update-alternatives --auto pager >&2
dpkg --add-architecture riscv64
apt-mark hold lab-tool >&2
rm /usr/bin/tac /etc/issue
"""
"""What users do by hand and no file of settings has."""
STATE = """
apt-mark showhold; dpkg --print-foreign-architectures; dpkg-divert --list | grep local; dpkg-statoverride --list
update-alternatives --query awk | grep ^Status; debconf-show lab-asks
"""
SET = """lab-tool
riscv64
local diversion of /usr/bin/yes to /usr/bin/yes.mine
root mail 2755 /usr/bin/wall
Status: manual
* lab-asks/color: red
"""


def test_what_commands_set_is_set_on_a_host_and_taken_back_and_the_rest_is_listed(
    engine: DockerEngine, tmp_path: Path
) -> None:
    family = next(row for row in FAMILIES if row.manager == "apt")
    image = engine.image(family.image)
    assert image is not None
    promotion, host, reporter = promotion_for(family, image.id), host_for(tmp_path), FakeReporter()
    with proving(promotion, host=host, engine=engine, reporter=reporter) as work:
        work._must(work._manager.refresh())
        found = captured(work, "apt", BY_COMMANDS)
        assert work._run(("sh", "-c", STATE)).stdout == SET.strip()
    same = [line for line in found.strays if "pager" in line or "/tee" in line]
    assert same == [], "set and taken back, they are as they were"
    assert {line for line in found.strays if line.endswith("(removed)")} == {
        "/usr/bin/tac (removed)",
        "/etc/issue (removed)",
    }
    promotion = replace(promotion, steps=found.steps)
    with proving(promotion, host=host, engine=engine, reporter=reporter) as work:
        before = work._run(("sh", "-c", STATE)).stdout
        assert work._script("-y")[1] == []
        assert work._run(("sh", "-c", STATE)).stdout == SET.strip()
        assert work._script("--uninstall", "-y")[1] == []
        # only a purge makes debconf forget
        assert work._run(("sh", "-c", STATE)).stdout == f"{before}\n* lab-asks/color: red"
