"""Sandboxes like hosts of apk, dnf and pacman: read in a container, made in another, and asked the same questions."""

from __future__ import annotations

import io
import tarfile
import threading
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import container_of
from tests.integration.package_builds import apk
from tests.integration.signed_repositories import made
from tests.matrix import rows
from tests.serving import Quiet

from sandbox.container.box import Box
from sandbox.core.tar import one_file
from sandbox.distros.lookup import find_target
from sandbox.managers.host_readers import read_host
from sandbox.managers.host_state import FAMILIES, host_notes
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.managers.protocol import Argv

GONE: Final = ("lab-gone", "1.0")
OTHER: Final = ("lab-extra", "0.5")
"""Packages of the host alone: one that no repository has, and one in a version that none has any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A lab's image as a host: how it becomes one with the repository @URL@, and what both are asked."""

    distro: str
    lab: str
    format: str
    setup: str
    listed: str
    would: str
    folders: tuple[str, ...]
    notes: tuple[str, ...]


MISSING: Final = "1 package without files in the sandbox, since no repository has it any more: lab-gone"
OLD: Final = "1 package with the files of another version, since the repositories no longer have this host's: lab-extra"
ABSENT: Final = "1 package not in the sandbox, since no repository has it any more: lab-gone"
DNF: Final = """
rm -f /etc/yum.repos.d/*; printf '[third]\\nname=Third\\nbaseurl=@URL@\\ngpgcheck=0\\n' >/etc/yum.repos.d/third.repo
printf '%s\\n' [mine] name=Mine baseurl=https://private.example/ username=me password=word >/etc/yum.repos.d/mine.repo
dnf -q -y --disablerepo=mine install lab-tool-1.0 --setopt=install_weak_deps=False
rpm -i --nosignature --nodigest /mnt/lab-*.rpm
dnf -q -y mark {} lab-extra lab-gone || true
"""
LISTED: Final = (
    "rpm -qa | grep -v -e lab-gone -e lab-extra | sort;"
    "dnf -q repoquery --disablerepo=* --userinstalled --qf '%{{name}}{}' | grep -v -e lab-gone -e lab-extra | sort"
)
HOSTS: Final = (
    Host(
        distro="alpine",
        lab="apk",
        format="apk",
        setup="""
        echo @URL@ >/etc/apk/repositories; echo https://me:word@private.example/x >>/etc/apk/repositories
        sed -i 2d /etc/apk/repositories; apk update -q; apk add -q lab-tool=1.0-r1
        apk add -q --allow-untrusted /mnt/lab-*.apk; sed -i 's/^lab-tool=.*/lab-tool/' /etc/apk/world
        echo https://me:word@private.example/x >>/etc/apk/repositories
        """,
        listed="apk info -v | sort; sort /etc/apk/world",
        would="sed -i /private/d /etc/apk/repositories; apk update -q; apk upgrade -s | grep -v ^OK",
        folders=("/etc/apk", "/lib/apk/db"),
        notes=(MISSING, OLD),
    ),
    Host(
        distro="fedora",
        lab="dnf5",
        format="rpm",
        setup=DNF.format("user"),
        listed=LISTED.format(r"\n"),
        would="rm -f /etc/yum.repos.d/mine.repo; dnf -q check-upgrade lab-tool lab-lib 2>&1 | sort",
        folders=("/etc/yum.repos.d", "/etc/dnf"),
        notes=(ABSENT, OLD),
    ),
    Host(
        distro="rocky",
        lab="dnf4",
        format="rpm",
        setup=DNF.format("install"),
        listed=LISTED.format(""),
        would="rm -f /etc/yum.repos.d/mine.repo; dnf -q check-update lab-tool lab-lib 2>&1 | sort",
        folders=("/etc/yum.repos.d", "/etc/dnf"),
        notes=(ABSENT, OLD),
    ),
    Host(
        distro="arch",
        lab="pacman",
        format="archlinux",
        setup="""
        mkdir -p /etc/pacman.d; sed -i '/^\\[lab\\]/,$d' /etc/pacman.conf
        printf '[lab]\\nServer = @URL@\\nServer = https://me:word@private.example/\\n' >>/etc/pacman.conf
        sed -i 's/^Architecture.*/&\\nIgnorePkg = lab-lib/' /etc/pacman.conf
        pacman -Sy --noconfirm >/dev/null 2>&1 || true
        pacman -U --noconfirm /mnt/lab-gone* /mnt/lab-extra* >/dev/null
        pacman -S --noconfirm --asdeps lab-lib >/dev/null
        pacman -U --noconfirm /srv/lab/old/lab-tool-1.0-1-any.pkg.tar.zst >/dev/null; rm -rf /srv/lab
        """,
        listed="pacman -Q; pacman -Qqe",
        would="sed -i /private/d /etc/pacman.conf; pacman -Sy >/dev/null; pacman -Qu; pacman -Sup --print-format %n=%v",
        folders=("/etc", "/var/lib/pacman/local"),
        notes=(
            "1 package without files in the sandbox, since no repository has it any more: lab-gone",
            OLD.replace("1 package", "2 packages") + " and lab-tool",
        ),
    ),
)


