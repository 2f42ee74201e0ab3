"""An inspection of a language's packages: what came beside the distro's, what it needs, and that it goes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import ARCHIVE, Deb, Debian, debian_engine
from tests.unit.fakes.host import host_in, request_for

from sandbox.commands.inspect import inspect
from sandbox.container.languages import MARK
from sandbox.core.signals import Guard
from sandbox.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.fakes.inside import Answer, Inside

    from sandbox.engine.protocol import ExecSpec
    from sandbox.inspect.findings import Inspection

HOME: Final = "/opt/pip/httpie"
INFO: Final = f"{HOME}/lib/python3.11/site-packages/{{}}.dist-info"
HTTPIE: Final = "Name: httpie\nVersion: 3.2.2\nLicense: BSD\nRequires-Dist: rich\n"
RUNTIME: Final = {"python3": Deb("3.11"), "python3-venv": Deb("3.11"), "ca-certificates": Deb("2023")}


class Pip(Debian):
    """A Debian in which pip puts httpie, and rich that it needs, into /opt/pip; `stays`: a removal leaves them."""

    stays = False
    status = 0

    def __call__(self, box: Inside, spec: ExecSpec, stdin: bytes) -> Answer:
        line = " ".join(spec.argv)
        if MARK in line:
            return 0, self.listing(box), b""
        if spec.argv[-1:] == ("httpie",) and "pip install" in line:
            return self.install(box)
        if spec.argv[-1:] == ("httpie",) and "rm -rf" in line:
            if not self.stays:
                box.tree.remove(HOME)
            return 0, b"", b""
        return super().__call__(box, spec, stdin)

    def install(self, box: Inside) -> Answer:
        if self.status:
            return self.status, b"", b"ERROR: No matching distribution found for httpie\n"
        box.tree.write(f"{INFO.format('httpie-3.2.2')}/METADATA", HTTPIE.encode())
        box.tree.write(f"{INFO.format('rich-13')}/METADATA", b"Name: rich\nVersion: 13\n")
        box.tree.write(f"{HOME}/bin/http", b"#!", mode=0o755)
        return 0, b"Successfully installed httpie-3.2.2 rich-13\n", b""

    def listing(self, box: Inside) -> bytes:
        rows: Sequence[str] = ()
        if box.tree.get(HOME) is not None:
            rows = (f"4\t{HOME}", *(INFO.format(name) for name in ("httpie-3.2.2", "rich-13")))
        return "\n".join((f"{MARK} pip", *rows, "")).encode()


def inspected(folder: Path, debian: Pip, *more: str) -> Inspection:
    debian.archive = {**ARCHIVE, **RUNTIME}
    engine: FakeEngine = debian_engine(debian)
    host = host_in(folder)
    session = host.session(engine)
    try:
        given = request_for("pip:httpie", *more)
        return inspect(given, host, session=session, reporter=FakeReporter(), guard=Guard()).inspection
    finally:
        assert engine.containers_known == []


def test_what_came_is_of_the_language_and_of_the_distro_which_brings_its_manager(tmp_path: Path) -> None:
    found = inspected(tmp_path, Pip())
    rows = {row.name: row for row in found.footprint.packages}
    assert set(rows) == {"pip:httpie", "pip:rich", *RUNTIME}
    assert (rows["pip:httpie"].version, rows["pip:httpie"].asked, rows["pip:httpie"].licence) == ("3.2.2", True, "BSD")
    assert rows["pip:rich"].needed_by == ("pip:httpie",)
    assert found.residue.is_clean


def test_a_package_of_the_distro_that_was_there_before_is_not_removed_with_it(tmp_path: Path) -> None:
    debian = Pip()
    found = inspected(tmp_path, debian, "bash")
    assert found.residue.is_clean
    (removal,) = (line for line in debian.asked if "apt-get" in line and "purge" in line)
    assert ("python3-venv" in removal, "bash" in removal) == (True, False)


def test_what_its_files_are_is_no_finding_of_no_package(tmp_path: Path) -> None:
    assert inspected(tmp_path, Pip()).footprint.of("unowned") == ()


def test_what_its_removal_leaves_is_told(tmp_path: Path) -> None:
    debian = Pip()
    debian.stays = True
    left = inspected(tmp_path, debian).residue
    assert not left.is_clean
    assert {row.what for row in left.of("package")} == {"pip:httpie", "pip:rich"}


def test_a_package_that_its_index_does_not_have_is_a_failed_step(tmp_path: Path) -> None:
    debian = Pip()
    debian.status = 1
    with pytest.raises(StepFailed, match="httpie"):
        inspected(tmp_path, debian)
