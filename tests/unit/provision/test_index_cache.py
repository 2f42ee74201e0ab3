"""Which sandboxes share a package index, where it lies on this machine, and what is done with one that is not ours."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tarfile
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in
from tests.unit.specs.public_keys import THIRD

from sandbox.container.box import Box
from sandbox.core.yamltext import dump
from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image
from sandbox.errors import StepFailed
from sandbox.managers.apt import driver as apt
from sandbox.managers.data import UNCHANGED
from sandbox.managers.registry import data_of
from sandbox.provision import index_use as uses
from sandbox.provision.image import ResolvedImage
from sandbox.provision.index_cache import FOLDER, KEPT, IndexCache, IndexEntry, surplus
from sandbox.provision.index_choice import index_name, index_use, is_plain_base
from sandbox.provision.index_file import read_index, write_time
from sandbox.provision.index_use import HOUR, MARK, IndexUse
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.run import Provisioning
from sandbox.provision.site import InstallSite
from sandbox.specs.load import load_spec
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.engine.protocol import ExecSpec
    from sandbox.managers.protocol import Argv
    from sandbox.provision.plan import Plan
    from sandbox.provision.steps import StepKind

IMAGE: Final = Image(id="sha256:ab", tags=("debian:bookworm",), size=1, created=0, labels={}, platform="linux/amd64")
STATUS: Final = "Package: htop\nStatus: install ok installed\nVersion: 3\nArchitecture: amd64\n\n"
SOURCES: Final = b"deb http://deb.example/debian bookworm main\n"


def plan(spec: Spec | None = None, **terms: object) -> Plan:
    make = Terms(**terms)  # type: ignore[arg-type]
    return plan_for(spec or Spec(packages=("htop",)), find_target("debian:bookworm"), apt, make)


def resolved(planned: Plan, reference: str = "debian:bookworm") -> ResolvedImage:
    return ResolvedImage(reference=reference, image=IMAGE, plan=planned)


def cache_in(folder: Path) -> IndexCache:
    return IndexCache(cache=folder / "sandbox", days=30)


def kept(cache: IndexCache, content: bytes = b"x") -> Path:
    with cache.writing("a") as file:
        file.write(content)
    return cache.cache / FOLDER / "a.index"


def is_read(cache: IndexCache) -> bool:
    try:
        with cache.reading("a") as file:
            return file.read() == b"x"
    except OSError:
        return False


def test_what_is_kept_is_its_owners_alone(tmp_path: Path) -> None:
    path = kept(cache_in(tmp_path))
    assert is_read(cache_in(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["a.index"]


def test_a_failed_writing_leaves_nothing_and_the_last_one_stays(tmp_path: Path) -> None:
    path = kept(cache_in(tmp_path))
    with pytest.raises(TypeError), cache_in(tmp_path).writing("a") as file:
        file.writelines([b"half", "no bytes"])  # type: ignore[list-item]  # fails on the way
    assert path.read_bytes() == b"x"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.index"]


def test_what_others_may_write_or_a_link_leads_to_is_not_read(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    path = kept(cache)
    for place, mode in ((path, 0o644), (path.parent, 0o755), (cache.cache, 0o777)):
        before = stat.S_IMODE(place.stat().st_mode)
        place.chmod(mode)
        assert not is_read(cache)
        place.chmod(before)
    assert is_read(cache)
    moved = path.rename(tmp_path / "moved")
    path.symlink_to(moved)
    assert not is_read(cache)
    path.unlink()
    os.mkfifo(path, 0o600)
    assert not is_read(cache)


@pytest.mark.parametrize("at", ["sandbox", "sandbox/index"])
def test_a_folder_that_is_a_link_is_neither_read_nor_written(tmp_path: Path, at: str) -> None:
    cache = cache_in(tmp_path)
    kept(cache)
    (tmp_path / at).rename(tmp_path / "elsewhere")
    (tmp_path / at).symlink_to(tmp_path / "elsewhere")
    assert not is_read(cache)
    before = sorted((tmp_path / "elsewhere").rglob("*"))
    with pytest.raises(OSError, match=r"."):
        kept(cache, b"new")
    assert sorted((tmp_path / "elsewhere").rglob("*")) == before
    assert cache.problem()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("at", ["sandbox", "sandbox/index", "sandbox/index/a.index"])
def test_what_is_of_another_user_is_refused(tmp_path: Path, at: str) -> None:
    cache = cache_in(tmp_path)
    kept(cache)
    os.chown(tmp_path / at, 12345, 12345)
    assert not is_read(cache)


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    cache, contents = cache_in(tmp_path), [bytes([number]) * 300_000 for number in range(1, 5)]
    threads = [threading.Thread(target=kept, args=(cache, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cache.reading("a") as file:
        assert file.read() in contents
    assert len(cache.entries()) == 1


def test_what_was_not_used_for_long_or_is_too_much_goes(tmp_path: Path) -> None:
    def entry(name: str, age: float, *, is_whole: bool = True) -> IndexEntry:
        return IndexEntry(path=tmp_path / name, size=1, used=1e9 - age, is_whole=is_whole)

    many = [entry(str(number), number) for number in range(KEPT + 2)]
    assert [gone.path.name for gone in surplus(tuple(many), days=30, now=1e9)] == [str(KEPT), str(KEPT + 1)]
    old = (entry("used", 29 * 86400), entry("old", 31 * 86400))
    assert [gone.path.name for gone in surplus(old, days=30, now=1e9)] == ["old"]
    halves = (entry(".new", 60, is_whole=False), entry(".killed", 2 * HOUR, is_whole=False))
    assert [gone.path.name for gone in surplus(halves, days=30, now=1e9)] == [".killed"]


def test_each_base_platform_mirror_and_command_has_an_index_of_its_own() -> None:
    here = plan()
    mirrored = plan(mirror="http://mirror.example/debian")
    other = replace(here.steps[0], argv=(*here.steps[0].argv, "--another-option"))
    others = {
        index_name(here, IMAGE),
        index_name(here, replace(IMAGE, id="sha256:cd")),
        index_name(here, replace(IMAGE, platform="linux/arm64")),
        index_name(mirrored, IMAGE),
        index_name(replace(here, steps=(other, *here.steps[1:])), IMAGE),
    }
    assert len(others) == 5
    assert index_name(plan(Spec(packages=("jq", "tree"), recommends=True)), IMAGE) == index_name(here, IMAGE)


def test_only_a_distros_own_base_shares_an_index() -> None:
    assert is_plain_base(resolved(plan()))
    assert is_plain_base(resolved(plan(), "sandbox-base/debian:bookworm"))
    assert is_plain_base(resolved(plan(mirror="http://mirror.example/debian")))
    assert not is_plain_base(resolved(plan(), "somebody/debian:bookworm"))
    assert not is_plain_base(replace(resolved(plan()), is_made=True))
    assert not is_plain_base(replace(resolved(plan()), start=IMAGE))


@pytest.mark.parametrize(
    "more",
    [
        {"image": "debian:bookworm"},
        {"before": ["echo"]},
        {"setup": ["echo"]},
        {"mounts": ["/srv:/etc/apt:ro"]},
        {"architectures": ["i386"]},
        {"answers": ["htop htop/a boolean yes"]},
        {"pins": [{"Package": "*", "Pin": "version 1*", "Pin-Priority": "900"}]},
        {"repositories": [{"name": "third", "URIs": "http://x.example", "Suites": "./", "Signed-By": THIRD}]},
        {"packages": ["htop:i386"]},
        {"boot": True},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_a_spec_changes_shares_no_index(more: dict[str, Any]) -> None:
    text = dump({"distro": "debian:bookworm", "packages": ["htop"], **more})
    assert not is_plain_base(resolved(plan(load_spec(text.encode(), source="s"))))


class Distro:
    """Answers as apt-get would: `update` writes the lists as the mirror has them, `install` wants the newest."""

    def __init__(self, sources: bytes = SOURCES) -> None:
        self.engine = FakeEngine(commands=self, files={"/etc/apt/sources.list": sources, "/var/lib/apt/x": b""})
        self.mirror, self.is_installed, self.fails, self.checks = "1", False, "", False
        self.refuses, self.says = False, b""
        self.beside_update: Callable[[], object] = lambda: None
        self.mark, self.install_began = threading.Event(), threading.Event()

    def __call__(self, spec: ExecSpec) -> tuple[int, bytes, bytes]:
        words, tree = spec.argv, self.engine.inside("c").tree
        if any("wc -c" in word for word in words):
            status = STATUS * self.is_installed
            return 0, f"bash\0\0{len(status)} {apt.STATUS}\0{status}listing\0\0files\0".encode(), b""
        if "rm -rf" in words[2:3][0] if words[1:2] == ("-c",) else False:
            tree.remove(f"{LISTS}/a_InRelease")
        if "update" in words:
            return self._update()
        if words[-1] == MARK:
            self.mark.set()
        if "install" in words:
            self.install_began.set()
            if any("Pre-Invoke" in word for word in words):
                assert self.mark.wait(10)
            found = tree.get(f"{LISTS}/a_InRelease")
            if self.fails:
                return 100, b"", self.fails.encode()
            if found is None or found.content != self.mirror.encode():
                return 100, b"", b"E: Failed to fetch http://deb.example/htop.deb  404  Not Found [IP: 1.2.3.4 80]\n"
            self.is_installed = True
        return 0, b"", b""

    def _update(self) -> tuple[int, bytes, bytes]:
        tree = self.engine.inside("c").tree
        was = tree.get(f"{LISTS}/a_InRelease")
        self.beside_update()
        if self.refuses:
            return 100, b"Get:1 a\n", b"E: no\n"
        if self.checks and was is not None and was.content == self.mirror.encode():
            return 0, f"Get:1 a\n{UNCHANGED}\n".encode(), b""
        tree.write(f"{LISTS}/a_InRelease", self.mirror.encode())
        return 0, self.says, b""

    @property
    def commands(self) -> list[str]:
        """The manager's commands that ran, in short."""
        known = ("update", "install")
        return [word for spec in self.engine.ran for word in known if word in spec.argv]

    def use(
        self,
        cache: IndexCache,
        spec: Spec | None = None,
        refused: set[str] | None = None,
        *,
        is_checked: bool = False,
    ) -> IndexUse:
        """Return how a sandbox of the base uses its kept index; `refused` is what a run of the tool knows."""
        data = data_of("apt").kept_index
        assert not isinstance(data, str)
        data, name = replace(data, places=(LISTS,), later=None), index_name(plan(spec), IMAGE)
        known = set[str]() if refused is None else refused
        box = Box(self.engine, "c")
        return IndexUse(box, cache, name, data, manager="apt", kept=[], refused=known, is_checked=is_checked)

    def run(
        self,
        cache: IndexCache,
        spec: Spec | None = None,
        refused: set[str] | None = None,
        *,
        tells_of_steps: bool = False,
        is_checked: bool = False,
        parts: int = 1,
    ) -> FakeReporter:
        """Provision a sandbox of the base, as `try` does; the reporter may be told what goes on beside the steps.

        `is_checked` and two `parts`, the index and the rest, are as `inspect` does it.
        """
        reporter, planned, use = FakeReporter(), plan(spec), self.use(cache, spec, refused, is_checked=is_checked)
        network = HostNetwork(proxies={}, bundle=b"PEM")
        box = Box(self.engine, "c")
        site = InstallSite(box=box, plan=planned, manager=apt, network=network, reporter=reporter, index=use)

        def beside() -> None:
            if tells_of_steps:
                reporter.told.append(("beside", ""))

        steps = planned.steps
        for part in (steps,) if parts == 1 else (steps[:1], steps[1:]):
            one = replace(site, plan=replace(planned, steps=part))
            Provisioning(one).run(path="", beside_steps=beside, is_all=part[-1] is steps[-1])
        return reporter


