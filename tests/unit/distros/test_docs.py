"""The examples of docs/how-to/distros.md are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from sandbox.commands.schema import rows_schema
from sandbox.core.yamltext import parse
from sandbox.distros.fields import ROW_FIELDS
from sandbox.distros.lookup import find_target
from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS

if TYPE_CHECKING:
    from sandbox.core.yamltext import Node

DOC = Path(__file__).parents[3] / "docs/how-to/distros.md"
EXAMPLES = [text.partition("```")[0] for text in DOC.read_text().split("```yaml\n")[1:]]


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
