"""The proof of an install script in a container of its own: each claim it makes, and what is said of one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import AUTO, BASE, Deb, Debian, append, debian_engine, recorded
from tests.unit.fakes.host import host_in
from tests.unit.fakes.records import record_of

from sandbox.commands.promote import latest, verify_and_record
from sandbox.distros.registry import DISTROS
from sandbox.errors import (
    Advice,
    CheckFailed,
    Denied,
    EngineError,
    Interrupted,
    NoEngine,
    PullFailed,
    SandboxDied,
    StepFailed,
)
from sandbox.lifecycle.journal import Journal, Record, RecordedPackage
from sandbox.managers.apt.driver import EXTENDED_STATES
from sandbox.promote.promotion import promotion_of
from sandbox.promote.verify import Look, prove
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.unit.fakes.inside import Answer, Inside

    from sandbox.lifecycle.proof import Proof, ProofCheck
    from sandbox.promote.formats.base import Promotion

RECORD = record_of(RecordedPackage(name="htop", version="3.2.2-2"), name="mine", image_id=BASE.id)


class Proving:
    """A proof of what installs htop, with what came of it."""

    def __init__(self, folder: Path) -> None:
        self.debian = Debian(promoted=("htop",))
        self.engine: FakeEngine = debian_engine(self.debian)
        self.host, self.reporter = host_in(folder), FakeReporter()
        self.record = RECORD

    def run(self) -> tuple[Proof, Promotion]:
        promotion = promotion_of(self.record, DISTROS)
        found = prove(promotion, host=self.host, engine=self.engine, reporter=self.reporter)
        assert self.engine.containers_known == []
        return found

    def failed(self) -> ProofCheck:
        """Return the one check that does not pass."""
        proof, _ = self.run()
        [check] = [check for check in proof.checks if not check.passed]
        assert not proof.passed
        return check

    def when(self, *wanted: str, act: Callable[[Inside], object]) -> None:
        """Let something happen behind the script's run with these options."""
        plain = self.debian.run_script

        def run(box: Inside, options: Sequence[str]) -> Answer:
            answer = plain(box, options)
            if tuple(options) == (*wanted, "-y"):
                act(box)
            return answer

        self.debian.run_script = run  # type: ignore[method-assign]


@pytest.fixture
def proving(tmp_path: Path) -> Proving:
    return Proving(tmp_path)


def test_a_script_that_keeps_its_promises_passes_all_four(proving: Proving) -> None:
    proof, promotion = proving.run()
    assert [(check.name, check.passed, check.differences) for check in proof.checks] == [
        (name, True, ()) for name in ("install", "again", "uninstall", "purge")
    ]
    assert (proof.passed, proof.image_id, promotion.proof) == (True, BASE.id, proof)


def test_a_package_of_the_distro_that_was_there_before_may_stay(proving: Proving) -> None:
    proving.record = replace_packages(*RECORD.packages, RecordedPackage(name="bash", version=""))
    proof, _ = proving.run()
    assert [check.differences for check in proof.checks] == [()] * 4


def test_a_version_that_nobody_had_seen_is_that_of_the_proof(proving: Proving) -> None:
    proving.record = replace_packages(RecordedPackage(name="htop", version=""))
    _, promotion = proving.run()
    assert [row.version for row in promotion.packages] == ["3.2.2-2"]


def replace_packages(*packages: RecordedPackage) -> Record:
    return replace(RECORD, packages=packages)


def test_a_script_that_fails_ends_the_proof_with_what_it_said(proving: Proving) -> None:
    proving.debian.fails["install.sh -y"] = (100, recorded("2.6-unmet.txt"))
    check = proving.failed()
    assert (check.name, check.differences[0]) == ("install", "exit status 100")
    assert len(check.differences) > 1
    assert not check.has_moved
    assert not any("--uninstall" in line for line in proving.debian.asked)


