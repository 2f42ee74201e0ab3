"""The JSON Schema agrees with the loader, and the reference is made of the table."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from tests.unit.advised import advice_of

from sandbox.errors import SpecError, UsageError
from sandbox.specs import find
from sandbox.specs.load import load_spec
from sandbox.specs.schema import NESTED, json_schema, key_doc, key_docs

REPOSITORY = Path(__file__).parents[3]

GOOD: list[object] = [
    {},
    {"description": "x", "distro": "debian:trixie", "packages": ["htop", 7, True]},
    {"setup": "x"},
    {"setup": ["x", "y"]},
    {"env": {"A": 1, "B": "", "_c": False}},
    {"recommends": True, "docs": "yes", "from-source": False},
    {"command": "htop"},
    {"command": ["htop", ""]},
    {"files": [{"path": "/x", "content": "y"}, {"path": "/y", "content": "", "mode": "0644"}]},
    {"ports": [80, "8080:80", "127.0.0.1:8080:80/udp", "[::1]:1:2", "localhost:3:4", "5/tcp"]},
    {"mounts": ["./a:b:/a", "./a:/b:/c:rw", {"source": "x:y", "target": "/c:d"}], "copies": ["./a:b:/a"]},
    {"mounts": ["./a:/a", "~/b:/b:rw", {"source": "x", "target": "/c", "access": "ro"}]},
    {"limits": {"memory": "512M", "cpus": 1.5, "pids": 200}},
    {"limits": {"memory": 512000000, "cpus": "1.5", "pids": "200"}},
    {"limits": {"memory": "1.5 GiB"}, "network": "offline", "shell": "/bin/zsh"},
    {"checks": [{"run": "x"}, {"file": "/x", "mode": "0755", "owner": "a:b"}, {"port": 80, "timeout": "2m"}]},
    {"checks": [{"run": "x", "exit": 1, "stdout": {"equals": ""}, "stderr": {"matches": "^a"}, "timeout": 0.5}]},
]

BAD: list[object] = [
    [],
    "htop",
    None,
    {"pakages": []},
    {"description": ""},
    {"description": "x" * 501},
    {"packages": "htop"},
    {"packages": [""]},
    {"packages": ["-x"]},
    {"packages": ["a b"]},
    {"packages": [None]},
    {"packages": ["x"] * 1001},
    {"distro": "Debian"},
    {"distro": ["debian"]},
    {"env": {"1A": "x"}},
    {"env": {"A": []}},
    {"env": ["A=b"]},
    {"command": {}},
    {"command": [["x"]]},
    {"files": [{"path": "/x"}]},
    {"files": [{"path": "x", "content": ""}]},
    {"files": [{"path": "/x/", "content": ""}]},
    {"files": [{"path": "/x", "content": "", "mode": "rw"}]},
    {"ports": [0]},
    {"ports": [65536]},
    {"ports": ["a:b"]},
    {"mounts": ["x"]},
    {"mounts": ["x:y"]},
    {"mounts": ["x:/y:zz"]},
    {"mounts": [{"source": "x"}]},
    {"copies": ["x:/y:z"]},
    {"limits": {"memory": "lots"}},
    {"limits": {"memory": 1}},
    {"limits": {"cpus": 0}},
    {"limits": {"pids": 1.5}},
    {"limits": {"disk": 1}},
    {"network": "hosts"},
    {"docs": "man"},
    {"from_source": True},
    {"shell": "bash -l"},
    {"checks": {}},
    {"checks": [{}]},
    {"checks": [{"run": "x", "port": 1}]},
    {"checks": [{"run": "x", "exit": 256}]},
    {"checks": [{"run": "x", "stdout": "y"}]},
    {"checks": [{"run": "x", "stdout": {"equals": "y", "contains": "z"}}]},
    {"checks": [{"port": 1, "user": "x"}]},
]

validator = jsonschema.Draft202012Validator(json_schema())


def is_loaded(document: object) -> bool:
    try:
        load_spec(json.dumps(document).encode(), source="x", folder=Path("/"))
    except SpecError:
        return False
    return True


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("document", GOOD, ids=repr)
def test_what_loads_fits_the_schema(document: object) -> None:
    assert is_loaded(document)
    validator.validate(document)


@pytest.mark.parametrize("document", BAD, ids=lambda document: repr(document)[:60])
def test_what_does_not_load_does_not_fit_the_schema(document: object) -> None:
    assert not is_loaded(document)
    assert not validator.is_valid(document)


def test_every_shipped_spec_fits_the_schema() -> None:
    import yaml

    for path in find.shipped_folder().glob("*.yaml"):
        validator.validate(yaml.safe_load(path.read_text()))


def test_every_block_of_the_reference_is_a_spec() -> None:
    blocks = (REPOSITORY / "docs/reference/spec.md").read_text().split("```yaml\n")[1:]
    assert len(blocks) >= 3
    for block in blocks:
        text = block.partition("```")[0]
        plain = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("extends"))
        load_spec(plain.encode(), source="docs/reference/spec.md", folder=REPOSITORY)


def test_a_key_says_what_it_means() -> None:
    lines = key_doc("limits").lines()
    assert lines[:2] == ("limits", "  Upper limits of what the sandbox may use.")
    assert any(line.startswith("    memory    ") for line in lines)
    assert key_doc("limits.memory") == key_doc("limits")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        key_doc("limit")
    assert caught.value.brief == 'a spec has no key "limit"; did you mean limits?'
    assert {"packages", "limits", "checks"} <= {*dict(caught.value.details)["known"].split(", ")}
    assert advice_of(caught.value) == ("sandbox schema --doc limits",)


def test_every_key_with_keys_inside_says_so() -> None:
    properties = json_schema()["properties"]
    assert isinstance(properties, dict)
    inside = {key for key, schema in properties.items() if '"properties"' in json.dumps(schema)}
    assert inside == set(NESTED) == {doc.key for doc in key_docs() if doc.parts}
