"""clean: what dead sessions left, and on request the cache and what we pulled; nothing else, ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes import FakeEngine

from sandbox import __version__
from sandbox.commands.clean import clean
from sandbox.container.snapshot import Snapshot
from sandbox.engine import labels
from sandbox.engine.protocol import Container, Image
from sandbox.engine.swarm import SwarmObject
from sandbox.errors import Conflict, EngineError, RemovalFailed
from sandbox.inspect.baseline import BaselineSnapshots, cached_files
from sandbox.lifecycle import pulled_images
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.provision.context import Context
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

US = current_owner()
DEAD = replace(US, started=US.started + 1)


@pytest.fixture
def host(tmp_path: Path) -> Context:
    return Context(
        environ={},
        owner=US,
        settings=Settings(),
        journal=Journal(None),
        state_folder=tmp_path / "state",
        cache_folder=tmp_path / "cache",
        version=__version__,
    )


@pytest.fixture
def engine(host: Context) -> FakeEngine:
    """An engine with one of each: a leftover, a cached state, a base that we pulled and one that we did not."""
    left = labels.session_labels(DEAD, session="s", name="otter", version="1")
    cached = labels.saved_labels("cache", US, version="1", extra={})
    pulled_images.record(host.state_folder, "unix:///fake.sock", "debian:bookworm", "sha256:ours")
    return FakeEngine(
        containers_known=[Container(id="c", name="otter", state="exited", image="x", labels=left, created=0)],
        images_known=[
            Image(id="sha256:ours", tags=("debian:bookworm",), size=117),
            Image(id="sha256:theirs", tags=("debian:trixie",), size=117),
            Image(id="sha256:cache", tags=("sandbox-cache/plan:1",), size=150, labels=cached),
        ],
    )


def test_a_clean_takes_what_dead_clients_left_on_a_swarm_services_first(engine: FakeEngine, host: Context) -> None:
    left = labels.session_labels(DEAD, session="s", name="x", version="1", kind="job")
    mine = labels.session_labels(US, session="t", name="y", version="1", kind="job")
    engine.on_swarm = [
        SwarmObject(kind="config", id="c1", name="x-1", labels=left),
        SwarmObject(kind="service", id="s1", name="x-2", labels=left),
        SwarmObject(kind="service", id="s2", name="y-1", labels=mine),
    ]
    done = clean(engine, host, cache=False, images=False, dry_run=False)
    assert [(item.kind, item.name) for item in done.items if item.why == "its trial died"] == [
        ("service", "x-2"),
        ("config", "x-1"),
    ]
    assert [row.id for row in engine.on_swarm] == ["s2"]


def test_what_a_swarm_will_not_give_up_is_said_with_how_to_finish_by_hand(engine: FakeEngine, host: Context) -> None:
    left = labels.session_labels(DEAD, session="s", name="x", version="1", kind="job")
    engine.on_swarm = [SwarmObject(kind="config", id="c1", name="x-1", labels=left)]
    engine.failing["remove_swarm_object"] = [EngineError("in use by a service")]
    [error] = clean(engine, host, cache=False, images=False, dry_run=False).failures
    assert advice_of(error) == ("docker config rm c1",)


def test_a_plain_clean_removes_only_what_dead_sessions_left(engine: FakeEngine, host: Context) -> None:
    done = clean(engine, host, cache=False, images=False, dry_run=False)
    assert [(item.kind, item.name) for item in done.items] == [("container", "otter")]
    assert (engine.containers_known, len(engine.images_known)) == ([], 3)


def test_a_dry_run_says_the_same_and_removes_nothing(engine: FakeEngine, host: Context) -> None:
    said = clean(engine, host, cache=True, images=True, dry_run=True)
    assert not {"remove", "remove_image"} & {*engine.calls}
    done = clean(engine, host, cache=True, images=True, dry_run=False)
    assert said.items == done.items
    assert [image.id for image in engine.images_known] == ["sha256:theirs"]


def test_an_image_that_was_removed_is_ours_no_more(engine: FakeEngine, host: Context) -> None:
    clean(engine, host, cache=False, images=True, dry_run=False)
    assert pulled_images.records(host.state_folder, engine.url) == {}


def test_another_image_under_the_name_that_we_pulled_stays(engine: FakeEngine, host: Context) -> None:
    engine.images_known[0] = replace(engine.images_known[0], id="sha256:newer")
    assert clean(engine, host, cache=False, images=True, dry_run=True).items[1:] == ()


def test_what_is_gone_already_is_not_listed(host: Context) -> None:
    pulled_images.record(host.state_folder, "unix:///fake.sock", "debian:bookworm")
    assert clean(FakeEngine(), host, cache=True, images=True, dry_run=False).items == ()


def test_one_that_is_in_use_stays_and_the_rest_goes(engine: FakeEngine, host: Context) -> None:
    engine.failing["remove_image"] = [Conflict("in use", details=[("it said", "used by x")])]
    done = clean(engine, host, cache=True, images=True, dry_run=False)
    [failure] = done.failures
    assert isinstance(failure, RemovalFailed)
    assert "in use" in failure.brief
    assert failure.details == (("it said", "used by x"),)
    assert {item.kind for item in done.items} == {"container", "image"}


def test_what_was_kept_of_images_files_goes_with_the_cache(engine: FakeEngine, host: Context) -> None:
    assert host.cache_folder is not None
    BaselineSnapshots(host.cache_folder).of("a", lambda: Snapshot(entries={})).result()
    (path,) = cached_files(host.cache_folder)
    clean(engine, host, cache=False, images=True, dry_run=False)
    assert [item.kind for item in clean(engine, host, cache=True, images=False, dry_run=True).items] == [
        "cache",
        "files",
    ]
    assert path.exists()
    clean(engine, host, cache=True, images=False, dry_run=False)
    assert not path.exists()


def test_kept_requests_go_with_the_cache(host: Context) -> None:
    assert host.cache_folder is not None
    kept = host.cache_folder / "start" / "0a"
    kept.parent.mkdir(parents=True)
    kept.write_text("request")
    clean(FakeEngine(), host, cache=False, images=True, dry_run=False)
    assert kept.exists()
    clean(FakeEngine(), host, cache=True, images=False, dry_run=False)
    assert not kept.exists()


def test_a_failed_removal_says_what_to_type(engine: FakeEngine, host: Context) -> None:
    engine.failing.update(remove=[EngineError("x")], remove_image=[EngineError("y"), EngineError("z")])
    done = clean(engine, host, cache=True, images=True, dry_run=False)
    assert [advice_of(failure)[0] for failure in done.failures] == [
        "docker rm -f otter",
        "docker rmi sandbox-cache/plan:1",
        "docker rmi debian:bookworm",
    ]