def test_another_version_than_in_the_sandbox_is_a_difference(proving: Proving) -> None:
    proving.debian.archive = {**proving.debian.archive, "htop": Deb("3.3.0-1")}
    check = proving.failed()
    assert (check.differences, check.has_moved) == (("htop is 3.3.0-1, but was 3.2.2-2",), True)


def test_a_version_that_the_index_has_no_more_has_moved_on_by_the_managers_own_words(proving: Proving) -> None:
    proving.debian.fails["install.sh -y"] = (100, b"E: Version '3.2.2-2' for 'htop' was not found\n")
    assert proving.failed().has_moved


def test_a_package_that_did_not_come_and_one_too_many_are_differences(proving: Proving) -> None:
    proving.debian.promoted = ("jq",)
    assert proving.failed().differences == ("htop is not installed", "jq is marked as asked for too")


def test_a_second_run_that_changes_something_is_told(proving: Proving) -> None:
    seen: list[int] = []

    def more(box: Inside) -> None:
        seen.append(1)
        if len(seen) == 2:
            proving.debian.unpack(box, "jq", is_auto=True)

    proving.when(act=more)
    proof, _ = proving.run()
    assert [check.differences for check in proof.checks if check.name == "again"] == [("+ jq 1.6-2",)]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda work, box: work.debian.unpack(box, "jq", is_auto=False), "+ jq"),
        (lambda _, box: box.tree.remove("/usr/bin/bash"), "- /usr/bin/bash"),
    ],
)
def test_an_uninstall_that_leaves_or_takes_too_much_is_told(
    proving: Proving, act: Callable[[Proving, Inside], object], said: str
) -> None:
    proving.when("--uninstall", act=lambda box: act(proving, box))
    proof, _ = proving.run()
    assert said in next(check.differences for check in proof.checks if check.name == "uninstall")


def test_an_uninstall_that_changes_a_mark_is_told(proving: Proving) -> None:
    proving.when("--uninstall", act=lambda box: append(box, EXTENDED_STATES, AUTO.format(name="bash")))
    proof, _ = proving.run()
    assert "bash is no longer marked as asked for" in next(
        row.differences for row in proof.checks if row.name == "uninstall"
    )


def test_a_purge_that_takes_data_is_told(proving: Proving) -> None:
    proving.when(act=lambda box: box.tree.write("/srv/data", b"mine"))
    proving.when("--purge", act=lambda box: box.tree.remove("/srv/data"))
    check = proving.failed()
    assert (check.name, check.differences) == ("purge", ("- /srv/data, data",))


@pytest.mark.parametrize("method", ["create", "attach", "start", "open"])
def test_where_it_can_not_begin_that_is_said_and_nothing_is_left(proving: Proving, method: str) -> None:
    proving.engine.failing[method] = [Denied("not allowed")]
    with pytest.raises(Denied, match="not allowed"):
        proving.run()
    assert proving.engine.containers_known == []


def test_a_preparation_that_fails_is_said_with_what_it_said(proving: Proving) -> None:
    proving.debian.fails['cat >"'] = (1, b"No space left on device\n")
    with pytest.raises(StepFailed, match="the proof could not start: sh ended with status 1") as caught:
        proving.run()
    assert caught.value.details == (("it said", "No space left on device"),)
    assert Advice.sandbox("promote", "--no-verify") in caught.value.hints


@pytest.mark.parametrize("word", ["install.sh -y", "--uninstall"])
def test_a_container_that_dies_under_it_is_said(proving: Proving, word: str) -> None:
    proving.debian.on[word] = lambda box: proving.engine.kill(box.ident, signals=(9,))
    with pytest.raises(SandboxDied, match="another client of the engine"):
        proving.run()
    assert proving.engine.containers_known == []


def test_a_signal_in_the_middle_leaves_nothing(proving: Proving) -> None:
    def come(_box: Inside) -> None:
        raise Interrupted(15)

    proving.debian.on["install.sh -y"] = come
    with pytest.raises(Interrupted):
        proving.run()
    assert proving.engine.containers_known == []


