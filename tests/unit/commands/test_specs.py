"""The commands about specs: new, validate, specs, schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from tests.answers import SCHEMAS

from sandbox.commands.new import new
from sandbox.commands.schema import ANSWERS, answer_schema, documentation, schema
from sandbox.commands.specs import specs
from sandbox.commands.validate import validate
from sandbox.distros.lookup import find_target
from sandbox.errors import SpecError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.specs.load import LoadedSpec

ENVIRON = {"HOME": "/nonexistent"}


def test_a_new_spec_is_valid_and_holds_what_was_given(tmp_path: Path) -> None:
    found = new("web", cwd=tmp_path, packages=["curl", "no"], distro="debian", description="a: b")
    assert found.path == tmp_path / "web.yaml"
    [result] = validate(["./web.yaml"], environ=ENVIRON, cwd=tmp_path)
    assert result.spec is not None
    assert (result.spec.packages, result.spec.distro) == (("curl", "no"), "debian")
    assert result.spec.description == "a: b"


def test_every_comment_of_a_new_spec_can_be_used_as_it_is(tmp_path: Path) -> None:
    path = new("web", cwd=tmp_path).path
    lines = [line.removeprefix("# ") for line in path.read_text().splitlines() if not line.startswith("# sandbox")]
    keys = {entry.key for entry in documentation()} - {"extends", "dockerfile"}  # an image is there already
    path.write_text("\n".join(line for line in lines if line.partition(":")[0] in keys))
    [result] = validate(["web.yaml"], environ=ENVIRON, cwd=tmp_path)
    assert result.error is None
    assert result.spec is not None
    assert result.spec.checks


def test_a_new_spec_goes_into_the_folder_of_specs(tmp_path: Path) -> None:
    (tmp_path / "sandboxes").mkdir()
    assert new("web", cwd=tmp_path).path == tmp_path / "sandboxes/web.yaml"
    assert "web" in {found.name for found in specs(environ=ENVIRON, cwd=tmp_path)}


@pytest.mark.parametrize(("word", "place"), [("./web.yaml", "web.yaml"), ("mine/web.yml", "mine/web.yml")])
def test_a_new_spec_goes_where_a_path_says(word: str, place: str, tmp_path: Path) -> None:
    for folder in ("sandboxes", "mine"):
        (tmp_path / folder).mkdir()
    made = new(word, cwd=tmp_path, packages=["jq"])
    assert (made.path, made.reference) == (tmp_path / place, place)
    [result] = validate([place], environ=ENVIRON, cwd=tmp_path)
    assert result.error is None


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text("mine")
    with pytest.raises(UsageError, match="already exists"):
        new("web", cwd=tmp_path)
    assert (tmp_path / "web.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-x", ".x", "a b", "x.yaml", "x" * 65, "\x1b"])
def test_a_name_that_can_not_be_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a name"):
        new(name, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_packages_that_can_not_be_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--force"):
        new("web", cwd=tmp_path, packages=["--force"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        new("web", cwd=tmp_path / "none")


def test_all_files_are_validated_and_the_plan_may_look_deeper(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("packages: [x]")
    (tmp_path / "bad.yaml").write_text("pakages: [x]")

    def inspect(loaded: LoadedSpec) -> None:
        if loaded.spec.name == "deep":
            message = "no"
            raise UsageError(message)

    (tmp_path / "deep.yaml").write_text("packages: [x]")
    names = ["good.yaml", "bad.yaml", "none.yaml", "deep.yaml", "web-tools"]
    found = validate(names, environ=ENVIRON, cwd=tmp_path, inspect=inspect)
    assert [result.is_ok for result in found] == [True, False, False, False, True]
    assert found[3].error is not None
    assert found[3].error.brief == "no"


def test_a_distro_that_is_none_is_one_of_a_documents_problems(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text("pakages: [x]\ndistro: debain\nlimits: {memory: lots}")
    (tmp_path / "more.yaml").write_text("distro: debian:bookwrm\nextends: ./web.yaml")
    found = validate(["web.yaml", "more.yaml"], environ=ENVIRON, cwd=tmp_path, known=find_target)
    assert isinstance(found[0].error, SpecError)
    problems = found[0].error.problems
    assert [(row.line, row.column, row.path) for row in problems] == [
        (1, 1, "pakages"),
        (2, 9, "distro"),
        (3, 18, "limits.memory"),
    ]
    assert problems[1].message == 'unknown distro "debain"; did you mean debian?'
    assert isinstance(found[1].error, SpecError)
    first = found[1].error.problems[0]
    assert (first.source, first.line) == ("more.yaml", 1)
    assert first.message.endswith("did you mean debian:bookworm?")


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(schema())) == schema()
    assert documentation("packages")[0].key == "packages"


@pytest.mark.parametrize("verb", ANSWERS)
def test_the_schemas_in_docs_are_what_schema_prints(verb: str) -> None:
    path = SCHEMAS / f"{verb}.json"
    again = f"sandbox schema --of {verb} > docs/reference/schemas/{verb}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == answer_schema(verb), again


def test_an_answer_without_a_schema_is_told_with_those_that_have_one() -> None:
    with pytest.raises(UsageError) as caught:
        answer_schema("doctor")
    assert "inspect, compare, promote, trial, list" in str(caught.value.details)


def test_every_schema_is_one_and_needs_every_key() -> None:
    for verb in ANSWERS:
        found = json.loads(json.dumps(answer_schema(verb)))
        jsonschema.Draft202012Validator.check_schema(found)
        assert all(set(part["required"]) == set(part["properties"]) for part in found["$defs"].values())