LISTS: Final = "/var/lib/apt/lists"


def age(cache: IndexCache, seconds: float) -> None:
    """Make the kept index as old as that."""
    (path,) = [entry.path for entry in cache.entries()]
    with path.open("r+b") as file:
        write_time(file, path.stat().st_size, time.time() - seconds)


def test_the_second_sandbox_of_a_base_fetches_no_index(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    first, second = Distro(), Distro()
    assert not [text for _, text in first.run(cache).told if "kept here" in text]
    assert [text for _, text in second.run(cache).told if text.startswith("kept here ") and text.endswith(" ago")]
    assert (first.commands, second.commands) == (["update", "install"], ["install"])
    assert second.is_installed


def test_the_first_look_does_not_hold_up_the_start_of_the_refresh(tmp_path: Path) -> None:
    distro = Distro()
    distro.run(cache_in(tmp_path))
    ran = [spec.argv for spec in distro.engine.ran]
    looks = [number for number, argv in enumerate(ran) if any("wc -c" in word for word in argv)]
    assert min(looks) > next(number for number, argv in enumerate(ran) if "update" in argv)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (("Get:1 http://m a InRelease [1 B]", "Get:2 http://m a/main amd64 Packages [9 B]", "Fetched 9 B"), 1),
        (("E",), 1),
    ],
    ids=["once the signatures are checked", "or at the end"],
)
def test_what_goes_on_beside_the_refresh_begins(lines: tuple[str, ...], place: int, tmp_path: Path) -> None:
    distro = Distro()
    distro.says = "".join(f"{line}\n" for line in lines).encode()
    told = distro.run(cache_in(tmp_path), tells_of_steps=True).told
    assert [text for verb, text in told if verb in ("line", "beside")].index("") == place


