"""Nothing is called absent that could not be seen: every claim, in every report, walks through one rule."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.inspect.measuring import MADE, inspection, measured

from sandbox.inspect.claims import CLAIMS, CLEAN, KEYS, NOT_SEEN, absence, may_claim, none_of
from sandbox.inspect.comparison import ComparedTarget, Comparison, table
from sandbox.inspect.fail_on import fail_on_error
from sandbox.inspect.findings import KINDS, Finding, Residue
from sandbox.inspect.verdict import verdict
from sandbox.report.inspect_html import comparison_html, inspection_html
from sandbox.report.inspect_markdown import comparison_md, inspection_md
from sandbox.report.inspect_text import screen

if TYPE_CHECKING:
    from sandbox.inspect.findings import Inspection

SOURCE = Path(__file__).parents[3] / "src" / "sandbox"
REASON = "It could not be looked at."


def calm(*unknown: str, came: bool = True) -> Inspection:
    """Return an inspection that found nothing, `unknown` of which could not be seen."""
    found = replace(measured(), findings=(), later=(), started=())
    found = found if came else replace(found, packages=(), commands=())
    unseen = (REASON,) if unknown else ()
    sentences = verdict(found, Residue(), unseen, unknown)
    return inspection(footprint=found, residue=Residue(), verdict=sentences, unseen=unseen, unknown=unknown)


def reports(found: Inspection) -> list[str]:
    both = Comparison(candidates=(ComparedTarget(name="a", inspection=found),), seconds=1.0)
    cells = "\n".join(": ".join(row) for row in table(both))
    pages = (inspection_html(found, MADE), comparison_html(both, MADE), inspection_md(found), comparison_md(both))
    return [screen(found), screen(found, everything=True), cells, *pages]


@pytest.mark.parametrize("came", [True, False])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_is_in_no_report_where_something_that_it_rests_on_was_not_seen(claim: str, came: bool) -> None:
    rests = CLAIMS[claim]
    assert {*rests} <= {*KEYS}
    for key in rests:
        assert not may_claim(claim, (key,))
        assert absence(claim, (key,)) == NOT_SEEN
        found = calm(key, came=came)
        assert found.verdict[0].text == REASON
        if " " in claim or claim == CLEAN:
            assert not [text for text in reports(found) if claim in text.replace("<p>", "\n")], key
    assert absence(claim, ()) == claim


@pytest.mark.parametrize("kind", KINDS)
def test_that_there_is_none_of_a_kind_rests_on_the_kind(kind: str) -> None:
    assert none_of((kind,), (kind,), "none") == NOT_SEEN
    assert none_of((kind,), tuple(key for key in KEYS if key != kind), "none") == "none"
    assert not any("nothing runs" in sentence.text for sentence in calm(kind).verdict)


def test_a_claim_that_nobody_knows_the_grounds_of_is_none() -> None:
    with pytest.raises(KeyError):
        may_claim("all is well", ())


def test_what_was_seen_to_be_calm_is_called_so() -> None:
    texts = [sentence.text for sentence in calm().verdict]
    assert texts == ["Small and quiet: 2 packages, 147 B, 1 command, nothing runs.", "Purging leaves no trace."]
    assert "after purge   clean" in screen(calm())


@pytest.mark.parametrize(
    "path",
    ["inspect/verdict.py", "inspect/comparison.py", *(f"report/inspect_{name}.py" for name in ("html", "markdown"))],
)
def test_no_report_has_words_of_its_own_for_a_claim(path: str) -> None:
    nodes = ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8")))
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert words & {claim for claim in CLAIMS if " " in claim or claim == CLEAN} == set()


@pytest.mark.parametrize("key", KEYS[: len(KINDS)])
def test_a_gate_fails_where_its_kind_could_not_be_seen(key: str) -> None:
    error = fail_on_error({"": calm(key)}, (key,))
    assert error is not None
    assert error.exit_code == 6
    assert error.brief == "could not tell whether these are present"
    assert fail_on_error({"": calm()}, (key, "unknown")) is None
    others = tuple(other for other in KEYS if other not in (key, "packages", "unknown"))
    assert fail_on_error({"": calm(key)}, others) is None


def test_the_gate_unknown_fails_with_whatever_could_not_be_seen() -> None:
    error = fail_on_error({"a": calm(), "b": calm("packages")}, ("unknown",))
    assert error is not None
    assert error.details == (("b unknown", REASON),)


def test_where_no_package_came_and_files_changed_the_base_is_not_said_to_have_it() -> None:
    found = replace(measured(), packages=(), findings=(Finding(kind="unowned", what="/x"),))
    assert [sentence.text for sentence in verdict(found, Residue())] == [
        "No package was installed, but something changed."
    ]
