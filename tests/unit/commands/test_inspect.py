"""What an inspection says of packages: what came, what listens, what a purge leaves, and what could not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import PROCESSES, SURVEY, Deb, Debian, debian_engine, recorded
from tests.unit.fakes.host import host_in, request_for

from sandbox.commands.inspect import inspect
from sandbox.core.signals import Guard
from sandbox.errors import Denied, EngineError, Interrupted, SandboxDied, StepFailed, TooLong, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.fakes.inside import Inside

    from sandbox.inspect.findings import Inspection

CRON = Deb("1.0", {"/usr/bin/tick": "#!", "/etc/cron.d/tick": "* * * * * root tick\n"}, stays=("/var/lib/tick/state",))


class Inspector:
    """An inspection of packages, with what it said meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.debian = Debian()
        self.debian.archive = {**self.debian.archive, "tick": CRON}
        self.engine: FakeEngine = debian_engine(self.debian)
        self.host, self.reporter, self.guard = host_in(folder), FakeReporter(), Guard()

    def run(self, *packages: str, listens: bool = False, **given: Any) -> Inspection:
        request = request_for(*packages, **given)
        session = self.host.session(self.engine)
        found = inspect(
            request, self.host, session=session, reporter=self.reporter, guard=self.guard, listens=listens
        ).inspection
        assert self.engine.containers_known == []
        return found

    def fail(self, *packages: str, expected: type[BaseException], **given: Any) -> Any:
        with pytest.raises(expected) as caught:
            self.run(*packages, **given)
        assert self.engine.containers_known == []
        assert self.guard.cleaning
        return caught.value

    def at(self, text: str, number: int, act: Callable[[Inside], object]) -> None:
        """Do something at the command of that text when it comes for the number-th time, counted from 1."""
        seen: list[int] = []

        def come(box: Inside) -> None:
            seen.append(1)
            if len(seen) == number:
                act(box)

        self.debian.on[text] = come


@pytest.fixture
def inspector(tmp_path: Path) -> Inspector:
    return Inspector(tmp_path)


def texts(found: Inspection) -> str:
    return " ".join(sentence.text for sentence in found.verdict)


def raises(error: BaseException) -> Callable[[Inside], None]:
    def fail(_box: Inside) -> None:
        raise error

    return fail


def test_what_came_is_told_with_its_versions_commands_and_sizes(inspector: Inspector) -> None:
    found = inspector.run("htop")
    rows = [(row.name, row.version, row.asked) for row in found.footprint.packages]
    assert rows == [("htop", "3.2.2-2", True), ("libnl-3-200", "3.7.0-1", False)]
    assert (found.footprint.commands, found.footprint.claimed) == (("htop",), 8192)
    assert found.base.startswith("sha256:cd")
    assert (found.residue.is_clean, found.unknown) == (True, ())


def test_the_look_at_the_new_files_ends_with_what_came_and_how_many_paths(inspector: Inspector) -> None:
    inspector.run("htop")
    look = inspector.reporter.told.index(("look", "at the new files"))
    assert inspector.reporter.told[look + 1] == ("title", "htop 3.2.2-2 and 1 dependency: 7 paths")


def test_what_a_purge_leaves_is_told(inspector: Inspector) -> None:
    found = inspector.run("tick")
    assert [finding.what for finding in found.footprint.of("cron")] == ["/etc/cron.d/tick"]
    assert {left.what for left in found.residue.left} >= {"/var/lib/tick/state"}
    assert "Purging leaves" in texts(found)


def test_a_service_is_started_and_the_port_it_opens_is_told(inspector: Inspector) -> None:
    inspector.debian.listens = (80,)
    found = inspector.run("nginx")
    assert [(row.name, row.runs) for row in found.footprint.started] == [("nginx", True)]
    assert [finding.what for finding in found.footprint.of("ports")] == ["80/tcp"]
    assert inspector.debian.serving == set()


def test_a_service_that_ends_at_once_leaves_its_ports_unknown(inspector: Inspector) -> None:
    inspector.debian.own["exec /usr/sbin/nginx"] = (1, b"", b"")
    found = inspector.run("nginx")
    assert "nginx ended at once in the sandbox, so inspect could not see which ports it may open." in found.unseen
    assert "ports" in found.unknown


def test_where_nothing_is_asked_for_there_is_nothing_to_inspect(inspector: Inspector) -> None:
    assert "no package to inspect" in inspector.fail(expected=UsageError).brief
    assert inspector.engine.created == []


@pytest.mark.parametrize("method", ["attach", "start"])
def test_a_sandbox_that_can_not_be_born_leaves_nothing(inspector: Inspector, method: str) -> None:
    inspector.engine.failing[method] = [Denied("not allowed")]
    assert inspector.fail("htop", expected=Denied).brief == "not allowed"


def test_an_install_that_fails_is_said_with_its_cause(inspector: Inspector) -> None:
    inspector.debian.fails["install"] = (100, recorded("2.6-postinst.txt"))
    assert inspector.fail("htop", expected=StepFailed).cause == "script"


@pytest.mark.parametrize("moment", ["update", "install", "purge"])
def test_a_sandbox_that_dies_under_it_is_said(inspector: Inspector, moment: str) -> None:
    inspector.debian.on[moment] = lambda box: inspector.engine.kill(box.ident, signals=(9,))
    assert "another client" in inspector.fail("htop", expected=SandboxDied).brief


