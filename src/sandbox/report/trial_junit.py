"""A matrix of trials as JUnit XML: a suite a cell, a case for its installation and for each of its checks.

The format is nobody's standard; what is written is what the schema that Jenkins publishes allows (junit-10.xsd of its
xunit plugin), in the order it wants.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from sandbox.core.plaintext import plain

if TYPE_CHECKING:
    from sandbox.trials.results import CellResult, CheckResult, TrialResult

NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""


def junit(found: TrialResult) -> str:
    """Return the document; a failed check is a failure, a sandbox that could not be created an error."""
    root = ET.Element("testsuites", name="sandbox trial", time=f"{found.seconds:.3f}")
    for row in found.cells:
        root.append(_suite(row))
    for word in ("tests", "failures", "errors"):
        root.set(word, str(sum(int(suite.get(word, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(row: CellResult) -> ET.Element:
    cases = [_installation(row), *(_case(row, check) for check in row.checks), *_sameness(row)]
    suite = ET.Element(
        "testsuite",
        name=_clean(row.cell.title),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        time=f"{row.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("distro", row.cell.distro), ("engine", row.engine), ("attempts", str(row.attempts))):
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    suite.extend(cases)
    if row.log:
        ET.SubElement(suite, "system-out").text = _clean(f"log: {row.log}")
    return suite


def _element(row: CellResult, name: str, seconds: float) -> ET.Element:
    group = _clean(row.cell.title.replace(".", "_"))  # consumers treat a dot as the end of a package name
    return ET.Element("testcase", classname=group, name=_clean(name), time=f"{seconds:.3f}")


def _installation(row: CellResult) -> ET.Element:
    case = _element(row, "install", row.install)
    if row.problem:
        text = "\n".join([row.problem, *(f"{label}: {said}" for label, said in row.details)])
        ET.SubElement(case, "error", message=_clean(row.problem), type="installation").text = _clean(text)
    return case


def _case(row: CellResult, check: CheckResult) -> ET.Element:
    case = _element(row, f"check {check.number}: {check.title}", check.seconds)
    if check.problem:
        text = f"{check.title}: {check.problem}\n{check.output}".rstrip()
        ET.SubElement(case, "failure", message=_clean(check.problem), type="check").text = _clean(text)
    return case


def _sameness(row: CellResult) -> list[ET.Element]:
    if not row.differences:
        return []
    case = _element(row, "second run", 0.0)
    text = "\n".join(row.differences)
    ET.SubElement(case, "failure", message=_clean(row.differences[0]), type="difference").text = _clean(text)
    return [case]


def _clean(text: str) -> str:
    return NO_XML.sub("", plain(text))
