"""No format drops what was set by hand in silence: its file has it, or its file and promote say that it has not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.fakes.promotions import HTOP, JQ, PROMOTION

from sandbox.managers.config_files import ConfigChange
from sandbox.managers.hand_steps import HandStep
from sandbox.promote.formats.missing_parts import missing_parts
from sandbox.promote.formats.registry import FORMATS
from sandbox.specs.load import load_spec

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


def test_a_spec_has_keys_for_all_of_them() -> None:
    text = FORMATS["spec"].render(WHOLE)
    assert "Not in this file" not in text
    assert missing_parts(WHOLE, "spec") == ()
    found = load_spec(text.encode(), source="s")
    assert found.architectures == ("riscv64",)
    assert [(row.question, row.value) for row in found.answers] == [("tzdata/Areas", "Asia")]
    assert [PIN.path in command for command in found.before] == [True]  # it has no priority
    assert len(found.setup) == len(STEPS) - 1
