"""Each format as its own ecosystem's tool reads it, as far as PyPI and Debian have one."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from msgspec.structs import replace
from tests.answers import answer
from tests.unit.fakes.promotions import HTOP, HTTPIE, JQ, PROMOTION, promotion_for

from sandbox.distros.registry import DISTROS
from sandbox.lifecycle.proof import Proof, ProofCheck
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import data_of, manager_of
from sandbox.promote.formats.registry import FORMATS
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.distros.model import Distro

ALL = replace(PROMOTION, packages=(HTOP, JQ, HTTPIE), left_out=("setup: echo {{ x }} ${HOME} \\",))


class Unsafe(yaml.SafeLoader):
    """YAML with Ansible's tag for text that is no template."""


Unsafe.add_constructor("!unsafe", lambda _loader, node: str(node.value))


def playbook(text: str) -> list[dict[str, object]]:
    (play,) = yaml.load(text, Loader=Unsafe)
    found: list[dict[str, object]] = play["tasks"]
    return found


@pytest.mark.parametrize("row", DISTROS, ids=lambda row: row.name)
def test_a_playbook_has_its_families_module(row: Distro) -> None:
    promotion = promotion_for(row.name)
    tasks = playbook(FORMATS["ansible"].render(promotion))
    module = data_of(promotion.target.manager).host().ansible
    assert any(module in task for task in tasks)
    assert all("name" in task for task in tasks)


def test_our_own_loader_reads_the_spec_and_plans_the_same_packages() -> None:
    text = FORMATS["spec"].render(ALL)
    spec = load_spec(text.encode(), source="sandbox.yaml")
    assert spec.distro == "debian:bookworm"
    plan = plan_for(spec, ALL.target, manager_of("apt"), Terms())
    assert [ref.text for ref in plan.packages] == ["htop", "jq=1.6-2.1", "pip:httpie=3.2.2"]


def test_cloud_config_is_a_list_of_lists_of_words() -> None:
    text = FORMATS["cloud-init"].render(ALL)
    assert text.startswith("#cloud-config\n")
    rows = yaml.safe_load(text)["runcmd"]
    assert all(isinstance(word, str) for row in rows for word in row)
    assert rows[0][-2:] == ["apt-get", "update"]
    assert rows[-1][-1] == "httpie==3.2.2"


def test_a_devcontainer_runs_one_line_of_shell(tmp_path: Path) -> None:
    value = json.loads(FORMATS["devcontainer"].render(ALL))
    assert value["image"].startswith("debian:bookworm@sha256:")
    script = tmp_path / "create.sh"
    script.write_text(f"#!/bin/sh\n{value['onCreateCommand']}\n")
    assert subprocess.run([shutil.which("dash") or "sh", "-n", script], check=False).returncode == 0


def test_a_dockerfile_is_instructions_and_comments_alone() -> None:
    text = FORMATS["dockerfile"].render(ALL)
    joined = text.replace("\\\n", "")
    words = [line.split()[0] for line in joined.splitlines() if not line.startswith("#")]
    assert words == ["ARG", "FROM", "RUN", "RUN"]
    exact = json.loads(joined.splitlines()[-1].removeprefix("RUN "))
    assert exact[-1] == "httpie==3.2.2"


def test_what_has_no_known_name_elsewhere_is_said_and_not_guessed() -> None:
    assert 'brew "htop"\nbrew "jq"\n' in FORMATS["brewfile"].render(ALL)
    assert "# No formula is known for pip:httpie.\n" in FORMATS["brewfile"].render(ALL)
    assert "paths = [ pkgs.htop pkgs.jq ];" in FORMATS["nix"].render(ALL)
    assert "paths = [  ];" in FORMATS["nix"].render(replace(ALL, packages=(HTTPIE,)))


def test_a_name_elsewhere_is_that_of_the_distro_that_is_promoted_for() -> None:
    gh = replace(promotion_for("alpine"), packages=(replace(HTOP, ref=PackageRef(name="github-cli")),))
    assert 'brew "gh"\n' in FORMATS["brewfile"].render(gh)


def test_a_list_is_names_alone() -> None:
    assert FORMATS["list"].render(ALL) == "htop\njq\npip:httpie\n"


def test_json_has_all_of_it() -> None:
    check = ProofCheck(name="install", passed=True, found="3 packages")
    proof = Proof(where="debian bookworm", image_id="x", date="2026-11-24", seconds=9.8, checks=(check,))
    value = answer("promote", FORMATS["json"].render(replace(ALL, proof=proof)))
    assert [row["name"] for row in value["packages"]] == ["htop", "jq", "httpie"]
    assert value["proof"]["passed"] is False
    assert value["proof"]["checks"][0]["name"] == "install"
    assert [row["kind"] for row in value["commands"]] == ["refresh", "install", "install"]


@pytest.mark.parametrize("option", ["arch", "void"])
def test_a_playbook_names_every_package_to_a_manager_without_a_module(option: str) -> None:
    promotion = replace(promotion_for(option), packages=(HTOP, JQ))
    text = FORMATS["ansible"].render(promotion)
    (task,) = (task for task in playbook(text) if str(task["name"]).startswith("install "))
    command = task["ansible.builtin.command"]
    assert isinstance(command, dict)
    assert [word.partition("-")[0].partition("=")[0] for word in command["argv"][-2:]] == ["htop", "jq"]
