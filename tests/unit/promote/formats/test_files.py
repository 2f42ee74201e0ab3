"""Packages that come from files, in each format: held to their checksum, or refused."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
import yaml
from msgspec.structs import replace
from tests.answers import answer
from tests.unit.fakes.promotions import PROMOTION

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers.protocol import PackageFile, PackageRef
from sandbox.promote.formats.base import PromotedPackage
from sandbox.promote.formats.registry import FORMATS
from sandbox.promote.promotion import check_files_fit
from sandbox.specs.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.promote.formats.base import Promotion

SUM: Final = "ab" * 32
PLACE: Final = f"/var/cache/sandbox-packages/{SUM[:16]}/tool_1.2_all.deb"
HERE: Final = "/home/me/it's my tool $(id).deb"
THERE: Final = "https://example.org/pool/tool_1.2_all.deb?a=1"
TAKEN: Final = ("sh", "ansible", "dockerfile", "spec", "json")


def promotion(source: str) -> Promotion:
    file = PackageFile(source=source, path=PLACE, sha256=SUM, size=9, architecture="all", seal=f"md5sums:{SUM}")
    ref = PackageRef(name="tool", version="1.2", file=file)
    jq = PromotedPackage(ref=PackageRef(name="jq"), version="1.6-2.1")
    return replace(PROMOTION, packages=(PromotedPackage(ref=ref, version="1.2"), jq))


@pytest.mark.parametrize("source", [HERE, THERE])
@pytest.mark.parametrize("form", FORMATS)
def test_a_format_says_place_and_checksum_of_a_file_or_refuses_it(form: str, source: str) -> None:
    if form not in TAKEN:
        with pytest.raises(UsageError, match="which can't hold a file to its checksum"):
            FORMATS[form].render(promotion(source))
        return
    text = FORMATS[form].render(promotion(source))
    assert SUM in text
    assert "jq" in text


@pytest.mark.parametrize("source", [HERE, THERE])
def test_a_script_with_files_is_a_script_and_quotes_their_names(source: str) -> None:
    text = FORMATS["sh"].render(promotion(source))
    assert subprocess.run(["sh", "-n"], input=text.encode(), check=False).returncode == 0
    row = next(line for line in text.splitlines() if line.startswith('    "$1" ') and SUM in line)
    assert shlex.split(row)[1:4] == [SUM, PLACE, source]


def test_a_script_stops_where_the_file_is_another_one(tmp_path: Path) -> None:
    text = FORMATS["sh"].render(promotion(HERE))
    functions = text[text.index("each_file() {") : text.index("place_file() {")]
    (tmp_path / HERE.rpartition("/")[2]).write_bytes(b"another")
    script = f'fail() {{ echo "$*"; exit 1; }}\n{functions}\neach_file check_file'
    ran = subprocess.run(["sh", "-efu", "-c", script, str(tmp_path / "x")], capture_output=True, check=False, cwd="/")
    assert ran.returncode == 1
    assert b"is another file than the one that was tried" in ran.stdout


def test_a_spec_holds_a_file_to_its_checksum() -> None:
    spec = load_spec(FORMATS["spec"].render(promotion(HERE)).encode(), source="s")
    assert spec.packages == (f"{HERE}#sha256={SUM}", "jq")


def test_json_says_the_file_as_its_schema_has_it() -> None:
    found = answer("promote", FORMATS["json"].render(promotion(THERE)))
    assert found["packages"][0]["file"] == {"source": THERE, "sha256": SUM, "size": 9}
    assert found["packages"][1]["file"] is None


def test_a_dockerfile_copies_a_file_from_beside_it_or_adds_an_address() -> None:
    text = FORMATS["dockerfile"].render(promotion(HERE))
    copy = next(line for line in text.splitlines() if line.startswith("COPY "))
    assert json.loads(copy.removeprefix("COPY ")) == [HERE.rpartition("/")[2], PLACE]
    assert f"ADD --checksum=sha256:{SUM} {THERE} {PLACE}" in FORMATS["dockerfile"].render(promotion(THERE))
    with pytest.raises(UsageError, match="its name is a pattern"):
        FORMATS["dockerfile"].render(promotion("/home/me/x*.deb"))


def test_a_playbook_copies_a_file_and_checks_it() -> None:
    class Loader(yaml.SafeLoader):
        """Reads Ansible's own tag, too."""

    Loader.add_constructor("!unsafe", lambda _, node: node.value)
    tasks = yaml.load(FORMATS["ansible"].render(promotion(HERE)), Loader)[0]["tasks"]
    copies = [task["ansible.builtin.copy"] for task in tasks if "ansible.builtin.copy" in task]
    assert [(row["src"], row["dest"]) for row in copies] == [(HERE, PLACE)]
    gets = yaml.load(FORMATS["ansible"].render(promotion(THERE)), Loader)[0]["tasks"]
    found = next(task["ansible.builtin.get_url"] for task in gets if "ansible.builtin.get_url" in task)
    assert (found["url"], found["checksum"]) == (THERE, f"sha256:{SUM}")


def test_the_proof_says_from_where_a_package_came() -> None:
    assert f"tool  1.2  (asked for, from {THERE})" in FORMATS["sh"].render(promotion(THERE))


def test_a_file_is_promoted_for_the_distro_it_was_tried_on_alone() -> None:
    check_files_fit(promotion(HERE), find_target("debian:trixie"))
    with pytest.raises(
        UsageError, match=r"comes from a file for debian bookworm, which alpine .* does not take"
    ) as found:
        check_files_fit(promotion(HERE), find_target("alpine"))
    assert found.value.hints[0].argv[-2:] == ("--for", "tried")


def test_no_task_that_only_checks_a_file_counts_as_a_change() -> None:
    _, _, task = FORMATS["ansible"].render(promotion(HERE)).partition('- name: "check the file of')
    lines = task.partition("- name:")[0].splitlines()
    assert "changed_when: false" in [line.strip() for line in lines]
