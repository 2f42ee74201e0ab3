"""Every format of promotions against the same claims."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.answers import answer
from tests.unit.fakes.promotions import HTOP, PROMOTION, promotion_for

from sandbox.distros.lookup import find_target
from sandbox.distros.registry import DISTROS
from sandbox.errors import UsageError
from sandbox.lifecycle.proof import Proof, ProofCheck
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.host_rows import dry_run_argv, split_argv
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import NAMES, ManagerName, data_of, manager_of
from sandbox.promote.formats.registry import FORMATS

EXACT = ("json", "devcontainer")


def test_every_key_is_its_formats_name_and_files_are_apart() -> None:
    assert [form.name for form in FORMATS.values()] == list(FORMATS)
    assert len({form.file for form in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("distro", [row.name for row in DISTROS])
def test_every_distro_is_rendered_in_every_format(form: str, distro: str) -> None:
    text = FORMATS[form].render(promotion_for(distro))
    assert text.endswith("\n")
    assert text.isprintable() or "\n" in text
    assert "htop" in text


@pytest.mark.parametrize("distro", [row.name for row in DISTROS])
def test_every_task_of_a_playbook_has_a_name_and_one_module(distro: str) -> None:
    (play,) = yaml.load(FORMATS["ansible"].render(promotion_for(distro)), Loader=yaml.BaseLoader)  # whatever the tags
    assert len(play["tasks"]) > 1
    for task in play["tasks"]:
        assert task["name"]
        assert len([key for key in task if "." in key]) == 1, task


@pytest.mark.parametrize("distro", [row.name for row in DISTROS])
def test_what_is_written_as_json_is_as_its_schema_says(distro: str) -> None:
    found = answer("promote", FORMATS["json"].render(promotion_for(distro)))
    assert found["distro"] == find_target(distro).distro.name


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_takes_a_name_outside_the_grammar(form: str) -> None:
    for name in ("htop; reboot", "$(id)", "--force", "a\nb", '"', "{{ x }}", ""):
        packages = (replace(HTOP, ref=PackageRef(name=name)),)
        with pytest.raises(UsageError):
            FORMATS[form].render(replace(PROMOTION, packages=packages))
    with pytest.raises(UsageError):
        FORMATS[form].render(replace(PROMOTION, packages=()))


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in EXACT])
@given(hostile=st.text(min_size=1))
def test_text_from_a_container_stands_in_comments_only(form: str, hostile: str) -> None:
    check = ProofCheck(name="install", passed=True, found=hostile, differences=(hostile,))
    proof = Proof(where=hostile, image_id=hostile, date=hostile, seconds=1, checks=(check,))
    packages = (replace(HTOP, version=f";{hostile}"),)
    shown = replace(PROMOTION, packages=packages, tool=hostile, date=hostile, left_out=(hostile,), proof=proof)
    lines = FORMATS[form].render(shown).splitlines()
    plain = (
        FORMATS[form].render(replace(PROMOTION, packages=(replace(HTOP, version=";"),), left_out=("x",))).splitlines()
    )
    assert len(lines) == len(plain)
    for line, expected in zip(lines, plain, strict=True):
        assert line == expected or (line.startswith("#") and expected.startswith("#"))


@pytest.mark.parametrize("name", NAMES)
def test_every_manager_is_known_on_a_host(name: ManagerName) -> None:
    manager, rehearsal = manager_of(name), data_of(name).host().rehearsal
    texts = ("app-misc/htop", "app-misc/jq") if name == "portage" else ("htop", "jq")
    refs = [manager.parse_reference(text) for text in texts]
    shown = dry_run_argv(manager.install(refs), data_of(name).host())
    assert set(rehearsal.options) <= set(shown)
    assert not set(rehearsal.less) & set(shown)
    for argv in manager.remove(refs):
        assert split_argv(argv, refs)[1] == texts


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("json", "list")])
def test_what_was_not_proven_says_so(form: str) -> None:
    assert "Not proven." in FORMATS[form].render(promotion_for("debian"))


def test_a_key_is_written_by_a_command_that_ansible_runs_once() -> None:
    path = "/etc/apt/keyrings/k.gpg"
    key = ConfigChange(kind="key", path=path, content=bytes(range(256)))
    text = FORMATS["ansible"].render(replace(PROMOTION, settings=(key,)))
    (play,) = yaml.load(text, Loader=yaml.BaseLoader)  # whatever the tags
    (task,) = [row["ansible.builtin.command"] for row in play["tasks"] if path in str(row)]
    assert task["creates"] == path
    assert len(task["argv"]) > 1
