"""The journal: private, whole, bounded, and readable whatever has happened to it."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.json import decode
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes.records import record_of

from sandbox.errors import SandboxError
from sandbox.lifecycle.journal import FORMAT, KEPT, Journal, Record, RecordedPackage, epoch
from sandbox.lifecycle.proof import Proof, ProofCheck

if TYPE_CHECKING:
    from pathlib import Path

RECORD = record_of(
    RecordedPackage(name="htop", version="3.2.2-2"),
    RecordedPackage(name="jq", version="1.6", origin="by-hand"),
    session="s1",
    digest="sha256:2",
    setup=("echo ☃",),
    tool="0.1.0",
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state/sandbox/journal.jsonl")


def file_of(journal: Journal) -> Path:
    assert journal.path is not None
    return journal.path


def test_what_is_written_is_read_back(journal: Journal) -> None:
    journal.write(RECORD)
    assert journal.records() == (RECORD,)


def test_it_is_private_to_the_user(journal: Journal) -> None:
    before = os.umask(0)
    try:
        journal.write(RECORD)
    finally:
        os.umask(before)
    path = file_of(journal)
    modes = [stat.S_IMODE(found.stat().st_mode) for found in (path.parent, *path.parent.iterdir())]
    assert modes == [0o700, *[0o600] * (len(modes) - 1)]


def test_the_newest_is_first_and_found_by_name_or_session(journal: Journal) -> None:
    rows = [replace(RECORD, session=f"s{number}", name=f"n{number % 2}") for number in range(4)]
    for row in rows:
        journal.write(row)
    assert journal.records() == tuple(reversed(rows))
    assert journal.find(None) == rows[3]
    assert journal.find("n0") == rows[2]
    assert journal.find("s0") == rows[0]
    assert journal.find("nope") is None


def test_what_was_said_of_a_session_is_replaced(journal: Journal) -> None:
    journal.write(RECORD)
    journal.write(replace(RECORD, lost=True, packages=()))
    assert journal.records() == (replace(RECORD, lost=True, packages=()),)


def test_the_last_hundred_are_kept(journal: Journal) -> None:
    path = file_of(journal)
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(to_builtins(replace(RECORD, session=f"s{n}"))) + "\n" for n in range(KEPT)))
    journal.write(replace(RECORD, session="new"))
    assert [row.session for row in journal.records()] == ["new", *(f"s{n}" for n in range(KEPT - 1, 0, -1))]


LINE = json.dumps(to_builtins(RECORD))
DAMAGED = [
    "",
    "{",
    "null",
    "[]",
    "5",
    LINE[:-40],
    "\0\0\0",
    "[" * 100_000,
    json.dumps({**to_builtins(RECORD), "format": FORMAT + 1}),
    json.dumps({**to_builtins(RECORD), "name": None}),
    json.dumps({**to_builtins(RECORD), "name": ["x"]}),
    json.dumps({**to_builtins(RECORD), "packages": 5}),
    json.dumps({**to_builtins(RECORD), "packages": [5]}),
    json.dumps({**to_builtins(RECORD), "packages": [{"name": 5, "version": "1"}]}),
    json.dumps({**to_builtins(RECORD), "packages": [{"name": "htop", "version": None}]}),
    json.dumps({**to_builtins(RECORD), "setup": 5}),
    json.dumps({key: value for key, value in to_builtins(RECORD).items() if key != "image"}),
]


@pytest.mark.parametrize("line", DAMAGED, ids=lambda line: repr(line[-30:]))
def test_a_damaged_line_costs_only_itself(journal: Journal, line: str) -> None:
    path = file_of(journal)
    path.parent.mkdir(parents=True)
    path.write_text(f"{LINE}\n{line}\n")
    assert journal.records() == (RECORD,)
    journal.write(replace(RECORD, session="s2"))
    assert [row.session for row in journal.records()] == ["s2", "s1"]


def test_a_file_without_a_newline_at_its_end_is_added_to(journal: Journal) -> None:
    path = file_of(journal)
    path.parent.mkdir(parents=True)
    path.write_text(LINE)
    journal.write(replace(RECORD, session="s2"))
    assert len(journal.records()) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=200))
def test_no_bytes_in_the_file_make_it_raise(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(LINE.encode() + b"\n" + data)
    assert Journal(path).records()[-1:] in ((RECORD,), ())


def test_writers_at_once_lose_nothing(journal: Journal) -> None:
    rows = [replace(RECORD, session=f"s{number}") for number in range(40)]

    def write(mine: list[Record]) -> None:
        for row in mine:
            journal.write(row)

    threads = [threading.Thread(target=write, args=(rows[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.session for row in journal.records()} == {row.session for row in rows}
    leftover = [path.name for path in file_of(journal).parent.iterdir()]
    assert sorted(leftover) == [".journal.jsonl.lock", "journal.jsonl"]


def test_a_disk_that_refuses_is_said_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match=r"journal .*/file/journal.jsonl can't be written") as caught:
        Journal(tmp_path / "file/journal.jsonl").write(RECORD)
    assert "SANDBOX_JOURNAL=false" in advice_of(caught.value)[0]


def test_a_folder_that_is_a_file_holds_no_sessions(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Journal(tmp_path / "file/journal.jsonl").records() == ()


def test_switched_off_it_keeps_and_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal(None)
    journal.write(RECORD)
    assert (journal.records(), journal.find(None)) == ((), None)
    assert list(tmp_path.iterdir()) == []


def test_its_dates_are_epochs() -> None:
    assert epoch("1970-01-01T00:01:00Z") == 60.0
    assert epoch("yesterday") == 0.0


def test_a_line_from_before_languages_is_the_distros(journal: Journal) -> None:
    line = json.dumps(to_builtins(replace(RECORD, packages=()))).replace(
        '"packages": []', '"packages": [{"name": "htop", "version": "3"}]'
    )
    journal.write(RECORD)
    file_of(journal).write_text(f"{line}\n")
    [found] = journal.records()
    assert [entry.full_name for entry in found.packages] == ["htop"]


def test_a_languages_package_is_read_back_with_its_source(journal: Journal) -> None:
    journal.write(replace(RECORD, packages=(RecordedPackage(name="httpie", version="3.2.2", source="pip"),)))
    assert [entry.full_name for entry in journal.records()[0].packages] == ["pip:httpie"]


def test_a_proof_has_passed_with_its_three_checks_and_not_without_one() -> None:
    checks = {name: ProofCheck(name=name, passed=True, found="as it was") for name in ("install", "again", "uninstall")}
    proof = Proof(where="debian bookworm", image_id="sha256:1", date="d", seconds=1.0, checks=tuple(checks.values()))
    assert proof.passed
    for name in checks:
        assert not replace(proof, checks=tuple(row for row in checks.values() if row.name != name)).passed


def test_a_proof_is_kept_and_a_line_from_before_proofs_is_read(tmp_path: Path) -> None:
    check = ProofCheck(name="install", passed=False, found="1 difference", differences=("jq is not there",))
    proof = Proof(where="debian bookworm", image_id="sha256:1", date="2026-11-24", seconds=9.8, checks=(check,))
    record = Record(session="s", name="n", date="d", distro="debian", release="bookworm", image="i", image_id="x")
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write(replace(record, proof=proof))
    assert journal.find("n") == replace(record, proof=proof)
    line = (tmp_path / "journal.jsonl").read_text()
    (tmp_path / "journal.jsonl").write_text(re.sub(r',"proof":.*?(?=,"tool")', "", line))
    assert journal.find("n") == record


def test_a_package_of_which_no_more_is_written_is_the_distros_own_and_any_host_can_have_it() -> None:
    row = decode(b'{"name": "jq", "version": "1.6"}', type=RecordedPackage)
    assert (row.source, row.place, row.barred, row.release) == ("", "", "", "")
