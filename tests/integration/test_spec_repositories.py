"""Repositories of a third party, signed with a key of its own: tried, inspected, locked, bundled and promoted."""

from __future__ import annotations

import io
import json
import os
import tempfile
import threading
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.integration.signed_repositories import (
    apk_repository,
    deb_package,
    deb_repository,
    pacman_repository,
    rpm_repository,
    signer,
)
from tests.matrix import FULL, rows
from tests.serving import Quiet

from sandbox.core.yamltext import dump
from sandbox.distros.lookup import find_target
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.integration.signed_repositories import Signer

ALLOW: Final = ("--allow", "repositories,pins,architectures,answers,before")
TEMPLATES: Final = """\
Template: lab-third/colour
Type: select
Choices: red, blue
Default: red
Description: Colour?

Template: lab-third/on
Type: boolean
Default: false
Description: On?
"""
CONFIG: Final = """\
#!/bin/sh
. /usr/share/debconf/confmodule
db_input high lab-third/colour || true
db_input high lab-third/on || true
db_go || true
"""
POSTINST: Final = """\
#!/bin/sh
. /usr/share/debconf/confmodule
db_get lab-third/colour; colour=$RET
db_get lab-third/on
[ "$RET" != true ] || echo "$colour" >/var/lib/lab-third
"""
POSTRM: Final = """\
#!/bin/sh
rm -f /var/lib/lab-third
[ "$1" != purge ] || { . /usr/share/debconf/confmodule; db_purge; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A third party: the folder that it serves at `url`, and its key."""

    folder: Path
    url: str
    key: Signer


@pytest.fixture(scope="module")
def party(bridge: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    folder = tmp_path_factory.mktemp("party")
    key = signer(folder / "gnupg")
    (folder / "served").mkdir()
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(folder / "served")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Party(folder=folder / "served", url=f"http://{bridge}:{server.server_address[1]}", key=key)
    server.shutdown()
    server.server_close()
    key.close()


def deb(party: Party, place: Path, _: str) -> dict[str, object]:
    scripts = {"templates": TEMPLATES, "config": CONFIG, "postinst": POSTINST, "postrm": POSTRM}
    deb_package(place, "lab-third", "1.0.0", scripts)
    deb_repository(place, party.key)
    return {"URIs": f"{party.url}/{place.name}", "Suites": "./", "Signed-By": party.key.public}


def rpm(party: Party, place: Path, image: str) -> dict[str, object]:
    rpm_repository(place, party.key, image)
    return {"baseurl": f"{party.url}/{place.name}", "gpgkey": party.key.public, "repo_gpgcheck": "yes"}


def apk(party: Party, place: Path, image: str) -> dict[str, object]:
    public = apk_repository(place, image)
    return {"url": f"{party.url}/{place.name}", "key": public, "key-name": "third.rsa.pub"}


def pacman(party: Party, place: Path, image: str) -> dict[str, object]:
    pacman_repository(place, party.key, image)
    return {"Server": f"{party.url}/{place.name}", "SigLevel": "Required", "key": party.key.public}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lab's image, the distro that it stands for, and how its repositories are made."""

    lab: str
    distro: str
    make: Callable[[Party, Path, str], dict[str, object]]


CASES: Final = (
    Case(lab="apt-bookworm", distro="debian:bookworm", make=deb),
    Case(lab="apk", distro="alpine", make=apk),
    Case(lab="dnf5", distro="fedora", make=rpm),
    Case(lab="dnf4", distro="rocky", make=rpm),
    Case(lab="zypper", distro="opensuse-leap", make=rpm),
    Case(lab="pacman", distro="arch", make=pacman),
    Case(lab="apt-bullseye", distro="debian:bullseye", make=deb),
    Case(lab="apt-trixie", distro="debian:trixie", make=deb),
)
DOCKERFILE: Final = """
FROM sandbox-lab/{lab}
LABEL org.sandbox-try.kind=test-service
RUN rm -f /etc/os-release && printf 'ID={name}\\nID_LIKE={like}\\nVERSION_ID={release}\\n' >/etc/os-release
"""
"""A script runs on its own family and release alone."""


@pytest.fixture
def image(case: Case, client: Any) -> Iterator[str]:
    found = find_target(case.distro)
    tag = f"sandbox-test/third-{case.lab}:{os.getpid()}"
    text = DOCKERFILE.format(
        lab=case.lab, name=found.distro.name, like=found.distro.like or "", release=found.release.name
    )
    if case.lab.startswith("apt-"):
        text = f"FROM sandbox-lab/{case.lab}\nLABEL org.sandbox-try.kind=test-service\n"
    client.images.build(fileobj=io.BytesIO(text.encode()), rm=True, tag=tag)
    yield tag
    client.images.remove(tag, force=True)


@pytest.fixture
def repository(case: Case, party: Party) -> dict[str, object]:
    place = Path(tempfile.mkdtemp(prefix=f"{case.lab}-", dir=party.folder))
    return {"name": "third", **case.make(party, place, f"sandbox-lab/{case.lab}")}


def spec_of(case: Case, image: str, repository: Mapping[str, object]) -> Any:
    more = {
        "pins": [{"Package": "lab-third", "Pin": "version 1.*", "Pin-Priority": "1001"}],
        "answers": ["lab-third lab-third/colour select blue", "lab-third lab-third/on boolean yes"],
        "architectures": ["i386"],
    }
    return {
        "distro": case.distro,
        "image": image,
        "repositories": [repository],
        **(more if case.make is deb else {}),
        "before": ["echo before >/etc/before"],
        "packages": ["lab-third"],
        "checks": [{"run": "lab-third", "stdout": {"equals": "lab-third 1.0.0"}}, {"file": "/etc/before"}],
    }


@pytest.mark.parametrize("case", rows(CASES, lambda case: case.lab == "apk"), ids=lambda case: case.lab)
def test_a_repository_of_a_third_party_is_tried_locked_bundled_and_promoted(
    case: Case, image: str, repository: dict[str, object], engine_url: str, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine_url)
    value = spec_of(case, image, repository)
    (program.work / "third.yaml").write_text(dump(value))

    refused = program.run("try", "--spec", "./third.yaml", "--", "true")
    assert (refused.returncode, b"takes packages from" in refused.stderr) == (125, True)
    words = ("--spec", "./third.yaml", *ALLOW)
    answer = "cat /var/lib/lab-third 2>/dev/null || true"
    done = program.run("try", *words, "-q", "--", "sh", "-c", f"lab-third; {answer}")
    expected = b"lab-third 1.0.0\nblue\n" if case.make is deb else b"lab-third 1.0.0\n"
    assert (done.returncode, done.stdout) == (0, expected), done.stderr.decode()

    proven = program.run("promote", "--for", "tried", "-o", ".", "--format", "sh", "--format", "spec")
    assert proven.returncode == 0, proven.stderr.decode()
    assert b"passed in" in proven.stderr
    again = load_spec((program.work / "sandbox.yaml").read_bytes(), source="promoted")
    given = load_spec((program.work / "third.yaml").read_bytes(), source="given")
    assert [row.name for row in again.repositories] == ["third"]
    assert (again.answers, again.architectures, again.pins, again.before) == (
        *(given.answers, given.architectures, given.pins, given.before),
    )

    written = program.run("lock", "./third.yaml", *ALLOW, "-q")
    assert written.returncode == 0, written.stderr.decode()
    text = (program.work / "third.lock.yaml").read_text()
    assert "repository third sha256:" in text
    held = program.run("try", *words, "--locked", "-q", "--", "lab-third")
    assert (held.returncode, held.stdout) == (0, b"lab-third 1.0.0\n"), held.stderr.decode()
    packed = program.run("bundle", "./third.yaml", *ALLOW, "-o", "third.sandbox", "-q")
    assert packed.returncode == 0, packed.stderr.decode()
    ran = program.run("try", "--bundle", "third.sandbox", *ALLOW, "-q", "--", "sh", "-c", f"lab-third; {answer}")
    assert (ran.returncode, ran.stdout) == (0, expected), ran.stderr.decode()

    changed: Any = {**value, "before": ["true"]}
    (program.work / "third.yaml").write_text(dump(changed))
    stale = program.run("try", *words, "--locked", "-q", "--", "true")
    assert b"is out of date: the spec sets something else before the packages" in stale.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.lab)
