"""promote: which past session, and what of it goes into a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes.records import record_of

from sandbox.distros.lookup import find_target
from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS
from sandbox.errors import SandboxError, UsageError
from sandbox.lifecycle.journal import Journal, Record, RecordedPackage
from sandbox.lifecycle.proof import Proof, ProofCheck
from sandbox.managers.config_files import ConfigChange, SettingKind
from sandbox.managers.hand_steps import HandStep
from sandbox.managers.registry import manager_of
from sandbox.promote.formats.registry import FORMATS
from sandbox.promote.promotion import (
    chosen_formats,
    find_record,
    is_of_other_names,
    items,
    omissions,
    promotion_of,
    promotion_of_plan,
    refusal,
    retarget,
    select,
    with_locked_versions,
)
from sandbox.promote.translate import name_there
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.lockfile import LockedPackage, LockedTarget
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

RECORD = record_of(
    RecordedPackage(name="htop", version="3.2.2-2", pinned=True),
    RecordedPackage(name="jq", version="1.6-2.1", origin="by-hand"),
    session="s1",
)


def script_of(record: Record) -> str:
    return FORMATS["sh"].render(promotion_of(record, DISTROS))


def test_the_newest_session_is_the_default(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(RECORD)
    journal.write(replace(RECORD, session="s2", name="calm-heron"))
    assert find_record(journal, None).name == "calm-heron"
    assert find_record(journal, "brave-otter").name == "brave-otter"


@pytest.mark.parametrize("name", [None, "nope"])
def test_no_such_session_says_what_to_type(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        find_record(Journal(tmp_path / "j"), name)
    assert advice_of(caught.value)


def test_a_journal_that_is_off_is_said_to_be() -> None:
    with pytest.raises(UsageError, match="switched off"):
        find_record(Journal(None), None)


def test_a_version_is_pinned_only_where_it_was_asked_for() -> None:
    found = promotion_of(RECORD, DISTROS)
    assert [(row.ref.version, row.version, row.origin) for row in found.packages] == [
        ("3.2.2-2", "3.2.2-2", "asked"),
        (None, "1.6-2.1", "by-hand"),
    ]
    assert found.date == "2026-11-23"


def test_the_script_installs_all_of_it() -> None:
    text = script_of(RECORD)
    assert text.startswith("#!/bin/sh\n")
    assert "htop" in text
    assert "jq" in text


def test_a_session_that_installed_nothing_has_nothing_to_promote() -> None:
    with pytest.raises(UsageError, match="installed nothing"):
        script_of(replace(RECORD, packages=()))


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, distro="nope"),
        replace(RECORD, release="$(id)"),
        replace(RECORD, packages=(RecordedPackage(name="htop; id", version="1"),)),
        replace(RECORD, packages=(RecordedPackage(name="htop", version="1;id", pinned=True),)),
    ],
)
def test_a_journal_that_was_tampered_with_gives_no_code(record: Record) -> None:
    with pytest.raises(SandboxError):
        script_of(record)


def test_a_session_on_a_row_that_has_gone_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="brave-otter was a session on pop:jammy, which is no longer known") as caught:
        script_of(replace(RECORD, distro="pop", release="jammy"))
    assert "--distros FILE" in advice_of(caught.value)[0]


def test_a_session_on_a_row_of_the_user_is_promoted_for_its_family() -> None:
    rows = merge(DISTROS, b"pop: {like: ubuntu, releases: [jammy]}\n", source="x")
    assert promotion_of(replace(RECORD, distro="pop", release="jammy"), rows).family.name == "debian"


def test_packages_are_chosen_by_name_and_a_name_that_is_none_is_refused() -> None:
    promotion = promotion_of(RECORD, DISTROS)
    assert [row.ref.name for row in select(promotion, ["jq"], []).packages] == ["jq"]
    assert [row.ref.name for row in select(promotion, [], ["jq"]).packages] == ["htop"]
    for only, without in ((["nope"], []), ([], ["nope"]), (["jq"], ["jq"])):
        with pytest.raises(UsageError):
            select(promotion, only, without)


def test_another_release_has_its_own_versions() -> None:
    promotion = promotion_of(RECORD, DISTROS)
    trixie = find_target("debian:trixie")
    found = retarget(promotion, trixie, trixie.distro)
    assert [(row.ref.version, row.version) for row in found.packages] == [(None, ""), (None, "")]
    assert (found.target, found.image, found.image_id, found.proof) == (trixie, "debian:trixie", "", None)
    assert retarget(promotion, promotion.target, promotion.family) is promotion
    assert not is_of_other_names(promotion, trixie)
    assert is_of_other_names(promotion, find_target("fedora"))


def test_a_script_for_another_release_says_where_it_was_tried() -> None:
    target = find_target("debian:trixie", DISTROS)
    there = retarget(promotion_of(RECORD, DISTROS), target, target.distro)
    assert "in debian bookworm, another distro or release," in FORMATS["sh"].render(there)


def test_a_repository_goes_to_the_same_distro_and_not_to_a_release_that_it_does_not_name() -> None:
    bound = ConfigChange(
        kind="repository", path="/etc/apt/sources.list.d/a.list", content=b"deb https://x bookworm main\n"
    )
    free = ConfigChange(
        kind="repository", path="/etc/apt/sources.list.d/b.list", content=b"deb https://x stable main\n"
    )
    promotion = replace(promotion_of(RECORD, DISTROS), settings=(bound, free))
    trixie, ubuntu = find_target("debian:trixie", DISTROS), find_target("ubuntu", DISTROS)
    there = retarget(promotion, trixie, trixie.distro)
    assert (there.settings, there.left_out) == ((free,), (f"{bound.name} (for debian bookworm)",))
    assert retarget(promotion, ubuntu, ubuntu.distro).settings == ()
    assert select(promotion, [], [bound.path]).settings == (free,)


def test_formats_are_known_by_name() -> None:
    assert [form.name for form in chosen_formats([])] == ["sh"]
    assert [form.name for form in chosen_formats(["json", "sh", "json"])] == ["json", "sh"]
    with pytest.raises(UsageError, match="no format"):
        chosen_formats(["exe"])


def test_a_failed_proof_is_an_error_of_its_own_status_with_its_evidence() -> None:
    checks = (
        ProofCheck(name="install", passed=True, found="x"),
        ProofCheck(name="again", passed=False, found="x", differences=("+ jq 1.7",)),
    )
    proof = Proof(where="debian bookworm", image_id="x", date="2026-11-24", seconds=1, checks=checks)
    error = refusal(proof)
    assert error.status == 6
    assert ("again", "+ jq 1.7") in error.details
    assert not proof.passed


@pytest.mark.parametrize(
    ("name", "there", "found"),
    [
        ("fd-find", "alpine", "fd"),
        ("htop", "alpine", "htop"),
        ("htop", "gentoo", "sys-process/htop"),
        ("twice", "gentoo", None),
        ("nope", "alpine", None),
    ],
)
def test_a_name_elsewhere_is_in_the_index_or_there_is_none(name: str, there: str, found: str | None) -> None:
    index = {"fd", "htop"} if there == "alpine" else {"sys-process/htop", "a/twice", "b/twice"}
    assert name_there(name, find_target("debian"), find_target(there), index) == found


def test_a_spec_is_promoted_as_it_would_have_been_tried() -> None:
    target = find_target("debian")
    spec = Spec(packages=("htop", "jq=1.6-2.1"), setup=("echo x",))
    plan = plan_for(spec, target, manager_of("apt"), Terms())
    found = promotion_of_plan(plan, "web", target.distro, date="2026-11-24", tool="1")
    assert [(row.ref.text, row.version) for row in found.packages] == [("htop", ""), ("jq=1.6-2.1", "1.6-2.1")]
    assert found.left_out == ("setup: echo x",)
    with pytest.raises(UsageError):
        promotion_of_plan(replace(plan, packages=()), "web", target.distro, date="2026-11-24", tool="1")


def setting(path: str, text: str, kind: SettingKind = "pin") -> ConfigChange:
    return ConfigChange(kind=kind, path=f"/etc/apt/{path}", content=text.encode())


PIN_OF_JQ = setting("preferences.d/jq", "Package: jq\nPin: version 1.6*\nPin-Priority: 900\n")
PIN_OF_BOTH = setting("preferences.d/both", "Package: htop jq\nPin: release n=sid\nPin-Priority: 900\n")
PIN_OF_ALL = setting("preferences.d/all", "Package: *\nPin: release n=sid\nPin-Priority: 900\n")
MORE = setting("sources.list.d/more.list", "deb http://mirror.invalid/htop x main\n", "repository")
SETTINGS = (PIN_OF_JQ, PIN_OF_BOTH, PIN_OF_ALL, MORE)


@pytest.mark.parametrize(
    ("only", "without", "settings", "services"),
    [
        (["htop"], [], (PIN_OF_BOTH,), ()),
        (["jq"], [], (PIN_OF_JQ, PIN_OF_BOTH), ("jq.service",)),
        (["htop", MORE.path, PIN_OF_JQ.path, "other.service"], [], (PIN_OF_JQ, PIN_OF_BOTH, MORE), ("other.service",)),
        ([], ["jq"], (PIN_OF_BOTH, PIN_OF_ALL, MORE), ("other.service",)),
        ([], [PIN_OF_BOTH.path, "other.service"], (PIN_OF_JQ, PIN_OF_ALL, MORE), ("jq.service",)),
    ],
)
def test_a_setting_goes_where_the_packages_go_that_it_names(
    only: list[str], without: list[str], settings: tuple[ConfigChange, ...], services: tuple[str, ...]
) -> None:
    whole = promotion_of(replace(RECORD, settings=SETTINGS, services=("jq.service", "other.service")), DISTROS)
    part = select(whole, only, without)
    assert (part.settings, part.services) == (settings, services)
    gone = {*(row.path for row in SETTINGS), *whole.services} - {*(row.path for row in settings), *services}
    assert {*omissions(whole, part, without)} == gone - {*without}


def test_a_name_inside_another_is_no_name_of_the_package() -> None:
    record = replace(
        RECORD, settings=(setting("preferences.d/x", "Package: htop-doc libhtop htop+\nPin: version 1\n"),)
    )
    assert select(promotion_of(record, DISTROS), ["htop"], []).settings == ()


def test_what_the_manager_accepted_is_accepted_where_the_same_manager_is_and_nowhere_else() -> None:
    gentoo, debian = find_target("gentoo", DISTROS), find_target("debian:trixie", DISTROS)
    lines = ("package.use app-misc/jq oniguruma",)
    promotion = replace(promotion_of(RECORD, DISTROS), target=gentoo, accepted=lines)
    other = replace(gentoo, release=replace(gentoo.release, name="other"))
    assert retarget(promotion, other, other.distro).accepted == lines
    assert retarget(promotion, debian, debian.distro).accepted == ()


def test_what_the_spec_set_is_promoted_with_what_was_set_by_hand_above_it() -> None:
    key = ConfigChange(kind="key", path="/etc/apt/keyrings/third.asc", content=b"k\n")
    answer = HandStep(kind="answer", words=("p", "p/q", "boolean", "true"))
    by_hand = HandStep(kind="answer", words=("p", "p/q", "boolean", "false"))
    hold = HandStep(kind="hold", words=("htop",))
    record = replace(
        RECORD, prepared=(key,), prepared_steps=(answer,), steps=(by_hand, hold), settings=(key,), before=("echo 1",)
    )
    found = promotion_of(record, DISTROS)
    assert found.settings == (key,)
    assert found.steps == (by_hand, hold)
    assert "before: echo 1" in found.left_out
    assert [row.why for row in items(found) if row.name == key.path] == ["set by the spec"]


def test_what_is_locked_is_promoted_in_its_version_with_what_was_asked_for_first() -> None:
    rows = [
        LockedPackage(name=name, version=version, architecture="amd64", size=1, sha256="0" * 64)
        for name, version in (("libjq1", "1.6-2.1"), ("htop", "3.2.2-3"), ("jq", "1.6-2.1"))
    ]
    lock = LockedTarget(option="debian:bookworm", platform="linux/amd64", image="debian", packages=tuple(rows))
    found = with_locked_versions(promotion_of(RECORD, DISTROS), lock, [])
    assert [(row.ref.name, row.ref.version, row.origin) for row in found.packages] == [
        ("htop", "3.2.2-3", "asked"),
        ("jq", "1.6-2.1", "asked"),
        ("libjq1", "1.6-2.1", "locked"),
    ]
