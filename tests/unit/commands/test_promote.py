"""promote: which past session, and what of it goes into a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sandbox.commands.promote import chosen, promote, promotion_of
from sandbox.distros.merge import merged
from sandbox.distros.table import DISTROS
from sandbox.errors import SandboxError, UsageError
from sandbox.journal import Entry, Journal, Record

if TYPE_CHECKING:
    from pathlib import Path

RECORD = Record(
    session="s1",
    name="brave-otter",
    date="2026-11-23T20:51:00Z",
    distro="debian",
    release="bookworm",
    image="debian:bookworm",
    image_id="sha256:1",
    packages=(
        Entry(name="htop", version="3.2.2-2", pinned=True),
        Entry(name="jq", version="1.6-2.1", origin="by-hand"),
    ),
)


def test_the_newest_session_is_the_default(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(RECORD)
    journal.write(replace(RECORD, session="s2", name="calm-heron"))
    assert chosen(journal, None).name == "calm-heron"
    assert chosen(journal, "brave-otter").name == "brave-otter"


@pytest.mark.parametrize("name", [None, "nope"])
def test_no_such_session_says_what_to_type(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(Journal(tmp_path / "j"), name)
    assert caught.value.hints


def test_a_journal_that_is_off_is_said_to_be() -> None:
    with pytest.raises(UsageError, match="switched off"):
        chosen(Journal(None), None)


def test_a_version_is_pinned_only_where_it_was_asked_for() -> None:
    found = promotion_of(RECORD, DISTROS)
    assert [(row.ref.version, row.version, row.origin) for row in found.packages] == [
        ("3.2.2-2", "3.2.2-2", "asked"),
        (None, "1.6-2.1", "by-hand"),
    ]
    assert found.date == "2026-11-23"


def test_the_script_installs_all_of_it() -> None:
    text = promote(RECORD, DISTROS)
    assert text.startswith("#!/bin/sh\n")
    assert "htop" in text
    assert "jq" in text


def test_a_session_that_installed_nothing_has_nothing_to_promote() -> None:
    with pytest.raises(UsageError, match="installed nothing"):
        promote(replace(RECORD, packages=()), DISTROS)


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, distro="nope"),
        replace(RECORD, release="$(id)"),
        replace(RECORD, packages=(Entry(name="htop; id", version="1"),)),
        replace(RECORD, packages=(Entry(name="htop", version="1;id", pinned=True),)),
    ],
)
def test_a_journal_that_was_tampered_with_gives_no_code(record: Record) -> None:
    with pytest.raises(SandboxError):
        promote(record, DISTROS)


def test_a_session_on_a_row_that_has_gone_says_what_to_do() -> None:
    with pytest.raises(
        UsageError, match="brave-otter was a session on pop:jammy, which no row describes now"
    ) as caught:
        promote(replace(RECORD, distro="pop", release="jammy"), DISTROS)
    assert "--distros FILE" in caught.value.hints[0]


def test_a_session_on_a_row_of_the_user_is_promoted_for_its_family() -> None:
    rows = merged(DISTROS, b"pop: {like: ubuntu, releases: [jammy]}\n", source="x")
    assert promotion_of(replace(RECORD, distro="pop", release="jammy"), rows).family.name == "debian"