@pytest.fixture
def url(host: Host, client: Any, bridge: str, tmp_path: Path) -> Iterator[str]:
    """Serve the repository of a lab's image."""
    _copy_out(client, f"sandbox-lab/{host.lab}", ("/srv/lab",), tmp_path / "served")
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(tmp_path / "served/srv/lab")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{bridge}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _copy_out(client: Any, image: str, folders: tuple[str, ...], root: Path, container: str = "") -> None:
    """Copy folders of a container, or of a new one of an image, below `root`."""
    labelled = {"org.sandbox-try.kind": "test-service"}
    found = client.containers.get(container) if container else client.containers.create(image, labels=labelled)
    try:
        for folder in folders:
            place = root / Path(folder[1:]).parent
            place.mkdir(parents=True, exist_ok=True)
            stream, _ = found.get_archive(folder)
            with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
                tar.extractall(place, filter="fully_trusted")
    finally:
        if not container:
            found.remove()


def _own_packages(host: Host, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield packages of the host alone, by their files' names."""
    for name, version in (GONE, OTHER):
        if host.format == "apk":
            yield f"{name}.apk", apk(name, f"{version}-r0", {f"usr/share/{name}/mine": b"mine\n"})
        else:
            more: dict[str, object] = {"arch": "any"} if host.format == "archlinux" else {}
            path = made(folder, host.format, name, version, more)
            yield path.name, path.read_bytes()


def _says(box: Box, text: str) -> list[str]:
    return box.exec(("sh", "-c", text)).stdout.splitlines()


@pytest.mark.parametrize("host", rows(HOSTS, lambda row: row.lab == "apk"), ids=lambda row: row.lab)
def test_a_sandbox_has_the_packages_of_a_host_and_would_upgrade_the_same(
    host: Host, url: str, engine: DockerEngine, client: Any, tmp_path: Path
) -> None:
    target = find_target(host.distro)
    manager = manager_of(target.manager)
    with container_of(engine, f"sandbox-lab/{host.lab}", "host", network="default") as name:
        there = Box(engine, name)
        for file, content in _own_packages(host, tmp_path):
            there.copy_in("/mnt", [one_file(file, content)])
        done = there.exec(("sh", "-ec", host.setup.replace("@URL@", url)))
        assert done.status == 0, done.output
        _copy_out(client, "", host.folders, tmp_path / "root", name)

        def run(argv: Argv, environment: Mapping[str, str]) -> tuple[int, str, str]:
            found = there.exec(argv, env=environment)
            return found.status, found.stdout, found.stderr

        state = read_host(target.manager, run, tmp_path / "root")
        listed, would = _says(there, host.listed), _says(there, host.would)
    assert any("a user or a password" in row or "a user, a password" in row for row in state.left_out), state.left_out
    assert b"word" not in b"".join(file.content for file in state.files)

    plan = plan_for(Spec(), target, manager, Terms(like=state, upgrade=True))
    with container_of(engine, f"sandbox-lab/{host.lab}", "like", network="default") as name:
        box = Box(engine, name)
        box.exec(("rm", "-rf", "/srv/lab"))
        said = ""
        for step in plan.steps[:-1]:
            done = box.exec(step.argv, env=step.env, stdin=step.stdin)
            assert done.status == 0, (step.title, done.output)
            said += f"{done.stdout}\n"
        assert sorted(host_notes(said)) == sorted(host.notes), said
        assert _says(box, host.listed) == listed, said
        assert would
        assert _says(box, host.would) == would
        step = plan.steps[-1]
        done = box.exec(step.argv, env=step.env)
        assert done.status == 0, done.output
        assert _says(box, "labtool") == ["labtool 2.0"]


def test_every_family_that_is_read_has_a_host_of_the_lab() -> None:
    assert {find_target(host.distro).manager for host in HOSTS} | {"apt"} == set(FAMILIES)