def test_what_the_refresh_would_have_prepared_is_there_all_the_same(tmp_path: Path) -> None:
    cache, second = cache_in(tmp_path), Distro()
    Distro().run(cache)
    second.run(cache)
    (install,) = [spec for spec in second.engine.ran if "install" in spec.argv]
    assert any("policy-rc.d" in word for word in install.argv)
    assert [process.stream.sent for process in second.engine.execs].count(b"PEM") == 1


def test_an_index_older_than_an_hour_is_checked_by_the_manager_and_kept_anew(tmp_path: Path) -> None:
    cache, old, later = cache_in(tmp_path), Distro(), Distro()
    Distro().run(cache)
    age(cache, HOUR + 100)
    assert ("title", "kept here 61 minutes ago, and checked") in old.run(cache).told
    later.run(cache)
    assert (old.commands, later.commands) == (["update", "install"], ["install"])


def test_one_that_is_the_newest_still_is_read_from_no_sandbox_again(tmp_path: Path) -> None:
    cache, old, later = cache_in(tmp_path), Distro(), Distro()
    Distro().run(cache)
    before = cache.entries()[0].path.stat()
    age(cache, HOUR + 100)
    old.checks = True
    assert ("title", "kept here 61 minutes ago, and checked") in old.run(cache).told
    assert (old.commands, old.engine.calls.count("copy_out")) == (["update", "install"], 0)
    assert not [spec for spec in old.engine.ran if MARK in " ".join(spec.argv)]
    later.run(cache)
    assert later.commands == ["install"]
    assert cache.entries()[0].path.stat().st_ino == before.st_ino


