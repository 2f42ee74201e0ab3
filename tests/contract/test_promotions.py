"""Every promotion format for every distro, against the same claims; scripts by every shell and a linter."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from tests.matrix import rows
from tests.programs import need

from sandbox.distros.lookup import family
from sandbox.distros.model import Target
from sandbox.distros.registry import DISTROS
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import data_of, manager_of
from sandbox.promote.formats.base import PromotedPackage, Promotion
from sandbox.promote.formats.registry import FORMATS

if TYPE_CHECKING:
    from sandbox.promote.formats.base import Format

CHECKERS: Final = {
    "shellcheck": ("shellcheck", "--shell=sh", "--severity=style", "-"),
    "sh": ("sh", "-n"),
    "dash": ("dash", "-n"),
    "busybox": ("busybox", "sh", "-n"),
    "bash": ("bash", "--posix", "-n"),
}
OF_LANGUAGES: Final = (
    PackageRef(name="httpie", version="3.2.2", source="pip"),
    PackageRef(name="@angular/cli", source="npm"),
    PackageRef(name="ripgrep", version="14.1.1", source="cargo"),
    PackageRef(name="lolcat", source="gem"),
    PackageRef(name="github.com/x/y", version="v1.2.3", source="go"),
    PackageRef(name="luasocket", source="luarocks"),
)
TARGETS: Final = [Target(distro=row, release=release) for row in DISTROS for release in row.releases]


def promotion(target: Target) -> Promotion:
    htop = "app-misc/htop" if target.manager == "portage" else "htop"
    return Promotion(
        name="brave-otter",
        target=target,
        family=family(target.distro, DISTROS),
        image=target.image,
        digest=None,
        image_id=f"sha256:{'ae' * 32}",
        packages=(
            PromotedPackage(ref=PackageRef(name=htop), version="3.2.2-2"),
            PromotedPackage(ref=PackageRef(name="jq", version="1.6"), version="1.6\n`id`", origin="by-hand"),
            *(PromotedPackage(ref=ref, version="1") for ref in OF_LANGUAGES),
        ),
        date="2026-11-23",
        tool="0.1.0",
    )


@pytest.fixture(params=sorted(FORMATS))
def form(request: pytest.FixtureRequest) -> Format:
    return FORMATS[request.param]


def test_it_stands_in_the_registry_under_its_own_name(form: Format) -> None:
    assert FORMATS[form.name] is form


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.option)
def test_it_renders_for_every_distro(form: Format, target: Target) -> None:
    text = form.render(promotion(target))
    assert text.endswith("\n")
    assert "htop" in text
    assert "jq" in text


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.option)
def test_no_script_has_what_makes_an_install_faster_in_a_sandbox_alone(form: Format, target: Target) -> None:
    text, kept = form.render(promotion(target)), data_of(target.manager).kept_index
    later = kept.later if not isinstance(kept, str) else None
    options = [word for word in later.options if "=" in word] if later else []
    assert not [word for word in (*options, "Dir::Bin::Methods", SCRATCH) if word in text]
    values = {word for value in manager_of(target.manager).unsynced_environment.values() for word in value.split(",")}
    forbidden = {"DPKG_FORCE", "APT_CONFIG", "unsafe-io", *manager_of(target.manager).unsynced_environment}
    assert not [word for word in forbidden | (values - {"downgrade"}) if word in text]


OF_A_MANAGER: Final = {target.manager: target.distro.name for target in reversed(TARGETS)}
"""The first distro of each: the others' scripts are the same but for names, and shellcheck takes a second for one."""
CHECKED: Final = rows(
    ((program, row.name) for row in DISTROS for program in CHECKERS),
    lambda pair: pair[0] != "shellcheck" or pair[1] in OF_A_MANAGER.values(),
    several=True,
)


@pytest.mark.parametrize(("program", "distro"), CHECKED)
def test_scripts_pass_the_linter_and_every_shell(program: str, distro: str) -> None:
    need(program)
    target = next(target for target in TARGETS if target.distro.name == distro)
    text = FORMATS["sh"].render(promotion(target))
    done = subprocess.run(CHECKERS[program], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shellcheck disable" not in text


def test_two_renderings_are_the_same(form: Format) -> None:
    assert form.render(promotion(TARGETS[0])) == form.render(promotion(TARGETS[0]))
