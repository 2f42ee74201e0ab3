"""No format drops what was set by hand in silence: its file has it, or its file and promote say that it has not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.promote.formats.test_shell import HTOP, JQ, PROMOTION

from sandbox.managers.config_files import ConfigChange
from sandbox.managers.hand_steps import HandStep
from sandbox.managers.protocol import PackageRef
from sandbox.promote.formats.base import PromotedPackage
from sandbox.promote.formats.missing_parts import missing_parts
from sandbox.promote.formats.registry import FORMATS

STEPS = (
    HandStep(kind="architecture", words=("riscv64",)),
    HandStep(kind="answer", words=("tzdata", "tzdata/Areas", "select", "Asia")),
    HandStep(kind="hold", words=("htop",)),
    HandStep(kind="diversion", words=("/usr/bin/yes", "/usr/bin/yes.mine")),
    HandStep(kind="override", words=("root", "mail", "2755", "/usr/bin/wall")),
    HandStep(kind="alternative", words=("awk", "/usr/bin/mawk")),
)
PIN = ConfigChange(kind="pin", path="/etc/apt/preferences.d/mine", content=b"Package: *\nPin: release a=x\n")
WHOLE = replace(PROMOTION, packages=(HTOP, JQ), steps=STEPS, settings=(PIN,), services=("cron.service",))
NOTED = "Not in this file: "


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("list", "json")])
def test_a_step_is_in_the_file_or_noted_as_missing(form: str) -> None:
    text = FORMATS[form].render(WHOLE)
    lacks = missing_parts(WHOLE, form)
    for step in STEPS:
        code = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
        assert (step.name in lacks) == (f"{NOTED}{step.name}" in text.replace('\\"', '"'))
        if step.name not in lacks:
            assert all(word in code for word in step.words)


@pytest.mark.parametrize("form", ["nix", "brewfile", "list"])
def test_a_list_of_names_lacks_the_settings_and_the_services_too(form: str) -> None:
    assert {PIN.name, "start cron.service at boot"} < set(missing_parts(WHOLE, form))


def test_a_spec_has_the_settings_and_says_which_answers_and_architectures_it_lacks() -> None:
    text = FORMATS["spec"].render(WHOLE)
    assert "# Not in this file: packages of riscv64\n" in text
    assert '# Not in this file: answer "Asia" to tzdata/Areas\n' in text
    assert "With answer" not in text
    assert PIN.path in text.partition("setup:")[2]


def test_an_architecture_that_a_package_of_the_spec_names_is_not_missing() -> None:
    foreign = PromotedPackage(ref=PackageRef(name="zlib1g:i386"), version="1")
    step = HandStep(kind="architecture", words=("i386",))
    assert missing_parts(replace(PROMOTION, packages=(foreign,), steps=(step,)), "spec") == ()
    assert missing_parts(replace(PROMOTION, steps=(step,)), "spec") == (step.name,)