def test_one_that_has_changed_is_kept_anew_though_it_was_checked(tmp_path: Path) -> None:
    cache, old, later = cache_in(tmp_path), Distro(), Distro()
    Distro().run(cache)
    age(cache, HOUR + 100)
    old.checks, old.mirror, later.mirror = True, "2", "2"
    old.run(cache)
    later.run(cache)
    assert (old.commands, later.commands) == (["update", "install"], ["install"])


def test_an_index_that_another_sandbox_replaced_meanwhile_is_not_renewed(tmp_path: Path) -> None:
    cache, use = cache_in(tmp_path), Distro().use(cache_in(tmp_path))
    Distro().run(cache)
    age(cache, HOUR + 100)
    assert use.bring()
    Distro().use(cache).forget()
    Distro().run(cache)
    age(cache, HOUR + 200)
    use.renew(time.time())
    assert not use.is_young()


def test_an_install_that_waits_behind_a_refresh_that_fails_never_runs(tmp_path: Path) -> None:
    distro = Distro()
    distro.refuses = True
    with pytest.raises(StepFailed):
        distro.run(cache_in(tmp_path))
    assert distro.commands == ["update"]
    assert not distro.is_installed


def test_a_young_index_is_checked_where_what_is_found_has_to_hold_at_this_moment(tmp_path: Path) -> None:
    cache, found = cache_in(tmp_path), Distro()
    Distro().run(cache)
    found.mirror = "2"
    assert "kept here 0 seconds ago, and checked" in str(found.run(cache, is_checked=True, parts=2).told)
    assert found.commands == ["update", "install"]
    later = Distro()
    later.mirror = "2"
    later.run(cache)
    assert later.commands == ["install"]  # it was kept anew


