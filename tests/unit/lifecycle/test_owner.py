"""Who owns an object, and when its owner is surely dead."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sandbox.engine import labels
from sandbox.lifecycle.owner import current_owner, owner_is_dead
from sandbox.lifecycle.process import start_time

if TYPE_CHECKING:
    from sandbox.engine.labels import Owner

US = current_owner()


def labelled(owner: Owner) -> dict[str, str]:
    return labels.owner_labels(owner, version="1")


def test_we_are_alive() -> None:
    assert US.pid == os.getpid()
    assert not owner_is_dead(US, labelled(US))


def test_a_process_that_ended_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = replace(US, pid=process.pid, started=start_time(process.pid) or 0)
    assert not owner_is_dead(US, labelled(owner))
    process.communicate()
    assert start_time(process.pid) is None
    assert owner_is_dead(US, labelled(owner))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="start times are read from /proc")
def test_a_pid_that_was_given_to_another_process_is_known_by_its_start_time() -> None:
    assert owner_is_dead(US, labelled(replace(US, started=US.started - 1)))


def test_every_owner_of_an_earlier_boot_is_dead() -> None:
    assert owner_is_dead(US, labelled(replace(US, boot="earlier")))


def test_a_boot_that_is_not_known_proves_nothing() -> None:
    assert not owner_is_dead(replace(US, boot="unknown"), labelled(replace(US, boot="earlier", started=1)))


@pytest.mark.parametrize(
    "other",
    [
        replace(US, host="other", started=1),
        replace(US, uid=US.uid + 1, started=1),
        replace(US, host="other", boot="earlier"),
        replace(US, pid_namespace="1", started=1),
    ],
)
def test_what_is_not_ours_to_judge_is_never_dead(other: Owner) -> None:
    assert not owner_is_dead(US, labelled(other))


@pytest.mark.parametrize(
    "text",
    ["", ":", "x", "-1:1:1", f"²:1:{US.pid_namespace}", f"{US.pid}"],
    ids=["empty", "colon", "word", "negative", "digit-like", "pid-alone"],
)
def test_damaged_labels_prove_nothing(text: str) -> None:
    assert not owner_is_dead(US, {**labelled(US), labels.OWNER: text})


def test_no_labels_prove_nothing() -> None:
    assert not owner_is_dead(US, {})


def test_a_saved_image_does_not_carry_its_sessions_owner() -> None:
    saved = labels.saved_labels("cache", US, version="1", extra={"title": "t"})
    assert all(saved[name] == "" for name in labels.OWNED)
    assert (saved[labels.KIND], saved[labels.USER], saved["title"]) == ("cache", str(US.uid), "t")
    assert not owner_is_dead(replace(US, boot=""), saved)
