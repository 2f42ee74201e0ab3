"""What a spec sets before its packages, as steps of a plan: their order, and what of them a cache depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.specs.public_keys import THIRD

from sandbox.core.yamltext import dump
from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image
from sandbox.managers.registry import manager_of
from sandbox.provision.cache import index_reference, plan_reference
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from sandbox.provision.plan import Plan

BASE = Image(id="sha256:base", tags=(), size=0, labels={}, created=0.0)
WHOLE: dict[str, Any] = {
    "repositories": [{"name": "third", "URIs": "http://x.example", "Suites": "./", "Signed-By": THIRD}],
    "pins": [{"Package": "*", "Pin": "version 1*", "Pin-Priority": "900"}],
    "architectures": ["i386"],
    "answers": ["htop htop/a boolean yes"],
    "before": ["echo 1", "echo 2"],
    "files": [{"path": "/x", "content": "y"}],
    "setup": ["echo 3"],
    "packages": ["htop"],
}


def plan(value: dict[str, Any], distro: str = "debian", **terms: Any) -> Plan:
    target = find_target(distro)
    return plan_for(load_spec(dump(value).encode(), source="s"), target, manager_of(target.manager), Terms(**terms))


def kinds(value: dict[str, Any], **terms: Any) -> list[str]:
    return [step.kind for step in plan(value, **terms).steps]


def test_what_is_before_the_packages_comes_in_the_order_of_the_reference() -> None:
    assert kinds(WHOLE) == [
        *("repository", "repository", "foreign", "answer", "before", "before"),
        *("index", "install", "question", "file", "setup"),
    ]
    assert kinds({**WHOLE, "packages": []})[:6] == kinds(WHOLE)[:6]


def test_a_bundles_base_has_it_already() -> None:
    assert not {"repository", "foreign", "answer", "before", "index"} & set(kinds(WHOLE, replay=True))
    assert plan(WHOLE, replay=True).settings == plan(WHOLE).settings


def test_https_needs_certificates_which_debians_images_lack() -> None:
    https = [{**WHOLE["repositories"][0], "URIs": "https://x.example"}]
    first = plan({**WHOLE, "repositories": https}).steps[0]
    assert (first.kind, "ca-certificates" in first.argv[-1]) == ("before", True)
    rpm = {"repositories": [{"baseurl": "https://x.example"}], "packages": ["htop"]}
    assert plan(rpm, "fedora").steps[0].kind == "repository"


OTHER: dict[str, Any] = {
    "repositories": [{**WHOLE["repositories"][0], "Suites": "other/"}],
    "pins": [{"Package": "*", "Pin": "version 1*", "Pin-Priority": "901"}],
    "architectures": ["armhf"],
    "answers": ["htop htop/a boolean no"],
    "before": ["echo 1", "echo 4"],
    "env": {"A": "b"},
}


@pytest.mark.parametrize("key", OTHER)
def test_a_cached_index_and_state_are_those_of_exactly_these(key: str) -> None:
    one, other = plan(WHOLE), plan({**WHOLE, key: OTHER[key]})
    assert index_reference(BASE, one) != index_reference(BASE, other)
    assert plan_reference(one, BASE) != plan_reference(other, BASE)
    bare = plan({"packages": ["jq"]})
    assert index_reference(BASE, bare) == index_reference(BASE, plan({"packages": ["htop"], "setup": ["true"]}))
    assert index_reference(BASE, bare) != index_reference(BASE, one)


def test_a_key_that_was_not_fetched_ends_the_run() -> None:
    row = {**WHOLE["repositories"][0], "Signed-By": f"https://x.example/key#sha256={'0' * 64}"}
    found = plan({**WHOLE, "repositories": [row]})
    step = next(step for step in found.steps if step.kind == "repository")
    assert "exit 1" in step.argv[-1]
