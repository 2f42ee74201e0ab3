"""Specs by name and path, what they extend, and the specs that ship."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.errors import SpecError, UsageError
from sandbox.specs.find import find_spec, list_specs, load_by_name, names, shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {"HOME": str(tmp_path / "home")}


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


def brief(value: str, environ: Mapping[str, str], cwd: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load_by_name(value, environ=environ, cwd=cwd)
    return caught.value.brief


def messages(value: str, environ: Mapping[str, str], cwd: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_by_name(value, environ=environ, cwd=cwd)
    return [f"{at.source}:{at.line}:{at.column} {at.path} {at.message}" for at in caught.value.problems]


def test_the_project_wins_over_the_user_who_wins_over_what_ships(tmp_path: Path, environ: Mapping[str, str]) -> None:
    def loaded() -> str:
        return load_by_name("web-tools", environ=environ, cwd=tmp_path).spec.description

    assert loaded() == "Talk to web services and take their answers apart"
    write(tmp_path / "home/.config/sandbox/specs", **{"web-tools": "description: mine"})
    assert loaded() == "mine"
    write(tmp_path / "sandboxes", **{"web-tools": "description: the project's"})
    assert loaded() == "the project's"


def test_a_slash_or_a_suffix_makes_it_a_path(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(tmp_path, web="packages: [a]")
    for value in ("web.yaml", "./web.yaml", str(tmp_path / "web.yaml")):
        spec = load_by_name(value, environ=environ, cwd=tmp_path).spec
        assert (spec.name, spec.packages) == ("web", ("a",))


def test_an_unknown_name_says_the_nearest_and_where_was_looked(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        find_spec("web-tool", environ=environ, cwd=tmp_path)
    assert caught.value.brief == 'no spec has the name "web-tool"'
    nearest, looked = caught.value.details
    assert nearest[1].startswith("web-tools")
    assert looked[1] == f"{tmp_path}/sandboxes, {tmp_path}/home/.config/sandbox/specs, {shipped_folder()}"
    assert advice_of(caught.value)[:2] == ("the same with web-tools for web-tool", "sandbox specs")


@pytest.mark.parametrize("end", [".yaml", ".yml"])
def test_a_name_of_a_file_in_this_folder_leads_to_its_path(
    end: str, tmp_path: Path, environ: Mapping[str, str]
) -> None:
    """`sandbox new web-tool` writes ./web-tool.yaml where there is no ./sandboxes, in which names are looked up."""
    (tmp_path / f"web-tool{end}").write_text("packages: [jq]\n")
    with pytest.raises(UsageError) as caught:
        find_spec("web-tool", environ=environ, cwd=tmp_path)
    assert dict(caught.value.details)["here"] == f"./web-tool{end} is a file, and a file is given by its path"
    assert advice_of(caught.value) == (f"the same with ./web-tool{end} for web-tool", "sandbox specs")


def test_an_unknown_name_may_be_a_package_and_says_how_it_becomes_a_spec(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    def last(value: str) -> str:
        with pytest.raises(UsageError) as caught:
            find_spec(value, environ=environ, cwd=tmp_path)
        return advice_of(caught.value)[-1]

    assert last("htop") == "sandbox new htop htop, then the same command with ./htop.yaml"
    (tmp_path / "sandboxes").mkdir()
    assert last("htop") == "sandbox new htop htop, then the same command with htop"
    assert last("-") == "sandbox specs"


@pytest.mark.parametrize("value", ["", "-", "..", "a b", "\x1b[31m", "é", "x" * 10_000])
def test_what_is_no_name_is_unknown(value: str, tmp_path: Path, environ: Mapping[str, str]) -> None:
    assert brief(value, environ, tmp_path).startswith("no spec ")
    assert brief(value, environ, tmp_path).isprintable()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("none.yaml", "none.yaml does not exist"),
        ("./", "./ is a folder, not a file"),
        ("a\0.yaml", "a\\0.yaml can't be read: not a path"),
    ],
)
def test_a_path_that_can_not_be_read_says_why(
    value: str, reason: str, tmp_path: Path, environ: Mapping[str, str]
) -> None:
    assert brief(value, environ, tmp_path) == reason


def test_a_dash_reads_standard_input(tmp_path: Path, environ: Mapping[str, str]) -> None:
    loaded = load_by_name("-", environ=environ, cwd=tmp_path, stdin=lambda: b"mounts: ['x:/x']")
    assert loaded.spec.mounts[0].source == str(tmp_path / "x")
    assert (loaded.source, loaded.spec.name) == ("standard input", None)


def test_a_child_overrides_adds_and_merges(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(
        tmp_path / "base",
        one="description: one\npackages: [a, b]\nenv: {A: 1, B: 1}\nlimits: {memory: 1G}\nmounts: ['m:/m', 'n:/n']",
        two="extends: ./one.yaml\npackages: [c]\nshell: zsh\nfiles: [{path: /f, content: two}]",
    )
    write(
        tmp_path,
        me="extends: [base/one.yaml, base/two.yaml]\ndistro: debian\npackages:\n- b\n- d\nenv: {B: 2}\n"
        "limits: {cpus: 1}\nmounts: ['m:/m']\nfiles: [{path: /f, content: me}]\n",
    )
    loaded = load_by_name("me.yaml", environ=environ, cwd=tmp_path)
    spec = loaded.spec
    assert (spec.name, spec.description, spec.distro, spec.shell) == ("me", "one", "debian", "zsh")
    assert spec.packages == ("a", "b", "c", "d")
    assert spec.env == {"A": "1", "B": "2"}
    assert spec.limits is not None
    assert (spec.limits.memory, spec.limits.cpus) == (1_000_000_000, 1.0)
    assert [mount.source for mount in spec.mounts] == [f"{tmp_path}/m", f"{tmp_path}/base/n"]
    assert [file.content for file in spec.files] == ["me"]
    assert loaded.positions["packages[0]"] == ("base/one.yaml", 2, 12)
    assert loaded.positions["packages[1]"] == ("me.yaml", 4, 3)
    assert loaded.positions["packages[3]"] == ("me.yaml", 5, 3)
    assert loaded.positions["env.A"] == ("base/one.yaml", 3, 10)
    assert loaded.positions["mounts[0]"] == ("me.yaml", 8, 10)
    assert loaded.positions["files[0].content"] == ("me.yaml", 9, 29)
    assert loaded.sources == ("base/one.yaml", "base/two.yaml", "me.yaml")


def test_a_circle_names_its_chain(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(tmp_path, a="extends: b.yaml", b="\nextends: [./c.yaml]", c="extends: a.yaml")
    circle = "c.yaml:1:10 extends forms a circle: a.yaml → b.yaml → c.yaml → a.yaml"
    assert messages("a.yaml", environ, tmp_path) == [circle]


def test_a_chain_that_is_too_long_is_refused(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(tmp_path, **{f"s{n}": f"extends: s{n + 1}.yaml" for n in range(20)})
    [message] = messages("s0.yaml", environ, tmp_path)
    assert message.startswith("s7.yaml:1:10 extends more than 8 levels deep: s0.yaml → s1.yaml")


def test_specs_that_extend_each_other_widely_do_not_explode(tmp_path: Path, environ: Mapping[str, str]) -> None:
    layers = {f"s{n}": f"extends: [{', '.join([f's{n + 1}.yaml'] * 16)}]" for n in range(7)}
    write(tmp_path, **layers, s7="packages: [a]")
    assert load_by_name("s0.yaml", environ=environ, cwd=tmp_path).spec.packages == ("a",)


def test_problems_of_a_parent_are_shown_in_its_own_file(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(tmp_path, a="extends: [b.yaml, nothing, c.yaml]", b="pakages: []")
    os.mkfifo(tmp_path / "c.yaml")
    assert messages("a.yaml", environ, tmp_path) == [
        "b.yaml:1:1 pakages no such key; did you mean packages?",
        'a.yaml:1:19 extends no spec has the name "nothing"',
        "a.yaml:1:28 extends c.yaml is not a regular file",
    ]


def test_a_broken_spec_is_listed_with_its_problems(tmp_path: Path, environ: Mapping[str, str]) -> None:
    write(tmp_path / "sandboxes", broken="distro: []", good="description: d\npackages: [x]\nchecks: [{port: 1}]")
    found = {summary.name: summary for summary in list_specs(environ=environ, cwd=tmp_path)}
    assert len(found["broken"].problems) == 1
    good = found["good"]
    assert (good.origin, good.description, good.packages, good.checks) == ("here", "d", ("x",), 1)
    assert set(names(environ, tmp_path)) == set(found)


def test_every_shipped_spec_loads_and_is_worth_listing(tmp_path: Path) -> None:
    found = list_specs(environ={"HOME": "/nonexistent"}, cwd=tmp_path)
    assert len(found) >= 7
    for summary in found:
        assert summary.problems == (), summary.name
        assert summary.origin == "shipped"
        assert summary.description
        assert summary.distro == "debian"
        assert len(summary.packages) >= 3
        assert summary.checks >= 3