def test_an_index_of_the_future_is_checked(tmp_path: Path) -> None:
    cache, found = cache_in(tmp_path), Distro()
    Distro().run(cache)
    age(cache, -1000)
    found.run(cache)
    assert found.commands == ["update", "install"]


def test_where_the_mirror_has_moved_on_the_index_is_fetched_and_the_step_tried_once_more(tmp_path: Path) -> None:
    cache, moved = cache_in(tmp_path), Distro()
    Distro().run(cache)
    moved.mirror = "2"
    told = moved.run(cache).told
    assert [text for verb, text in told if verb == "note" and text.endswith("; the package index was fetched anew")]
    assert moved.commands == ["install", "update", "install"]
    assert moved.is_installed
    assert cache.entries() == ()


@pytest.mark.parametrize(
    ("said", "times"), [("E: Unable to locate package htop\n", 1), ("dpkg: error processing package htop\n", 0)]
)
def test_a_step_is_tried_once_more_only_where_a_newer_index_may_help(tmp_path: Path, said: str, times: int) -> None:
    cache, distro = cache_in(tmp_path), Distro()
    Distro().run(cache)
    distro.fails = said
    with pytest.raises(StepFailed):
        distro.run(cache)
    assert distro.commands.count("update") == times


def test_an_index_that_nobody_signed_is_not_kept(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    Distro(b"deb [trusted=yes] http://deb.example/debian ./\n").run(cache)
    assert cache.entries() == ()


def test_a_configuration_that_never_ends_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, distro, copy_out, sent = cache_in(tmp_path), Distro(), FakeEngine.copy_out, list[int]()

    def endless(engine: FakeEngine, ident: str, path: str) -> Iterator[bytes]:
        if path != "/etc/apt":
            yield from copy_out(engine, ident, path)
            return
        huge = tarfile.TarInfo("apt/sources.list")
        huge.size = 60 * 10**9
        yield huge.tobuf(tarfile.GNU_FORMAT)
        for number in range(60_000):
            sent.append(number)
            yield bytes(10**6)

    monkeypatch.setattr(FakeEngine, "copy_out", endless)
    distro.run(cache)
    assert distro.is_installed
    assert 0 < len(sent) < 100
    assert cache.entries() == ()


def test_what_one_sandbox_found_of_an_index_that_can_not_be_kept_is_asked_of_no_other(tmp_path: Path) -> None:
    cache, refused, told = cache_in(tmp_path), set[str](), b"deb [trusted=yes] http://deb.example/debian ./\n"
    first, second, signed = Distro(told), Distro(told), Distro()
    for distro in (first, second):
        distro.run(cache, refused=refused)
    assert ["copy_out" in distro.engine.calls for distro in (first, second)] == [True, False]
    assert not [spec for spec in second.engine.ran if MARK in " ".join(spec.argv)]
    assert second.commands == ["update", "install"]
    signed.run(cache, refused=set())
    assert len(cache.entries()) == 1


def test_an_install_waits_for_no_reading_where_another_sandbox_found_meanwhile_that_there_is_none(
    tmp_path: Path,
) -> None:
    cache, refused, found = cache_in(tmp_path), set[str](), Distro()
    found.beside_update = lambda: refused.add(index_name(plan(), IMAGE))
    found.run(cache, refused=refused)
    assert found.is_installed
    (install,) = [spec for spec in found.engine.ran if "install" in spec.argv]
    assert MARK not in " ".join(install.argv)
    assert cache.entries() == ()


def test_where_a_sandbox_has_no_index_no_other_of_its_base_is_asked_for_one(tmp_path: Path) -> None:
    refused, engine = set[str](), FakeEngine(files={"/etc/apt/sources.list": SOURCES})
    data = data_of("apt").kept_index
    assert not isinstance(data, str)
    data = replace(data, places=(LISTS,), later=None)
    one, two = (
        IndexUse(Box(engine, "c"), cache_in(tmp_path), "a", data, manager="apt", kept=[], refused=refused)
        for _ in range(2)
    )
    one.give_turn()
    one.begin_saving(time.time())
    one.end()
    assert two.is_refused
    assert engine.ran[-1].argv[-1] == MARK  # an install that waits for the reading goes on


def test_a_damaged_index_is_removed_with_what_came_of_it_and_another_is_fetched(tmp_path: Path) -> None:
    cache, found = cache_in(tmp_path), Distro()
    Distro().run(cache)
    (entry,) = cache.entries()
    entry.path.write_bytes(b"X" + entry.path.read_bytes()[1:])
    found.run(cache)
    assert found.commands == ["update", "install"]
    assert found.is_installed


def read_late(distro: Distro) -> Callable[[FakeEngine, str, str], Iterator[bytes]]:
    """Return a reading of the sandbox that begins only once its install has begun."""
    read = FakeEngine.copy_out

    def copy_out(engine: FakeEngine, ident: str, path: str) -> Iterator[bytes]:
        assert distro.install_began.wait(10)
        yield from read(engine, ident, path)

    return copy_out


@pytest.mark.parametrize("parts", [1, 2], ids=["in one go", "behind a look at the base"])
def test_an_install_waits_until_the_index_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    cache, distro = cache_in(tmp_path), Distro()
    monkeypatch.setattr(FakeEngine, "copy_out", read_late(distro))
    distro.run(cache, parts=parts)
    (install,) = [spec for spec in distro.engine.ran if "install" in spec.argv]
    assert any("Pre-Invoke" in word and MARK in word for word in install.argv)
    assert [spec.argv[-1] for spec in distro.engine.ran if MARK in spec.argv] == [MARK]
    assert len(cache.entries()) == 1


def test_an_index_that_was_not_read_before_packages_ran_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, distro = cache_in(tmp_path), Distro()
    monkeypatch.setattr(uses, "PATIENCE", -1.0)
    monkeypatch.setattr(FakeEngine, "copy_out", read_late(distro))
    distro.run(cache)
    assert distro.is_installed
    assert cache.entries() == ()


def test_no_later_step_makes_up_for_one_that_did_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, distro = cache_in(tmp_path), Distro()
    monkeypatch.setattr(uses, "PATIENCE", 0.01)
    monkeypatch.setattr(FakeEngine, "copy_out", read_late(distro))
    distro.run(cache, Spec(packages=("htop",), docs=True))  # the step that keeps manual pages can't wait
    assert distro.is_installed
    assert cache.entries() == ()


class Later:
    """A sandbox whose install makes a part of its index, and the places that were read of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine = FakeEngine(files={"/etc/apt/sources.list": SOURCES, f"{LISTS}/a_InRelease": b"1"})
        self.cache, self.read, self.lists_are_read = cache_in(folder), list[str](), threading.Event()
        data = data_of("apt").kept_index
        assert not isinstance(data, str)
        assert data.later is not None
        self.place = data.later.place
        self.use = IndexUse(Box(self.engine, "c"), self.cache, "a", data, manager="apt", kept=[], refused=set())
        copy_out = FakeEngine.copy_out

        def noted(engine: FakeEngine, ident: str, path: str) -> Iterator[bytes]:
            self.read.append(path)
            yield from copy_out(engine, ident, path)
            if path == LISTS:
                self.lists_are_read.set()

        monkeypatch.setattr(FakeEngine, "copy_out", noted)

    def begin(self) -> Argv:
        """Fetch the index and begin the install behind it, until only its own part is to read; return the refresh."""
        index, install = plan().steps
        argv = self.use.fetch_argv(index.argv, install)
        self.use.begin()
        self.use.begin_saving(time.time())
        self.use.give_turn()
        self.use.wait_before(install.argv)
        return argv

    def kept(self) -> list[str]:
        """Return the paths of what is kept."""
        self.use.end()
        with self.cache.reading("a") as file:
            places = (LISTS, self.place)
            return [member.path for member in read_index(file, os.fstat(file.fileno()).st_size, places).files]


def test_what_an_install_makes_of_the_index_is_read_once_it_has_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later(tmp_path, monkeypatch)
    assert "pkgCacheFile::Generate=false" in later.begin()
    assert later.lists_are_read.wait(10)
    assert later.place not in later.read
    later.engine.inside("c").tree.write(later.place, b"made")
    later.use.note_line()
    assert later.kept() == [f"{LISTS}/a_InRelease", later.place]


@pytest.mark.parametrize(("kind", "count"), [("install", 0), ("fetch", 1)])
def test_what_comes_behind_packages_code_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: StepKind, count: int
) -> None:
    later = Later(tmp_path, monkeypatch)
    later.begin()
    later.use.note_end("index")
    later.use.note_end(kind)  # it has said nothing
    later.use.end()
    assert len([entry for entry in later.cache.entries() if entry.is_whole]) == count
    assert not later.use.is_refused  # the next sandbox may be in time


def test_a_refresh_leaves_nothing_to_a_step_that_would_wait_for_it(tmp_path: Path) -> None:
    index = plan().steps[0]
    data = data_of("apt").kept_index
    assert not isinstance(data, str)
    use = IndexUse(Box(FakeEngine(), "c"), cache_in(tmp_path), "a", data, manager="apt", kept=[], refused=set())
    docs = plan(Spec(packages=("htop",), docs=True)).steps[1]
    for following in (None, docs, replace(index, kind="upgrade"), replace(plan().steps[1], source="pip")):
        assert use.fetch_argv(index.argv, following) == index.argv


@pytest.mark.parametrize("without", ["", "del os.O_TMPFILE\n"], ids=["unnamed", "named"])
def test_a_writer_that_is_killed_leaves_the_last_index_and_nothing_of_its_own(without: str, tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    path = kept(cache)
    text = (
        f"import os, sys, time, pathlib\n{without}from sandbox.provision.index_cache import IndexCache\n"
        "with IndexCache(cache=pathlib.Path(sys.argv[1]), days=30).writing('a') as file:\n"
        "    file.write(b'half'); file.flush(); print('written', flush=True); time.sleep(60)\n"
    )
    argv = [sys.executable, "-c", text, str(cache.cache)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
    assert path.read_bytes() == b"x"
    parts = [entry for entry in cache.entries() if entry.path != path]
    if without:  # as on a file system that has only files with a name
        assert [entry.is_whole for entry in parts] == [False]
        assert surplus(cache.entries(), days=30, now=time.time() + 2 * HOUR) == tuple(parts)
    else:
        assert parts == []


def test_neither_a_setting_nor_no_trace_nor_a_remote_engine_uses_one(tmp_path: Path) -> None:
    engine = FakeEngine(url="tcp://far.example:2375")
    found = resolved(plan())
    assert index_use(Box(engine, "c"), found, host_in(tmp_path, cache_folder=tmp_path)) is None
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(str(tmp_path / "s"))
        here.listen(8)
        near = Box(FakeEngine(url=f"unix://{tmp_path}/s"), "c")
        host = host_in(tmp_path, cache_folder=tmp_path)
        pretend = partial(index_use, near, found, listens=lambda _: True)
        assert pretend(host) is not None
        assert pretend(replace(host, no_trace=True)) is None
        assert pretend(replace(host, cache_folder=None)) is None
        assert pretend(replace(host, settings=replace(host.settings, index_cache=False))) is None
        assert index_use(near, found, host) is None  # a test listens there, and no engine
