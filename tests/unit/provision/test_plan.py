"""A plan: the whole run, made without an engine."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers.apt import driver as apt
from sandbox.managers.languages.pip import driver as pip
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.provision.steps import WRITE_FILE
from sandbox.specs.model import InlineFile, Limits, Spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.managers.protocol import Manager

TARGET = find_target("debian:bookworm")


def plan(spec: Spec, *, cached: bool = False, mirror: str | None = None, recommends: bool = False) -> Plan:
    return plan_for(spec, TARGET, apt, Terms(cached=cached, mirror=mirror, recommends=recommends))


def variant(**members: object) -> Manager:
    """Return apt with other members."""
    manager: Any = SimpleNamespace(**{**vars(apt), **members})
    return manager  # type: ignore[no-any-return]


def kinds(found: Plan) -> list[str]:
    return [step.kind for step in found.steps]


FULL = Spec(
    packages=("htop", "jq=1.6"),
    files=(InlineFile(path="/etc/x y", content="☃", mode=0o600),),
    setup=("echo  a\necho b",),
    env={"A": "b"},
)


def test_the_steps_are_in_the_order_in_which_they_are_needed() -> None:
    assert kinds(plan(FULL)) == ["index", "install", "file", "setup"]
    assert kinds(plan(FULL, cached=True)) == ["index", "fetch", "install", "file", "setup"]
    assert kinds(plan(FULL, mirror="http://deb.example")) == ["mirror", "index", "install", "file", "setup"]


def test_no_package_needs_no_index_and_no_mirror() -> None:
    assert kinds(plan(Spec(), cached=True, mirror="http://deb.example")) == []
    assert kinds(plan(replace(FULL, packages=()))) == ["file", "setup"]


def test_a_package_asked_for_twice_is_installed_once() -> None:
    found = plan(Spec(packages=("htop", "jq", "htop")))
    assert [package.text for package in found.packages] == ["htop", "jq"]


def test_every_step_is_an_argv_that_names_a_program() -> None:
    for step in plan(FULL, cached=True).steps:
        assert isinstance(step.argv, tuple)
        assert step.argv[0] in ("apt-get", "sh")


def test_the_installs_argv_is_the_promoted_one_with_what_only_a_throwaway_may_have() -> None:
    [index, install] = plan(Spec(packages=("htop",))).steps
    name, *rest = apt.install([PackageRef(name="htop")])
    assert install.argv == (name, *apt.throwaway, *rest)
    assert index.argv[:2] == ("sh", "-c")
    assert index.argv[4 : 5 + len(apt.throwaway)] == ("apt-get", *apt.throwaway)


def test_the_specs_environment_reaches_setup_and_the_managers_the_manager() -> None:
    steps = {step.kind: step.env for step in plan(FULL).steps}
    assert steps["setup"] == {"A": "b"}
    assert steps["install"] == apt.environment
    assert steps["file"] == {}


def test_recommended_packages_come_only_when_asked_for() -> None:
    [_, without] = plan(Spec(packages=("htop",))).steps
    [_, with_them] = plan(Spec(packages=("htop",)), recommends=True).steps
    assert without.argv != with_them.argv


def test_the_specs_word_on_recommended_packages_wins_over_the_settings() -> None:
    [_, without] = plan(Spec(packages=("htop",), recommends=False), recommends=True).steps
    [_, with_them] = plan(Spec(packages=("htop",), recommends=True)).steps
    assert "--no-install-recommends" in without.argv
    assert "--no-install-recommends" not in with_them.argv


def test_manual_pages_are_kept_from_the_install_on_and_in_no_cached_index() -> None:
    found = plan(Spec(packages=("htop",), docs=True), cached=True)
    assert kinds(found) == ["index", "fetch", "docs", "install"]
    assert found.steps[2].argv == ("sh", "-c", apt.keep_docs)
    assert kinds(plan(Spec(docs=True))) == ["docs"]


def test_a_manager_whose_images_keep_manual_pages_has_no_step_for_them() -> None:
    spec = Spec(packages=("htop",), docs=True)
    assert kinds(plan_for(spec, TARGET, variant(keep_docs=""), Terms())) == ["index", "install"]


def test_compiling_is_the_managers_own_environment() -> None:
    spec = Spec(packages=("htop",), from_source=True)
    found = plan_for(spec, TARGET, variant(from_source={"COMPILE": "yes"}), Terms())
    assert all(step.env == {**apt.environment, "COMPILE": "yes"} for step in found.steps)


@pytest.mark.parametrize("packages", [(), ("htop",)])
def test_a_manager_that_can_not_compile_is_named(packages: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="apt installs binaries only"):
        plan(Spec(packages=packages, from_source=True))


@pytest.mark.parametrize("name", ["htop; rm -rf /", "--force", "$(id)", "", "x" * 10_000, "-o", "htop=1 2", "ħtop"])
def test_what_is_no_package_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        plan(Spec(packages=("jq", name)))


def test_the_public_base_is_preferred_to_one_built_here() -> None:
    assert plan(Spec()).images == ("debian:bookworm", "sandbox-base/debian:bookworm")


def test_a_command_wins_over_a_shell_and_that_over_the_distros() -> None:
    assert plan(Spec(command=("a", "b"), shell="zsh")).command == ("a", "b")
    assert plan(Spec(shell="zsh")).command == ("zsh",)
    assert plan(Spec()).command == ()
    assert plan(Spec()).shells == TARGET.distro.shell


def test_a_specs_own_limits_win() -> None:
    own = Limits(memory=1, cpus=1, pids=1)
    assert plan(Spec(limits=own)).limits == own
    assert plan(Spec()).limits == Limits()


@pytest.mark.parametrize("name", ["plain", "a b", "-n", "$(id)", "new folder/x"])
def test_a_file_is_written_with_its_mode_wherever_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    spec = Spec(files=(InlineFile(path=str(path), content="a\n'$x' ☃", mode=0o600),))
    [step] = plan(spec).steps
    assert step.argv[:3] == ("sh", "-c", WRITE_FILE)
    subprocess.run(step.argv, input=step.stdin, check=True)
    assert path.read_text(encoding="utf-8") == "a\n'$x' ☃"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_title_is_one_line() -> None:
    [step] = plan(Spec(setup=("echo  a\n  echo b",))).steps
    assert step.title == "echo a echo b"
    assert step.argv == ("sh", "-c", "echo  a\n  echo b")


def test_a_languages_packages_come_behind_the_distros_that_bring_its_manager() -> None:
    found = plan(Spec(packages=("pip:httpie=3.2.2", "htop", "npm:cowsay", "python3", "pip:HTTPie=3.2.2")))
    assert [ref.text for ref in found.packages] == ["pip:httpie=3.2.2", "htop", "npm:cowsay", "python3"]
    assert [ref.name for ref in found.runtime] == ["python3-venv", "ca-certificates", "npm"]
    _, distro, first, second = found.steps
    assert distro.argv[-5:] == ("htop", "python3", "python3-venv", "ca-certificates", "npm")
    assert (first.source, first.argv[-1], first.env) == ("pip", "httpie==3.2.2", pip.environment)
    assert (second.source, second.argv[-1]) == ("npm", "cowsay")


def test_only_what_a_language_needs_is_installed_where_nothing_else_is_asked_of_the_distro() -> None:
    found = plan(Spec(packages=("npm:cowsay",)), cached=True)
    assert kinds(found) == ["index", "fetch", "install", "install"]
    assert found.of("") == ()


def test_a_distro_that_is_upgraded_first_gets_the_throwaway_options_there_too() -> None:
    row = replace(TARGET.distro, upgrade=("apt-get", "dist-upgrade", "-y"))
    found = plan_for(FULL, replace(TARGET, distro=row), apt, Terms())
    assert kinds(found)[:3] == ["index", "upgrade", "install"]
    assert found.steps[1].argv == ("apt-get", *apt.throwaway, "dist-upgrade", "-y")


def test_an_image_takes_the_place_of_the_distros_own_and_of_what_was_made_here() -> None:
    found = plan_for(Spec(image="x:1"), TARGET, apt, Terms(registries=("r.example",)))
    assert found.images == found.sources == ("x:1", "r.example/x:1")


def test_what_is_built_is_never_cached() -> None:
    found = plan_for(Spec(dockerfile="/x", packages=("htop",)), TARGET, apt, Terms(cached=True))
    assert (found.images, found.cached, kinds(found)) == ((), False, ["index", "install"])


def test_a_mirror_for_a_distro_that_has_none_of_its_own_is_said_to_be_of_no_use() -> None:
    bare = replace(TARGET, distro=replace(TARGET.distro, mirror=None))
    with pytest.raises(UsageError, match="come from more than one mirror"):
        plan_for(Spec(packages=("htop",)), bare, apt, Terms(mirror="http://mirror.example"))


def test_apt_is_told_of_a_foreign_architecture_before_its_index_is_fetched() -> None:
    steps = plan(Spec(packages=("htop", "libc6:i386", "zlib1g:i386", "jq:any"))).steps
    assert [step.argv for step in steps if step.kind == "foreign"] == [("dpkg", "--add-architecture", "i386")]
    assert [step.kind for step in steps] == ["foreign", "index", "install"]
    assert "foreign" not in kinds(plan(Spec(packages=("htop",))))


@pytest.mark.parametrize(
    ("distro", "packages", "fetched"),
    [
        ("debian:bookworm", ("jq", "gem:lolcat"), [""]),
        ("debian:bookworm", ("pip:httpie", "go:example.com/x"), ["", "pip"]),
        ("gentoo", ("app-misc/jq",), []),
    ],
)
def test_what_comes_as_files_is_downloaded_by_itself_and_the_rest_is_installed_all_the_same(
    distro: str, packages: tuple[str, ...], fetched: list[str]
) -> None:
    target = find_target(distro)
    plan = plan_for(Spec(packages=packages), target, manager_of(target.manager), Terms(fetch_known=True))
    assert sorted({step.source for step in plan.steps if step.kind == "fetch"}) == fetched
    assert {step.source for step in plan.steps if step.kind == "install"} >= {ref.source for ref in plan.packages}
