"""The pages of a display are the regular files of a folder, as a container gives it."""

from __future__ import annotations

import tarfile

from tests.unit.snapshots import archive, member

from sandbox.provision.display.pages import regular_files


def test_what_is_no_regular_file_is_passed_over_and_what_comes_after_it_is_not() -> None:
    link = member("novnc/index.html", link="vnc.html")
    assert link.type == tarfile.SYMTYPE
    packed = archive([(member("novnc/"), b""), (link, b""), (member("novnc/vnc.html"), b"<p>")])
    assert regular_files(iter([packed])) == {"vnc.html": b"<p>"}