def test_a_container_that_can_not_be_removed_is_a_warning(proving: Proving) -> None:
    proving.engine.failing["remove"] = [EngineError("device busy")]
    assert proving.run()[0].passed
    assert any("could not be removed" in text for text in proving.reporter.warnings)


def test_a_base_that_is_gone_is_pulled_and_where_it_can_not_be_that_is_said(proving: Proving) -> None:
    proving.engine.images_known.clear()
    assert proving.run()[0].image_id == "sha256:pulled"
    proving.engine.images_known.clear()
    proving.engine.failing["pull"] = [PullFailed("no network")]
    with pytest.raises(PullFailed, match="no network"):
        proving.run()


def test_the_hosts_mirror_and_certificates_are_there_before_the_script(proving: Proving) -> None:
    folder = proving.host.state_folder
    (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")
    settings = Settings(mirrors={"debian": "http://mirror.example/debian"}, ca=str(folder / "ca.pem"))
    proving.host = host_in(folder, settings=settings)
    assert proving.run()[0].passed
    first = next(place for place, line in enumerate(proving.debian.asked) if "install.sh -y" in line)
    assert any("mirror.example" in line for line in proving.debian.asked[:first])


def test_a_proof_that_passed_is_in_the_journal(proving: Proving) -> None:
    proving.host.journal.write(RECORD)
    promotion = promotion_of(RECORD, DISTROS)
    verify_and_record(promotion, RECORD, host=proving.host, engine=proving.engine, reporter=proving.reporter)
    [record] = proving.host.journal.records()
    assert record.proof is not None
    assert record.proof.passed


def test_a_proof_that_failed_is_refused_unless_forced_and_in_the_journal_either_way(proving: Proving) -> None:
    proving.debian.promoted = ("jq",)
    promotion = promotion_of(RECORD, DISTROS)
    given = {"host": proving.host, "engine": proving.engine, "reporter": proving.reporter}
    with pytest.raises(CheckFailed):
        verify_and_record(promotion, RECORD, **given)  # type: ignore[arg-type]
    assert [record.proof.passed for record in proving.host.journal.records() if record.proof] == [False]
    found = verify_and_record(promotion, None, **given, force=True)  # type: ignore[arg-type]
    assert found.proof is not None
    assert any("FAILED, but written because of --force" in text for _, text in proving.reporter.told)


def test_a_journal_that_can_not_be_written_costs_a_warning(proving: Proving) -> None:
    (proving.host.state_folder / "file").write_text("")
    host = host_in(proving.host.state_folder, journal=Journal(proving.host.state_folder / "file" / "journal"))
    promotion = promotion_of(RECORD, DISTROS)
    found = verify_and_record(promotion, RECORD, host=host, engine=proving.engine, reporter=proving.reporter)
    assert found.proof is not None
    assert ["journal" in text for text in proving.reporter.warnings] == [True]


def test_a_record_whose_sandbox_is_gone_or_whose_engine_is_silent_is_as_it_was(proving: Proving) -> None:
    assert latest(RECORD, proving.host, lambda: proving.engine) is RECORD

    def silent() -> FakeEngine:
        raise NoEngine("nothing answers")

    assert latest(RECORD, proving.host, silent) is RECORD


@pytest.mark.parametrize("asked", ["jq", "jq:amd64", "jq.amd64"])
def test_a_package_that_was_asked_for_by_its_architecture_is_the_one_that_came(asked: str) -> None:
    before = Look(versions={("", "base", "amd64"): "1"}, explicit=frozenset(("base",)))
    after = Look(
        versions={**before.versions, ("", "jq", "amd64"): "1.6", ("pip", "jq", ""): "2"},
        explicit=frozenset(("base", "jq", "pip:jq")),
    )
    assert after.by_name[asked] == {"1.6"}
    assert after.other_explicit(before, {asked}) == ["pip:jq"]
    assert after.other_explicit(before, {"jq:i386"}) == ["jq", "pip:jq"]