def test_a_signal_in_the_middle_leaves_nothing(inspector: Inspector) -> None:
    inspector.debian.on["purge"] = raises(Interrupted(15))
    assert inspector.fail("htop", expected=Interrupted).status == 143


def test_a_purge_that_is_refused_is_told_in_the_managers_own_words(inspector: Inspector) -> None:
    inspector.debian.fails["purge"] = (100, b"E: Sub-process /usr/bin/dpkg returned an error code (1)\n")
    found = inspector.run("tick")
    assert found.residue.failure
    assert not found.residue.is_clean
    assert [left.what for left in found.residue.of("package")] == ["tick"]


def test_a_purge_whose_script_fails_is_told_as_one_of_a_script(inspector: Inspector) -> None:
    inspector.debian.fails["purge"] = (100, recorded("2.6-postinst.txt"))
    assert inspector.run("tick").residue.failure == "a script of the packages refused the removal or failed"


def test_a_purge_that_does_not_end_is_told_with_what_it_waits_for(inspector: Inspector) -> None:
    inspector.debian.on["purge"] = raises(TooLong("it had not ended"))
    assert "apt-get was still running after 600 s" in inspector.run("tick").residue.failure


def test_a_dependency_that_a_purge_leaves_is_told_and_not_purged_by_its_own_name(inspector: Inspector) -> None:
    inspector.debian.unneeded = lambda _box, _going: []  # type: ignore[method-assign, assignment]
    found = inspector.run("htop")
    assert [row.what for row in found.residue.of("package")] == ["libnl-3-200"]


def test_what_a_virtual_name_brought_is_purged_by_its_own(inspector: Inspector) -> None:
    inspector.debian.archive = {**inspector.debian.archive, "cron-daemon": Deb("", needs=("tick",))}
    plain = inspector.debian.unpack

    def unpack(box: Inside, name: str, *, is_auto: bool) -> None:
        if name != "cron-daemon":
            plain(box, name, is_auto=bool(name) and not is_auto)

    inspector.debian.unpack = unpack  # type: ignore[method-assign]
    found = inspector.run("cron-daemon")
    assert [row.name for row in found.footprint.packages] == ["tick"]
    assert found.residue.of("package") == ()


@pytest.mark.parametrize("number", [1, 4])
def test_where_what_runs_can_not_be_seen_that_is_said_and_the_rest_is_told(inspector: Inspector, number: int) -> None:
    inspector.debian.listens = (80,)
    inspector.at(PROCESSES, number, raises(EngineError("no answer")))
    found = inspector.run("nginx")
    assert any("no answer" in text for text in found.unseen)
    assert [row.name for row in found.footprint.packages] == ["nginx"]
    assert "ports" in found.unknown


def test_where_the_list_of_packages_can_not_be_read_behind_it_that_is_open(inspector: Inspector) -> None:
    inspector.at("install", 1, lambda box: box.tree.remove("/var/lib/dpkg/status"))
    inspector.debian.archive = {"tick": CRON}
    plain = inspector.debian.unpack

    def lose(box: Inside, name: str, *, is_auto: bool) -> None:
        plain(box, name, is_auto=is_auto)
        box.tree.remove("/var/lib/dpkg/status")

    inspector.debian.unpack = lose  # type: ignore[method-assign]
    found = inspector.run("tick")
    assert {"packages", "residue"} <= set(found.unknown)
    assert any("the list could not be read" in text for text in found.unseen)


def test_a_sandbox_without_a_shell_still_shows_its_files(inspector: Inspector) -> None:
    inspector.at(SURVEY, 2, lambda _: inspector.debian.own.update({SURVEY: (127, b"", b"")}))
    found = inspector.run("tick")
    assert [row.name for row in found.footprint.packages] == ["tick"]
    assert any("Could see only the files" in text for text in found.unseen)


def test_where_the_managers_own_questions_get_no_answer_that_is_said(inspector: Inspector) -> None:
    inspector.debian.fails["dpkg-query -L"] = (2, b"dpkg-query: error\n")
    found = inspector.run("htop")
    assert "Could not see which files belong to the packages: dpkg-query ended with 2." in found.unseen


def test_files_that_can_not_be_read_end_it_and_nothing_is_left(inspector: Inspector) -> None:
    inspector.engine.failing["export"] = [EngineError("cut")] * 4
    assert inspector.fail("htop", expected=EngineError).brief == "cut"


def test_an_export_that_breaks_off_is_asked_for_again(inspector: Inspector) -> None:
    inspector.engine.failing["export"] = [EngineError("cut")]
    assert inspector.run("htop").residue.is_clean


def test_a_listener_that_can_not_listen_ends_it_with_what_it_said(inspector: Inspector) -> None:
    error = inspector.fail("htop", listens=True, expected=EngineError)
    assert error.brief == "could not listen on the sandbox's network"


def test_a_removal_that_fails_is_a_warning(inspector: Inspector) -> None:
    inspector.debian.on["purge"] = lambda _: inspector.engine.failing.update(remove=[EngineError("busy")])
    assert inspector.run("htop").residue.is_clean
    assert any("could not be removed" in text for text in inspector.reporter.warnings)


def test_a_helper_that_can_not_be_removed_at_once_goes_with_the_session(inspector: Inspector) -> None:
    inspector.engine.failing["remove"] = [EngineError("busy")]
    assert inspector.run("htop").residue.is_clean
    assert inspector.reporter.warnings == []
