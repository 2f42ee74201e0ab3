"""A promoted spec has what was set before its packages: what the spec set itself comes back as it was."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes.promotions import HTOP, PROMOTION, promotion_for
from tests.unit.specs.public_keys import THIRD

from sandbox.core.openpgp import dearmor
from sandbox.core.yamltext import dump
from sandbox.distros.lookup import find_target
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.hand_steps import HandStep
from sandbox.promote.formats.registry import FORMATS
from sandbox.provision.preparation import preparation
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Promotion
    from sandbox.specs.model import Spec

PEM = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"
PLIST = '<?xml version="1.0"?>\n<plist>\n<dict/>\n</plist>\n'
DEB: dict[str, object] = {"URIs": "https://x.example/d", "Suites": "stable", "Components": "main contrib"}
GIVEN: dict[str, list[dict[str, object]]] = {
    "debian": [
        {"name": "third", "Types": "deb deb-src", **DEB, "Architectures": "amd64", "Signed-By": THIRD},
        {"name": "own", "Types": "deb", **DEB, "Suites": "b", "Signed-By": "/usr/share/keyrings/x.gpg"},
        {"name": "flat", "Types": "deb", "URIs": "https://y.example", "Suites": "./", "Trusted": "yes"},
    ],
    "fedora": [{"name": "third", "baseurl": "https://x.example/$releasever", "gpgkey": THIRD, "priority": "9"}],
    "opensuse-leap": [{"name": "third", "baseurl": "https://x.example", "gpgkey": THIRD, "repo_gpgcheck": "yes"}],
    "alpine": [{"name": "third", "url": "https://x.example", "tag": "third", "key": PEM, "key-name": "t.rsa.pub"}],
    "arch": [{"name": "third", "Server": "https://x.example/$repo", "SigLevel": "Required", "key": THIRD}],
    "void": [{"name": "third", "repository": "https://x.example", "key": PLIST, "key-name": "00:11.plist"}],
}


def spec_of(promotion: Promotion) -> Spec:
    return load_spec(FORMATS["spec"].render(promotion).encode(), source="s")


def promoted(distro: str, spec: Spec) -> Promotion:
    found = preparation(spec, find_target(distro).manager)
    return replace(promotion_for(distro), settings=found.settings, steps=found.steps, before=spec.before, left_out=())


@pytest.mark.parametrize("distro", GIVEN)
def test_what_a_spec_set_is_in_the_spec_that_is_promoted(distro: str) -> None:
    answers = ["htop htop/a boolean yes", "htop htop/b select A, b: c", "htop htop/c string  # no comment"]
    more: dict[str, object] = {
        "pins": [{"Package": "*", "Pin": "release n=x", "Pin-Priority": "-1"}],
        "architectures": ["i386"],
        "answers": answers,
    }
    value = {"repositories": GIVEN[distro], "before": ["echo a\necho b"], **(more if distro == "debian" else {})}
    given = load_spec(dump(value).encode(), source="s")  # type: ignore[arg-type]
    found = spec_of(promoted(distro, given))
    manager = find_target(distro).manager
    assert preparation(found, manager) == preparation(given, manager)
    assert found.before == given.before
    assert found.answers == given.answers
    assert found.packages
    assert not found.setup


LIST = "deb [arch=amd64 signed-by=/etc/apt/keyrings/x.gpg] https://x.example/d stable main\n"
EMBEDDED = "".join(f" {line or '.'}\n" for line in THIRD.splitlines())


PARAGRAPH = "Types: deb\nURIs: https://x.example/d\nSuites: stable\nComponents: main\nArchitectures: amd64\nSigned-By:"
BY_HAND = {
    "a line": ("x.list", f"# Docker\n{LIST}"),
    "a paragraph": ("x.sources", f"{PARAGRAPH} /etc/apt/keyrings/x.gpg\n"),
    "a key within it": ("x.sources", f"{PARAGRAPH}\n{EMBEDDED}"),
}


@pytest.mark.parametrize(("path", "text"), BY_HAND.values(), ids=BY_HAND)
def test_a_repository_that_was_added_by_hand_is_one_of_the_spec(path: str, text: str) -> None:
    settings = (
        ConfigChange(kind="key", path="/etc/apt/keyrings/x.gpg", content=dearmor(THIRD)),
        ConfigChange(kind="repository", path=f"/etc/apt/sources.list.d/{path}", content=text.encode()),
    )
    by_key = settings[1:] if "BEGIN" in text else settings
    found = spec_of(replace(PROMOTION, packages=(HTOP,), settings=by_key))
    (row,) = found.repositories
    assert (row.url, row.field("Suites"), row.field("Components"), row.field("Architectures")) == (
        *("https://x.example/d", "stable", "main", "amd64"),
    )
    assert row.key is not None
    assert dearmor(row.key.content.decode()) == dearmor(THIRD)
    assert not found.before


def test_a_line_added_to_the_list_of_sources_is_a_repository_of_the_spec() -> None:
    line = b"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main\n"
    setting = ConfigChange(kind="repository", path="/etc/apt/sources.list", content=line, added=True)
    found = spec_of(replace(PROMOTION, packages=(HTOP,), settings=(setting,)))
    assert [(row.name, row.field("Suites")) for row in found.repositories] == [("sources", "sid")]
    assert not found.before


OTHERS = {
    "an option that deb822 names otherwise": ("x.list", "deb [allow-insecure=yes] https://x.example stable main\n"),
    "http without a key": ("x.list", "deb http://x.example stable main\n"),
    "a user": ("x.list", "deb https://me@x.example stable main\n"),
    "no line of a repository": ("x.list", "include /etc/shadow\n"),
    "a field of later": ("x.sources", "Types: deb\nURIs: https://x.example\nSuites: ./\nX-New: 1\n"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_keys_can_not_say_is_written_as_it_is(name: str) -> None:
    path, text = OTHERS[name]
    setting = ConfigChange(kind="repository", path=f"/etc/apt/sources.list.d/{path}", content=text.encode())
    found = spec_of(replace(PROMOTION, packages=(HTOP,), settings=(setting,)))
    assert not found.repositories
    (command,) = found.before
    assert setting.path in command
    assert text.strip() in command


def test_the_owners_of_a_question_are_one_package_in_the_spec() -> None:
    step = HandStep(kind="answer", words=("nullmailer, postfix", "shared/mailname", "string", "x.example"))
    (found,) = spec_of(replace(PROMOTION, packages=(HTOP,), steps=(step,))).answers
    assert (found.package, found.question, found.value) == ("nullmailer", "shared/mailname", "x.example")


def test_a_binary_key_is_text_in_the_spec() -> None:
    assert base64.b64encode(dearmor(THIRD)).decode()[:20] in THIRD.replace("\n", "")
