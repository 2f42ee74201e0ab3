"""A matrix of trials as text, as JUnit XML that its readers take, and as workflow commands."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from junitparser import JUnitXml
from tests.unit.report.trials_found import BAD, BROKEN, DIFFERENT, FOUND, GOOD, cell

from sandbox.report.trial_github import workflow_commands
from sandbox.report.trial_junit import junit
from sandbox.report.trial_live import LiveTable
from sandbox.report.trial_text import screen
from sandbox.trials.results import TrialResult

AGAIN = {BAD.cell: ("./web.yaml", "--distro", "alpine:3.23")}
EXPECTED = """\
      debian    alpine:3.23
web   ✓ 4.1 s   ✗ 2.2 s (2 tries)
c     ✗ 1.0 s   ✗ 1 min 1 s

✗ web on alpine:3.23
    check 2: jq, yq: 100%: exit status 127, expected 0
✗ c on debian
    no mirror answers
    it said: x
✗ c on alpine:3.23
    the second run differs: package a: 1, then 2

1 of 4 passes in 1 min 10 s
logs       /logs
next       sandbox trial ./web.yaml --distro alpine:3.23 --shell-on-fail"""


def test_the_table_comes_first_then_what_failed_and_what_to_type() -> None:
    assert screen(FOUND, AGAIN) == EXPECTED


def test_a_narrow_terminal_gets_a_line_a_cell_that_fits() -> None:
    lines = screen(FOUND, AGAIN, width=30).split("\n\n")[0].splitlines()
    assert lines[1] == "web on alpi…   ✗ 2.2 s (2 tries)"
    assert len(lines) == 4


def test_a_matrix_with_gaps_is_listed() -> None:
    assert screen(TrialResult(cells=(GOOD, BROKEN, DIFFERENT), seconds=1), AGAIN).startswith("web on debian ")


def test_specs_without_checks_are_named() -> None:
    one = TrialResult(cells=(GOOD.__class__(cell=cell("x", "debian"), status="passed"),), seconds=1)
    assert "no checks  x: only the install was tested" in screen(one, {})


def suites() -> dict[str, ET.Element]:
    return {str(suite.get("name")): suite for suite in ET.fromstring(junit(FOUND).encode())}


def test_a_reader_of_junit_counts_what_we_count() -> None:
    found = JUnitXml.fromstring(junit(FOUND).encode())
    assert (found.tests, found.failures, found.errors) == (8, 2, 1)
    assert [suite.name for suite in found] == ["web on debian", "web on alpine:3.23", "c on debian", "c on alpine:3.23"]


ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors"},
    "properties": set[str](),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "system-out": set[str](),
}
"""The elements that we need of Jenkins' schema (junit-10.xsd), and the attributes that it knows and we give."""


def test_junit_has_the_elements_and_attributes_of_the_schema_alone() -> None:
    for element in ET.fromstring(junit(FOUND).encode()).iter():
        assert {*element.attrib} == ALLOWED[element.tag], element.tag


def test_junit_holds_what_went_wrong_whatever_its_characters() -> None:
    case = suites()["web on alpine:3.23"].findall("testcase")[2]
    assert case.get("name") == "check 2: jq, yq: 100%"
    failure = case.find("failure")
    assert failure is not None
    assert failure.text == "jq, yq: 100%: exit status 127, expected 0\nred 100%\n::error::x ]]> <b> &amp;  "


def test_a_sandbox_that_did_not_come_about_is_an_error_of_its_installation() -> None:
    case = suites()["c on debian"].find("testcase")
    assert case is not None
    error = case.find("error")
    assert error is not None
    assert (case.get("name"), error.get("message")) == ("install", "no mirror answers")


def test_annotations_stand_at_the_line_of_the_check_and_are_one_line_each() -> None:
    lines = workflow_commands(FOUND, {"web": ("sandboxes/web, old.yaml", (5, 7))}).splitlines()
    assert lines[0].startswith(
        "::error file=sandboxes/web%2C old.yaml,line=7,title=web on alpine%3A3.23::"
        "check 2: jq, yq: 100%25: exit status 127, expected 0%0Ared 100%25%0A::error::x"
    )
    assert [line.partition("::error ")[0] for line in lines] == ["", "", ""]


def test_a_table_that_does_not_fit_shows_what_is_busy_and_what_failed() -> None:
    cells = [cell(f"spec{number}", "debian") for number in range(50)]
    table = LiveTable(cells)
    table.began(cells[40], "e")
    table.now(cells[40], "install")
    table.end(BAD.__class__(cell=cells[45], status="failed", seconds=1.0))
    text = table.text(60, 8)
    assert len(text.splitlines()) <= 8
    assert "spec40 on debian   0.0 s install" in text
    assert "spec45 on debian   ✗ 1.0 s" in text
    assert text.endswith("1 of 50 done, 0.0 s")
    assert all(len(line) < 60 for line in text.splitlines())
