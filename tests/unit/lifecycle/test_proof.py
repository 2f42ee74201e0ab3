"""What is kept of a script that failed in its proof."""

from __future__ import annotations

from sandbox.lifecycle.proof import EVIDENCE, evidence

OWN = "error: the install failed with status 100; installed so far: nothing\nrun it again to carry on\n"


def test_the_managers_errors_are_kept_however_its_two_streams_came_together() -> None:
    said = "E: Version '3.0' for 'lab-snap' was not found\n"
    output = f"{said}Package lab-snap is not available\n" + "This may mean\n" * EVIDENCE + OWN
    assert evidence(f"+ env LC_ALL=C.UTF-8 apt-get install lab-snap=3.0\n{said}{OWN}", output)[0] == said.strip()


def test_what_a_manager_says_on_standard_output_is_kept_where_the_errors_are_only_the_scripts_own() -> None:
    said = "!!! All ebuilds that could satisfy lab-snap have been masked.\n"
    assert said.strip() in evidence(f"+ emerge lab-snap\n{OWN}", f"{said}\n{OWN}")


def test_no_more_is_kept_than_can_be_read() -> None:
    assert evidence("E: x\n" * 100, "") == ["E: x"] * EVIDENCE
