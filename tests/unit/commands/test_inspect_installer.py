"""An installer in place of packages: it runs where a package would be installed, and its undo where one is purged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.commands.test_inspect import Inspector, raises, texts
from tests.unit.commands.test_try import Trial

from sandbox.errors import StepFailed, TooLong, UsageError
from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
from sandbox.promote.promotion import excluded_notes, promotion_of
from sandbox.provision.installer_source import find_installer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.fakes.inside import Inside

    from sandbox.provision.installer import Installer

UNDO = "./install.sh --remove"


@pytest.fixture
def inspector(tmp_path: Path) -> Inspector:
    return Inspector(tmp_path)


@pytest.fixture
def installer(tmp_path: Path) -> Installer:
    (tmp_path / "install.sh").write_text("#!/bin/sh\n")
    return find_installer("./install.sh", tmp_path, command=("--yes",))


def install(box: Inside) -> None:
    box.tree.write("/usr/local/bin/agent", b"#!", mode=0o755)
    box.tree.write("/etc/cron.d/agent", b"* * * * * root agent\n")


def prepared(inspector: Inspector) -> Inspector:
    """Return it with what the programs of the sandbox do for an installer."""
    inspector.debian.on["mkdir -p /installer"] = lambda box: box.tree.write("/installer/.", b"")
    inspector.debian.on["./install.sh --yes"] = install
    inspector.debian.own["./install.sh --yes"] = (0, b"7\r\nInstalling\r\nDone.\r\n", b"")
    inspector.debian.own[UNDO] = (0, b"8\r\nRemoved.\r\n", b"")
    return inspector


def test_what_an_installer_brings_is_told_without_a_purge(inspector: Inspector, installer: Installer) -> None:
    found = prepared(inspector).run("jq", installer=installer)
    assert found.installer is not None
    assert (found.packages, found.installer.before) == ((), ("jq",))
    assert (found.installer.status, found.installer.said, found.installer.user) == (0, "Done.", "root")
    assert found.footprint.packages == ()
    assert found.footprint.commands == ("agent",)
    assert [row.what for row in found.footprint.of("cron")] == ["/etc/cron.d/agent"]
    assert {row.what for row in found.footprint.of("unowned")} == {"/usr/local/bin/agent", "/etc/cron.d/agent"}
    assert found.residue.is_clean
    assert "no --undo was given" in texts(found)
    assert not [line for line in inspector.debian.asked if "purge" in line]


def test_its_undo_is_run_and_what_it_forgets_is_told(inspector: Inspector, installer: Installer) -> None:
    prepared(inspector).debian.on[UNDO] = lambda box: box.tree.remove("/usr/local/bin/agent")
    found = inspector.run(installer=replace(installer, undo=UNDO))
    assert [(row.kind, row.what) for row in found.residue.left] == [("file", "/etc/cron.d/agent")]
    assert texts(found).endswith("Its undo leaves 1 file.")


def test_where_a_shells_start_waits_for_somebody_nothing_is_said_of_its_path(
    inspector: Inspector, installer: Installer
) -> None:
    prepared(inspector).debian.on['sed -n "s/^ *PATH='] = raises(TooLong("sh was still running"))
    found = inspector.run(installer=installer)
    assert found.installer is not None
    assert (found.installer.status, found.installer.on_path) == (0, ())


def test_one_that_fails_is_measured_all_the_same(inspector: Inspector, installer: Installer) -> None:
    prepared(inspector).debian.own["./install.sh --yes"] = (3, b"7\r\nno space\r\n", b"")
    found = inspector.run(installer=installer)
    assert texts(found).startswith("The installer failed: ./install.sh ended with status 3 and said: no space.")
    assert found.footprint.commands == ("agent",)


def test_its_own_folder_is_none_of_what_it_brings(inspector: Inspector, installer: Installer) -> None:
    prepared(inspector).debian.on["./install.sh --yes"] = lambda box: box.tree.write("/installer/build/x", b"x")
    found = inspector.run(installer=installer)
    assert "Changed nothing outside its own folder." in texts(found)


def tried(folder: Path, installer: Installer) -> Trial:
    trial = Trial(folder)
    trial.debian.on["mkdir -p /installer"] = lambda box: box.tree.write("/installer/.", b"")
    trial.debian.on["./install.sh --yes"] = install
    trial.debian.own["./install.sh --yes"] = (0, b"7\r\nDone.\r\n", b"")
    assert installer.argv == ("./install.sh", "--yes")
    return trial


def test_a_trial_runs_it_behind_the_packages_and_records_what_no_promotion_has(
    tmp_path: Path, installer: Installer
) -> None:
    trial = tried(tmp_path, installer)
    assert trial.run("jq", installer=installer).status == 0
    lines = trial.debian.asked
    first = next(at for at, line in enumerate(lines) if "./install.sh --yes" in line)
    assert next(at for at, line in enumerate(lines) if "install" in line and "jq" in line) < first
    assert first < next(at for at, line in enumerate(lines) if "echo hi" in line)
    [record] = trial.host.journal.records()
    assert record.installer == "./install.sh"
    assert excluded_notes(record) == ("installer ./install.sh: it is not a package",)


def test_a_trial_without_a_terminal_ends_where_it_fails(tmp_path: Path, installer: Installer) -> None:
    trial = tried(tmp_path, installer)
    trial.debian.own["./install.sh --yes"] = (3, b"7\r\nno space\r\n", b"")
    error = trial.fail(installer=installer, expected=StepFailed)
    assert error.brief == "./install.sh ended with status 3 and said: no space"


def test_a_session_of_an_installer_alone_says_why_there_is_nothing_to_promote(
    tmp_path: Path, installer: Installer
) -> None:
    trial = tried(tmp_path, installer)
    trial.run(installer=installer)
    [record] = trial.host.journal.records()
    with pytest.raises(UsageError, match=r"ran \./install\.sh, which is not a package"):
        promotion_of(record, trial.host.rows())


def test_what_was_not_taken_back_is_not_known_to_leave_nothing(inspector: Inspector, installer: Installer) -> None:
    found = prepared(inspector).run(installer=installer)
    assert found.unknown == ("residue",)
    assert fail_on_error({"": found}, parse_fail_on("residue")) is not None