@FULL
def test_inspect_counts_what_is_before_the_packages_as_the_base(
    case: Case, image: str, repository: dict[str, object], engine_url: str, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine_url)
    value = spec_of(case, image, repository)
    (program.work / "third.yaml").write_text(dump(value))
    seen = program.run("inspect", "--spec", "./third.yaml", *ALLOW, "--json", "-q")
    assert seen.returncode == 0, seen.stderr.decode()
    assert [row["name"] for row in json.loads(seen.stdout)["footprint"]["packages"]] == ["lab-third"]
    for path in (b"/etc/before", b"third.list", b"third.sources", b"third.repo", b"third.rsa", b"pacman.conf"):
        assert path not in seen.stdout
    cells = program.run("trial", "./third.yaml", *ALLOW, "-q")
    assert cells.returncode == 0, cells.stdout + cells.stderr


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Signer]]:
    """Give a key that signed nothing, and one that has expired since it signed."""
    folder = tmp_path_factory.mktemp("others")
    keys = {
        "another": signer(folder / "another"),
        "old": signer(folder / "old", expires="2024-02-01", made="20240101T000000"),
    }
    yield keys
    for key in keys.values():
        key.close()


def test_a_key_that_does_not_sign_or_has_expired_is_told_as_that_of_the_repository(
    party: Party, others: Mapping[str, Signer], engine_url: str, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine_url)
    for name, key in {"another": party.key, "old": others["old"]}.items():
        place = party.folder / name
        place.mkdir()
        deb_package(place, "lab-third", "1.0.0")
        deb_repository(place, key, made="20240102T000000" if name == "old" else "")
        row = {"name": "third", "URIs": f"{party.url}/{name}", "Suites": "./", "Signed-By": others[name].public}
        value: Any = {
            "distro": "debian:bookworm",
            "image": "sandbox-lab/apt-bookworm",
            "repositories": [row],
            "packages": ["lab-third"],
        }
        (program.work / "third.yaml").write_text(dump(value))
        done = program.run("try", "--spec", "./third.yaml", *ALLOW, "-q", "--", "lab-third")
        said = done.stderr.decode()
        wanted = {
            "another": "the key in the spec does not sign the repository third",
            "old": "the key of the repository third expired on 2024-02-01",
        }
        assert (done.returncode, done.stdout) == (125, b""), said
        assert f"error: {wanted[name]}\n" in said
        assert others[name].fingerprint in said
