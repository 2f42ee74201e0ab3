"""What is said of an installer: nothing of packages or purges, and how it and its undo ended."""

from __future__ import annotations

from msgspec.structs import replace
from tests.unit.inspect.measuring import measured

from sandbox.inspect.comparison import ComparedTarget, Comparison, table
from sandbox.inspect.facts import Stray
from sandbox.inspect.findings import Finding, Inspection, RanInstaller, Residue, ResidueItem
from sandbox.inspect.verdict import verdict
from sandbox.report.inspect_html import Provenance, inspection_html
from sandbox.report.inspect_markdown import inspection_md
from sandbox.report.inspect_text import screen

RAN = RanInstaller(name="./install.sh", command="./install.sh -y", user="root", status=0)
NOTHING = Residue()
LEFT = Residue(left=(ResidueItem(kind="user", what="agent"), ResidueItem(kind="file", what="/etc/agent")))


def inspection(ran: RanInstaller = RAN, residue: Residue = NOTHING) -> Inspection:
    """Return an inspection of an installer that brought what a package of the other tests does."""
    strays = (Finding(kind="unowned", what="/opt/agent/bin", fact=Stray(what="file")),)
    found = replace(measured(), packages=(), recommended=None, findings=strays)
    return Inspection(
        packages=(),
        distro="debian bookworm",
        base="sha256:aa",
        manager="apt",
        verdict=verdict(found, residue, installer=ran),
        footprint=found,
        residue=residue,
        seconds=2.0,
        install_seconds=1.0,
        installer=ran,
    )


def texts(found: Inspection) -> list[str]:
    return [sentence.text for sentence in found.verdict]


def test_no_output_speaks_of_a_purge_or_of_nothing_that_came() -> None:
    found = inspection(replace(RAN, undo="./install.sh --remove", before=("curl",)), LEFT)
    made = Provenance(date="today", version="1", command="sandbox inspect --run ./install.sh")
    side = table(Comparison(candidates=(ComparedTarget(name="a", inspection=found),), seconds=1.0))
    pages = (screen(found), screen(found, everything=True), inspection_md(found), inspection_html(found, made))
    for page in (*pages, "\n".join(texts(found))):
        assert "urg" not in page.replace("surg", "")
        assert "No package was installed" not in page
        assert "nothing to" not in page
    assert "curl: installed before it, and not counted" in pages[0]
    assert dict(zip(*[[row[at] for row in side] for at in (0, 1)], strict=True))["after purge"] == "1 user and 1 file"


def test_how_it_ended_comes_first_and_its_undo_last() -> None:
    said = texts(inspection(replace(RAN, status=3, said="no space", missing=("curl",))))
    assert said[0] == "The installer failed: ./install.sh ended with status 3 and said: no space."
    assert said[1] == "It called curl, and it is not in this base: name the package that has it."
    assert said[-1] == "Whether it can be taken back was not tried: no --undo was given."
    asked = texts(inspection(replace(RAN, status=None, question="Go on? [y/N]")))
    assert asked[0] == "The installer failed: ./install.sh asked “Go on? [y/N]”, and there is no answer to it."
    late = texts(inspection(replace(RAN, status=None, is_late=True, limit=900.0, said="working")))
    assert late[0] == "The installer failed: ./install.sh was still running after 900 s, and said last: working."


def test_an_undo_that_failed_or_left_something_is_told() -> None:
    ran = replace(RAN, undo="./install.sh --remove")
    assert texts(inspection(ran))[-1] == "Its undo leaves no trace."
    assert texts(inspection(ran, LEFT))[-1] == "Its undo leaves 1 user and 1 file."
    failed = texts(inspection(ran, replace(LEFT, failure="./install.sh ended with status 2 and said: no")))
    assert failed[-1] == (
        "The undo failed: ./install.sh ended with status 2 and said: no; it leaves 1 user and 1 file."
    )
    assert "Can't be purged" not in " ".join(failed)


def test_a_comparison_says_of_each_installer_whether_its_undo_was_tried_and_how_it_ended() -> None:
    tried = replace(RAN, undo="./install.sh --remove")
    found = (inspection(), inspection(tried), inspection(tried, replace(LEFT, failure="./install.sh ended")))
    targets = tuple(ComparedTarget(name=name, inspection=one) for name, one in zip("abc", found, strict=True))
    rows = {row[0]: row[1:] for row in table(Comparison(candidates=targets, seconds=1.0))}
    assert rows["after purge"] == ("no --undo", "clean", "undo failed")


def test_what_it_puts_on_the_path_is_told() -> None:
    said = texts(inspection(replace(RAN, on_path=("/opt/agent/bin",))))
    assert "Puts /opt/agent/bin on the PATH of shells." in said
    assert any(text.startswith("Brings 1 path that no package owns") for text in said)
