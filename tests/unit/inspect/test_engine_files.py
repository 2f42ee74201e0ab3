"""What is the engine's in every container forbids calm only where a package reaches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.inspect.test_calm import is_calm
from tests.unit.snapshots import tree

from sandbox.container.processes import Running, parse
from sandbox.inspect.engine_files import FILES, engine_doubts
from sandbox.inspect.file_changes import diff
from sandbox.inspect.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.blind_spots import Doubt


def doubts(files: Mapping[str, bytes] | None = None, scripts: str = "", **more: object) -> list[Doubt]:
    first, second = tree({}), tree(files or {})
    values: dict[str, object] = {
        "before": first,
        "after": second,
        "difference": diff(first, second),
        "came": (),
        "asked": frozenset(),
        "path": "",
        **more,
    }
    return [*engine_doubts(Measured(**values), scripts)]  # type: ignore[arg-type]


def test_what_no_package_names_is_no_blind_spot_of_it() -> None:
    assert doubts() == []
    assert doubts({"/usr/lib/systemd/system/x.service": b"[Service]\nExecStart=/bin/x\n"}) == []


@pytest.mark.parametrize("path", FILES)
def test_a_file_of_the_engines_that_was_written_or_is_a_packages_is_said(path: str) -> None:
    running = (Running(engine_files=((path, "old"),)), Running(engine_files=((path, "new"),)))
    moved = {"/var/lib/dpkg/diversions": f"{path}\n{path}.x\nx\n".encode()}
    for found in (doubts(running=running), doubts(owned=frozenset((path,))), doubts(moved)):
        (doubt,) = found
        assert doubt.text == f"Changes {path}, which is the engine's here: what a host has of it was not seen."
        assert doubt.about == ("foreign",)
        assert not is_calm(unseen=(doubt.text,), unknown=doubt.about)


@pytest.mark.parametrize(
    ("files", "scripts"),
    [
        ({}, "ln -sf ../run/systemd/resolve/stub-resolv.conf ${DPKG_ROOT}/etc/resolv.conf\n"),
        ({"/usr/lib/systemd/system/x.service": b"ExecStart=cp x /etc/resolv.conf\n"}, ""),
        ({"/usr/lib/tmpfiles.d/x.conf": b"L! /etc/resolv.conf - - - - x\n"}, ""),
        ({"/etc/network/if-up.d/x": b"echo nameserver 1 >/etc/resolv.conf\n"}, ""),
    ],
)
def test_a_script_a_unit_or_a_setting_that_names_one_is_said(files: Mapping[str, bytes], scripts: str) -> None:
    (doubt,) = doubts(files, scripts)
    assert doubt.text.startswith("A script or setting names /etc/resolv.conf, which is the engine's here")
    assert not is_calm(unseen=(doubt.text,))


@pytest.mark.parametrize("line", ["# writes /etc/hosts", "cat /etc/hosts.allow", "x=/srv/etc/hosts", "/etc/hostsx"])
def test_a_comment_and_a_longer_name_are_none(line: str) -> None:
    assert doubts(scripts=f"{line}\n") == []


def test_their_texts_are_read_where_what_runs_is_looked_at() -> None:
    found = parse(b"\0E/etc/hosts\n127.0.0.1 localhost\n\0E/etc/hostname\nx\n\0Ndev\n")
    assert found.engine_files == (("/etc/hosts", "127.0.0.1 localhost\n"), ("/etc/hostname", "x\n"))
