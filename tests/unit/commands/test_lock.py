"""A lock and a bundle of it: what is written down, what is held to it, and that nothing stays of the container."""

from __future__ import annotations

import tarfile
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import Deb, Debian, debian_engine, recorded
from tests.unit.fakes.host import host_in, request_for

from sandbox.commands.bundle import Bundled, bundle
from sandbox.commands.lock import changes, lock_diff, resolve_lock
from sandbox.commands.try_ import try_packages
from sandbox.core.signals import Guard
from sandbox.errors import (
    CheckFailed,
    Denied,
    EngineError,
    Interrupted,
    PullFailed,
    SandboxDied,
    SandboxError,
    StepFailed,
    UsageError,
)
from sandbox.provision.bundle import open_bundle
from sandbox.provision.plan import Terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.fakes.inside import Inside

    from sandbox.provision.request import TryRequest
    from sandbox.specs.lockfile import LockedTarget

FETCHING = Terms(fetch=True)


class Locks:
    """Locks and bundles of packages on a Debian."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.debian = Debian()
        self.engine: FakeEngine = debian_engine(self.debian)
        self.host, self.reporter, self.guard = host_in(folder), FakeReporter(), Guard()

    @property
    def given_to(self) -> dict[str, Any]:
        return {"host": self.host, "engine": self.engine, "reporter": self.reporter, "guard": self.guard}

    def lock(self, *packages: str, **given: Any) -> LockedTarget:
        return self.lock_request(request_for(*packages, terms=FETCHING, **given))

    def lock_request(self, request: TryRequest) -> LockedTarget:
        found = resolve_lock(request, **self.given_to).target
        assert self.engine.containers_known == []
        return found

    def bundle(self, lock: LockedTarget, *packages: str) -> Bundled:
        request = request_for(*packages, terms=Terms(lock=lock))
        found = bundle(request, **self.given_to, file=self.file, spec=b"packages: [htop]\n", lock=b"format: 1\n")
        assert self.engine.containers_known == []
        return found

    @property
    def file(self) -> Path:
        return self.folder / "web.sandbox"

    def fail(self, work: Callable[[], object], expected: type[BaseException]) -> Any:
        with pytest.raises(expected) as caught:
            work()
        assert self.engine.containers_known == []
        assert not self.file.exists()
        return caught.value


@pytest.fixture
def locks(tmp_path: Path) -> Locks:
    return Locks(tmp_path)


def dies(locks: Locks) -> Callable[[Inside], object]:
    return lambda box: locks.engine.kill(box.ident, signals=(9,))


def test_a_lock_has_every_package_that_came_with_its_file_and_what_the_base_holds(locks: Locks) -> None:
    found = locks.lock("htop")
    assert [(row.name, row.version, row.size) for row in found.packages] == [
        ("htop", "3.2.2-2", 4),
        ("libnl-3-200", "3.7.0-1", 11),
    ]
    assert all(len(row.sha256) == 64 for row in found.packages)
    assert found.base == ("bash 5.2.15 amd64", "dpkg 1.21.22 amd64")
    assert (found.option, found.platform, found.asked) == ("debian:bookworm", "linux/amd64", ("htop",))
    assert (found.digest or "").startswith("sha256:cd")


def test_two_locks_of_the_same_are_the_same(locks: Locks) -> None:
    first, second = locks.lock("htop"), locks.lock("htop")
    assert first == second
    assert (changes(first, second), lock_diff(first, second)) == ((), ())


def test_what_a_renewal_changes_is_told_by_name(locks: Locks) -> None:
    old = locks.lock("htop")
    locks.debian.archive = {**locks.debian.archive, "htop": Deb("3.3.0-1", needs=("jq",))}
    new = locks.lock("htop")
    assert set(lock_diff(old, new)) == {
        ("-", "libnl-3-200 3.7.0-1"),
        ("+", "jq 1.6-2"),
        ("~", "htop 3.2.2-2 -> 3.3.0-1"),
    }
    other = replace(
        new, base=("bash 6 amd64",), as_of="2026-01-01", packages=(replace(new.packages[0], sha256="0" * 64),)
    )
    assert any(line.startswith("as of: none is locked, 2026-01-01 is current") for line in changes(new, other))
    assert any("same version but another file" in text for _, text in lock_diff(new, other))
    assert any("the base" in text for _, text in lock_diff(new, other))


def test_what_a_spec_does_beyond_its_packages_is_not_run_for_a_lock(locks: Locks) -> None:
    locks.lock("htop", setup=("touch /marker",))
    assert not any("/marker" in line for line in locks.debian.asked)


def test_without_a_package_there_is_nothing_to_lock(locks: Locks) -> None:
    assert "no packages to lock" in locks.fail(locks.lock, UsageError).brief


@pytest.mark.parametrize(
    ("given", "said"),
    [({"dockerfile": "Dockerfile"}, "a dockerfile can't be locked"), ({"distro": "gentoo"}, "can't be locked")],
)
def test_what_can_not_be_held_to_a_lock_is_refused_before_anything_runs(
    locks: Locks, given: dict[str, Any], said: str
) -> None:
    if "distro" in given:
        locks.engine.images_known[0] = replace(locks.engine.images_known[0], tags=("gentoo/stage3:latest",))
    assert said in locks.fail(lambda: locks.lock("htop", **given), UsageError).brief
    assert locks.debian.asked == []


def test_a_file_that_was_not_kept_is_said(locks: Locks) -> None:
    locks.debian.own["--download-only"] = (0, b"", b"")
    assert (
        "can't be locked: apt did not keep its package file" in locks.fail(lambda: locks.lock("htop"), StepFailed).brief
    )


def test_files_that_can_not_be_read_are_said(locks: Locks) -> None:
    locks.debian.fails["sha256sum"] = (127, b"sha256sum: not found\n")
    error = locks.fail(lambda: locks.lock("htop"), StepFailed)
    assert "can't verify the downloaded packages" in error.brief


@pytest.mark.parametrize("method", ["create", "attach", "start"])
def test_a_container_that_can_not_be_born_leaves_nothing(locks: Locks, method: str) -> None:
    locks.engine.failing[method] = [Denied("not allowed")]
    assert locks.fail(lambda: locks.lock("htop"), Denied).brief == "not allowed"


def test_a_base_that_can_not_be_had_is_said(locks: Locks) -> None:
    locks.engine.images_known.clear()
    locks.engine.failing["pull"] = [PullFailed("no network")]
    locks.fail(lambda: locks.lock("htop"), PullFailed)


@pytest.mark.parametrize("moment", ["--download-only", "install -y --no"])
def test_a_container_that_dies_under_it_is_said(locks: Locks, moment: str) -> None:
    locks.debian.on[moment] = dies(locks)
    assert "another client" in locks.fail(lambda: locks.lock("htop"), SandboxDied).brief


def test_an_install_that_fails_is_said_with_its_cause(locks: Locks) -> None:
    locks.debian.fails["install"] = (100, recorded("2.6-no-name-server.txt"))
    assert locks.fail(lambda: locks.lock("htop"), StepFailed).cause == "network"


def test_a_signal_leaves_nothing(locks: Locks) -> None:
    def come(_box: Inside) -> None:
        raise Interrupted(2)

    locks.debian.on["--download-only"] = come
    assert locks.fail(lambda: locks.lock("htop"), Interrupted).status == 130


def test_a_removal_that_fails_is_a_warning_and_the_lock_is_there(locks: Locks) -> None:
    locks.engine.failing["remove"] = [EngineError("busy")]
    assert locks.lock("htop").packages
    assert any("could not be removed" in text for text in locks.reporter.warnings)


def test_a_bundle_holds_the_base_and_each_locked_file_once(locks: Locks) -> None:
    lock = locks.lock("htop")
    found = locks.bundle(lock, "htop")
    assert (found.manifest.target, found.manifest.platform) == ("debian:bookworm", "linux/amd64")
    with tarfile.open(locks.file) as tar:
        names = tar.getnames()
    assert len([name for name in names if name.startswith("packages/")]) == 2
    assert b"_amd64.deb" not in b"".join(open_bundle(locks.file).base())
    assert not any("/usr/bin/htop" in path for path in names)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_bundle_is_tried_without_a_network_and_all_of_it_goes_with_the_trial(locks: Locks, is_whole: bool) -> None:
    lock = locks.lock("htop")
    locks.bundle(lock, "htop")
    if not is_whole:
        locks.engine.failing["copy_in"] = [EngineError("no space left on device")]
    locks.engine.images_known.clear()
    locks.debian.asked.clear()
    terms = Terms(lock=lock, replay=True)
    request = request_for("htop", terms=terms, command=("echo", "hi"), bundle=open_bundle(locks.file), network="none")
    run = partial(try_packages, request, **locks.given_to, offer=lambda _: None)
    if is_whole:
        assert (run().base_built, locks.engine.created[-1].network) == (True, "none")
    else:
        with pytest.raises(EngineError, match="no space left"):
            run()
    assert (locks.engine.containers_known, locks.engine.images_known) == ([], [])
    assert not any("update" in line for line in locks.debian.asked)


def test_a_mirror_that_gives_something_else_makes_no_bundle(locks: Locks) -> None:
    lock = locks.lock("htop")
    wrong = replace(lock, packages=tuple(replace(row, sha256="0" * 64) for row in lock.packages))
    assert "what the mirror gives" in locks.fail(lambda: locks.bundle(wrong, "htop"), CheckFailed).brief


def test_another_base_makes_no_bundle(locks: Locks) -> None:
    lock = replace(locks.lock("htop"), base=("bash 4 amd64",))
    assert "the base" in locks.fail(lambda: locks.bundle(lock, "htop"), CheckFailed).brief


def test_a_machine_of_another_kind_makes_no_bundle(locks: Locks) -> None:
    lock = replace(locks.lock("htop"), platform="linux/arm64")
    error = locks.fail(lambda: locks.bundle(lock, "htop"), CheckFailed)
    assert "is for linux/arm64, but this machine is linux/amd64" in error.brief


def test_package_files_that_stay_in_the_base_make_no_bundle(locks: Locks) -> None:
    lock = locks.lock("htop")
    locks.debian.fails["rm -f -- "] = (1, b"rm: Read-only file system\n")
    assert (
        "can't copy the package files out of the base"
        in locks.fail(lambda: locks.bundle(lock, "htop"), SandboxError).brief
    )


@pytest.mark.parametrize("method", ["copy_out", "export"])
def test_an_engine_that_breaks_off_leaves_no_half_of_a_bundle(locks: Locks, method: str) -> None:
    lock = locks.lock("htop")
    locks.engine.failing[method] = [EngineError("the connection was cut")]
    locks.fail(lambda: locks.bundle(lock, "htop"), EngineError)
    assert [path.name for path in locks.folder.iterdir() if "web" in path.name] == []


def test_a_folder_that_can_not_be_written_leaves_no_bundle(locks: Locks) -> None:
    lock = locks.lock("htop")
    locks.folder = locks.folder / "none"
    assert locks.fail(lambda: locks.bundle(lock, "htop"), SandboxError).brief


def test_a_container_that_dies_while_it_is_packed_leaves_no_bundle(locks: Locks) -> None:
    lock = locks.lock("htop")
    locks.debian.on["rm -f -- "] = dies(locks)
    locks.fail(lambda: locks.bundle(lock, "htop"), SandboxDied)


def test_what_is_upgraded_as_a_whole_first_makes_no_bundle(locks: Locks) -> None:
    request = request_for("htop", distro="opensuse-tumbleweed", terms=FETCHING)
    assert request.plan is not None
    locks.engine.images_known[0] = replace(locks.engine.images_known[0], tags=request.plan.images[:1])
    with pytest.raises(UsageError, match="can't be bundled: an install there upgrades"):
        bundle(request, **locks.given_to, file=locks.file, spec=b"", lock=b"")
    assert (locks.engine.created, locks.file.exists()) == ([], False)
