"""What the journal is told when a sandbox is left: of the distro's manager and the languages'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.container.languages import language_stamps
from sandbox.container.packages import Probe, stamps
from sandbox.distros.lookup import find_target
from sandbox.distros.registry import DISTROS
from sandbox.errors import EngineError
from sandbox.lifecycle.journal import Record, RecordedPackage
from sandbox.managers.apt import driver as apt
from sandbox.managers.config_files import ConfigChange
from sandbox.managers.languages.pip import driver as pip
from sandbox.managers.protocol import Package
from sandbox.promote.capture import ManualChangesCapture, mark_notes, with_remaining_settings
from sandbox.promote.manual_changes import ShellDiff
from sandbox.provision.run import Provisioned

if TYPE_CHECKING:
    from sandbox.engine.protocol import ExecSpec

STATUS = b"Package: htop\nStatus: install ok installed\nVersion: 3\nArchitecture: amd64\n\n"
HTOP = RecordedPackage(name="htop", version="3")
HTTPIE = RecordedPackage(name="httpie", version="3.2.2", pinned=True, source="pip")
RECORD = Record(
    session="s", name="n", date="d", distro="debian", release="sid", image="i", image_id="x", packages=(HTOP, HTTPIE)
)
LISTED = "sandbox-language pip\n/opt/pip/httpie/lib/python3.11/site-packages/httpie-3.2.2.dist-info\n"
BY_HAND = "/usr/local/lib/python3.11/dist-packages/cowsay-6.1.dist-info REQUESTED\n"

TARGET = find_target("debian:bookworm", DISTROS)


class Sandbox:
    """An engine whose container lists what pip has; `listed` None is one that has died."""

    def __init__(self, listed: str | None = LISTED) -> None:
        self.listed = listed
        self.engine = FakeEngine(files={apt.STATUS: STATUS, "/usr/local/bin": b"before"}, commands=self.answer)
        self.state = Provisioned(
            explicit=frozenset({"htop", "pip:httpie"}),
            stamps={**stamps(Box(self.engine, "c"), apt), **language_stamps(Box(self.engine, "c"), [pip])},
            languages=("pip",),
        )

    def answer(self, _spec: ExecSpec) -> tuple[int | None, bytes, bytes]:
        return (None, b"", b"") if self.listed is None else (0, self.listed.encode(), b"")

    def left(self) -> Record:
        return ManualChangesCapture(
            RECORD, self.state, TARGET, box=Box(self.engine, "c"), is_watched=False
        ).complete_record()


def test_where_nothing_changed_nothing_is_read() -> None:
    sandbox = Sandbox()
    assert sandbox.left() == RECORD
    assert sandbox.engine.ran == []


def test_where_no_package_is_left_to_promote_nothing_else_is_looked_at() -> None:
    sandbox = Sandbox()
    bare = replace(RECORD, packages=())
    assert (
        ManualChangesCapture(
            bare, sandbox.state, TARGET, box=Box(sandbox.engine, "c"), is_watched=True
        ).complete_record()
        == bare
    )
    assert sandbox.engine.ran == []


def test_a_package_that_a_language_brought_by_hand_is_noticed() -> None:
    sandbox = Sandbox(LISTED + BY_HAND)
    sandbox.engine.files["/usr/local/bin"] = b"after that"
    added = RecordedPackage(name="cowsay", version="6.1", origin="by-hand", source="pip")
    assert sandbox.left().packages == (HTOP, HTTPIE, added)


def test_a_language_package_that_was_removed_is_not_promoted() -> None:
    sandbox = Sandbox("")
    sandbox.engine.files["/usr/local/bin"] = b"after that"
    assert sandbox.left().packages == (HTOP,)


def test_a_distro_package_of_the_same_name_is_another_one() -> None:
    sandbox = Sandbox("")
    sandbox.engine.files[apt.STATUS] = STATUS + STATUS.replace(b"htop", b"httpie")
    found = sandbox.left().packages
    assert [(entry.full_name, entry.origin) for entry in found] == [("htop", "asked"), ("httpie", "by-hand")]


def test_a_sandbox_that_died_keeps_what_was_asked_for_and_says_that_something_is_lost() -> None:
    sandbox = Sandbox(None)
    sandbox.engine.files[apt.STATUS] = STATUS + STATUS.replace(b"htop", b"jq")
    found = sandbox.left()
    assert [entry.full_name for entry in found.packages] == ["htop", "pip:httpie", "jq"]
    assert found.lost
    assert not replace(found, lost=False).lost


def test_what_was_only_upgraded_by_its_name_is_not_called_added_by_hand() -> None:
    sandbox = Sandbox()
    sandbox.state = replace(sandbox.state, present={"htop": "3", "adduser": "3.134", "tar": "1"})
    other = STATUS.replace(b"htop", b"adduser") + STATUS.replace(b"htop", b"tar")
    sandbox.engine.files[apt.STATUS] = STATUS + other
    sandbox.engine.files["/var/log/apt/history.log"] = b"Commandline: apt-get upgrade -y adduser\n"
    assert [row.name for row in sandbox.left().packages] == ["htop", "httpie", "tar"]


def test_a_package_asked_for_that_was_marked_as_automatic_is_said_to_be_marked_otherwise_by_a_script() -> None:
    state = Provisioned(explicit=frozenset({"htop", "jq", "pip:httpie"}))
    rows = {"htop": False, "jq": False, "tree": False, "httpie": False}
    found = tuple(
        Package(name=name, version="3", architecture="amd64", size=1, explicit=is_explicit)
        for name, is_explicit in rows.items()
    )
    assert mark_notes(RECORD, state, Probe(packages=found, stamps={})) == ("marks as installed automatically: htop",)
    manual = tuple(replace(row, explicit=True) for row in found)
    assert mark_notes(RECORD, state, Probe(packages=manual, stamps={})) == ()


def test_where_the_engine_went_away_what_was_asked_for_is_kept_and_the_rest_said_to_be_lost() -> None:
    sandbox = Sandbox()
    sandbox.engine.failing["stamp"] = [EngineError("gone")]
    found = sandbox.left()
    assert (found.packages, found.lost) == (RECORD.packages, True)


def test_what_the_spec_wrote_is_promoted_as_the_shell_left_it() -> None:
    changed, gone, same = (
        ConfigChange(kind="repository", path=f"/etc/apt/sources.list.d/{name}.sources", content=b"a\n")
        for name in ("changed", "gone", "same")
    )
    now: dict[str, bytes | None] = {changed.path: b"b\n", same.path: b"a\n"}
    seen = ShellDiff(before={}, now=now, new=frozenset(), gone=(gone.path,), files=())
    found = with_remaining_settings(replace(RECORD, prepared=(changed, gone, same)), seen)
    assert found.prepared == (replace(changed, content=b"b\n"), same)
