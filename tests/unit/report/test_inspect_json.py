"""JSON has findings with their notes in words, the same that the text shows."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct
from tests.unit.inspect.measuring import inspection

from sandbox.commands.schema import answer_schema
from sandbox.inspect import facts
from sandbox.inspect.comparison import ComparedTarget, Comparison
from sandbox.report.finding_text import note
from sandbox.report.inspect_json import inspect_document

WORDS = {
    "": facts.Fact(),
    "the package manager, changed": facts.Place(is_changed=True, event="the package manager"),
    "gone, of base, libc": facts.Harm(how="gone", owners=("base", "libc")),
    "mode 0644, now 0600, of no package": facts.Harm(how="mode", old="0644", now="0600", owners=()),
    "cut short, of the package manager": facts.Harm(how="cut short", is_managers=True),
    "no longer lists 2 packages of the base": facts.LostPackages(count=2),
    "setuid and setgid, mode 6755, owner root:play": facts.Privileges(
        bits=("setuid", "setgid"), mode=0o6755, owner="root", group="play"
    ),
    "an attribute that can't be read": facts.Capabilities(names=()),
    "removed": facts.Account(change="gone"),
    "new members a, b": facts.Account(change="changed", joined=("a", "b")),
    "shell changed: system": facts.Account(change="changed", says="shell changed: system"),
    "user root": facts.Owner(user="root"),
    "on * and ::1, while trap runs": facts.Listening(addresses=("*", "::1"), service="trap"),
    "on *, from boot on, by trap.socket": facts.Listening(addresses=("*",), unit="trap.socket"),
    "on *, since the install; the kernel may have chosen the number": facts.Listening(
        addresses=("*",), choice="perhaps the kernel"
    ),
    "empty folder": facts.Stray(what="empty folder"),
    "replaced, owner unknown; moved to /b": facts.Foreign(how="replaced", owners=None, moved="/b"),
    "starts with halt.target": facts.Start(how="along", name="halt.target"),
    "enabled, starts with bluetooth.target": facts.Start(how="with", name="bluetooth.target"),
    "template, enabled": facts.Start(how="template", is_used=True),
    "to /b, was /a": facts.Link(to="/b", was="/a"),
}


@pytest.mark.parametrize(("words", "fact"), WORDS.items(), ids=list(WORDS))
def test_a_fact_is_said_in_a_few_words(words: str, fact: facts.Fact) -> None:
    assert note(fact) == words


def test_every_fact_has_words_of_its_own() -> None:
    kinds = {kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, facts.Fact)}
    assert {kind for kind in kinds if note.dispatch(kind) is note.dispatch(Struct)} == {facts.Fact}


def test_json_has_the_keys_of_the_schema_and_the_words_of_the_text() -> None:
    found = inspection()
    data: Any = inspect_document(found)
    assert [*data] == [*answer_schema("inspect")["$defs"]["Inspection"]["properties"]][1:]  # type: ignore[index]
    rows = data["footprint"]["findings"]
    assert [[*row.values()] for row in rows] == [
        [row.kind, row.what, note(row.fact), row.is_usual] for row in found.footprint.findings
    ]
    assert {key for row in rows for key in row} == {"kind", "what", "note", "is_usual"}


def test_a_comparison_has_each_inspection_as_it_is_alone() -> None:
    one, failed = ComparedTarget(name="x", inspection=inspection()), ComparedTarget(name="y", failure="no")
    data: Any = inspect_document(Comparison(candidates=(one, failed), seconds=1.0))
    first, second = data["candidates"]
    assert first["inspection"] == inspect_document(inspection())
    assert (second["inspection"], second["failure"]) == (None, "no")
