"""docs/distros.md says what the rows say, and its examples are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from sandbox.commands.distros import markdown
from sandbox.commands.schema import rows_schema
from sandbox.core.yamltext import parse
from sandbox.distros.fields import RELEASE_FIELDS, ROW_FIELDS
from sandbox.distros.lookup import find_target
from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS
from sandbox.specs.schema import field_table

if TYPE_CHECKING:
    from sandbox.core.yamltext import Node

DOC = Path(__file__).parents[3] / "docs/distros.md"
HELD = {"distros": markdown(DISTROS), "keys": field_table(ROW_FIELDS), "release-keys": field_table(RELEASE_FIELDS)}
EXAMPLES = [text.partition("```")[0] for text in DOC.read_text().split("```yaml\n")[1:]][1:]


@pytest.mark.parametrize("name", HELD)
def test_the_document_holds_the_tables(name: str) -> None:
    held = DOC.read_text().partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    assert held == HELD[name], "python -m tests.unit.distros.test_docs writes them"


def test_the_examples_are_rows() -> None:
    mint, fedora = EXAMPLES
    found = find_target("mint", merge(DISTROS, mint.encode(), source="x"))
    assert (found.image, found.manager, found.distro.like) == ("linuxmintd/mint22-amd64", "apt", "ubuntu")
    newer = merge(DISTROS, fedora.encode(), source="x")
    assert find_target("fedora", newer).image == "fedora:45"
    assert find_target("fedora:44", newer).image == "fedora:44"


def plain(node: Node | None) -> object:
    from sandbox.core.yamltext import ListNode, MapNode, TextNode

    match node:
        case TextNode():
            return node.text
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key.text: plain(item) for key, item in node.items}
        case _:
            return None


@pytest.mark.parametrize("text", EXAMPLES)
def test_editors_take_what_the_loader_takes(text: str) -> None:
    jsonschema.validate(plain(parse(text.encode(), source="x").root), rows_schema())


def test_every_example_of_a_key_is_taken() -> None:
    lines = [f"  {entry.key}: {entry.example}\n" for entry in ROW_FIELDS]
    text = f"new:\n{''.join(lines)}"
    jsonschema.validate(plain(parse(text.encode(), source="x").root), rows_schema())
    assert find_target("new", merge(DISTROS, text.encode(), source="x")).distro.name == "new"


@pytest.mark.parametrize("text", ["debian: {imgae: x}", "debian: {manager: 7}", "debian: [x]", "- x"])
def test_editors_refuse_what_is_plainly_wrong(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(parse(text.encode(), source="x").root), rows_schema())


if __name__ == "__main__":
    written = DOC.read_text()
    for name, held in HELD.items():
        before, start, rest = written.partition(f"<!-- {name} -->\n")
        written = before + start + held + rest[rest.index(f"<!-- /{name} -->") :]
    DOC.write_text(written)
