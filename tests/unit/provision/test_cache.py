"""The cache: bounded, expiring, ours alone, and of exactly one plan."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.fakes import OWNER, FakeEngine

from sandbox.container.box import Box
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.protocol import FileStamp, Image
from sandbox.errors import Conflict, EngineError
from sandbox.managers.apt import driver as apt
from sandbox.managers.protocol import Package
from sandbox.provision.cache import (
    DAY,
    INDEX_LIMIT,
    STATE,
    Cache,
    CachedImage,
    index_reference,
    plan_reference,
    save_problem,
    surplus,
)
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.provision.run import Provisioned
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.labels import Owner

BASE = Image(id="sha256:base", tags=("debian:bookworm",), size=100)
HTOP = Package(name="htop", version="3.2.2-2", architecture="amd64", size=400_000, explicit=True)
PROVISIONED = Provisioned(
    asked=(HTOP,),
    dependencies=2,
    size=500_000,
    commands=("htop",),
    explicit=frozenset({"htop", "bash"}),
    stamps={"/var/lib/dpkg/status": FileStamp(size=1, modified="then"), "/absent": None},
)


def plan(*packages: str, setup: tuple[str, ...] = ()) -> Plan:
    target = find_target("debian:bookworm")
    return plan_for(Spec(packages=packages, setup=setup), target, apt, Terms(cached=True))


def cache_of(engine: FakeEngine, folder: Path, *, limit: int = 1000) -> Cache:
    return Cache(engine=engine, owner=OWNER, version="1", folder=folder, limit=limit, lifetime=30)


def fresh(engine: FakeEngine) -> None:
    """Let what the engine committed be made now."""
    engine.images_known = [replace(image, created=time.time()) for image in engine.images_known]


def test_a_state_is_found_again_as_it_was_saved(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache_of(engine, tmp_path).save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    fresh(engine)
    found = cache_of(engine, tmp_path).find(plan("htop"), BASE)
    assert found is not None
    assert found[1] == PROVISIONED


@pytest.mark.parametrize("other", [plan("jq"), plan("htop=3"), plan("htop", setup=("true",)), plan("htop", "jq")])
def test_another_plan_is_another_state(tmp_path: Path, other: Plan) -> None:
    engine = FakeEngine()
    cache_of(engine, tmp_path).save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    assert cache_of(engine, tmp_path).find(other, BASE) is None


def test_another_base_is_another_state() -> None:
    assert plan_reference(plan("htop"), BASE) != plan_reference(plan("htop"), replace(BASE, id="sha256:new"))
    assert index_reference(BASE, plan("htop")) != index_reference(replace(BASE, id="sha256:new"), plan("htop"))


def test_a_saved_image_names_no_session_and_its_owner(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache_of(engine, tmp_path).save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    [image] = engine.images_known
    assert image.labels[labels.KIND] == "cache"
    assert image.labels[labels.USER] == str(OWNER.uid)
    assert all(image.labels[name] == "" for name in labels.OWNED)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"stamps": 1}', json.dumps({"asked": [{"nme": "x"}]})])
def test_a_damaged_state_is_none(tmp_path: Path, text: str) -> None:
    engine = FakeEngine()
    cache_of(engine, tmp_path).save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    fresh(engine)
    engine.images_known = [replace(row, labels={**row.labels, STATE: text}) for row in engine.images_known]
    assert cache_of(engine, tmp_path).find(plan("htop"), BASE) is None


@pytest.mark.parametrize("label", [labels.USER, labels.HOST])
def test_what_another_user_or_host_saved_is_not_used_listed_or_dropped(tmp_path: Path, label: str) -> None:
    engine, cache = FakeEngine(), cache_of(FakeEngine(), tmp_path)
    cache_of(engine, tmp_path).save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    fresh(engine)
    engine.images_known = [replace(row, labels={**row.labels, label: "other"}) for row in engine.images_known]
    cache = cache_of(engine, tmp_path, limit=0)
    assert cache.find(plan("htop"), BASE) is None
    assert cache.entries() == cache.trim() == ()
    assert len(engine.images_known) == 1


@pytest.mark.parametrize(
    "other", [replace(OWNER, uid=OWNER.uid + 1), replace(OWNER, host="other")], ids=["user", "host"]
)
def test_others_who_share_the_engine_keep_their_state_and_index_of_the_same_plan(tmp_path: Path, other: Owner) -> None:
    engine = FakeEngine()
    caches = [
        Cache(engine=engine, owner=owner, version="1", folder=tmp_path, limit=1000, lifetime=30)
        for owner in (OWNER, other)
    ]
    for cache in caches:
        cache.save_index(Box(engine, "c"), plan("htop"), BASE)
        cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    fresh(engine)
    for cache in caches:
        assert cache.find(plan("htop"), BASE) is not None
        assert cache.find_index(plan("htop"), BASE) is not None


def test_what_is_too_old_is_not_used(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache = cache_of(engine, tmp_path)
    cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    engine.images_known = [replace(row, created=time.time() - 31 * DAY) for row in engine.images_known]
    assert cache.find(plan("htop"), BASE) is None
    assert len(cache.trim()) == 1
    assert engine.images_known == []


def test_an_index_that_has_grown_too_large_is_begun_anew(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache = cache_of(engine, tmp_path)
    cache.save_index(Box(engine, "c"), plan("htop"), BASE)
    fresh(engine)
    assert cache.find_index(plan("jq"), BASE) is not None
    engine.images_known = [replace(row, size=BASE.size + INDEX_LIMIT) for row in engine.images_known]
    assert cache.find_index(plan("jq"), BASE) is None


def test_entries_count_what_is_above_their_base_and_the_least_recently_used_is_first(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache = cache_of(engine, tmp_path)
    for name in ("htop", "jq"):
        cache.save(Box(engine, "c"), plan(name), BASE, PROVISIONED)
    cache.touch(cache.entries()[0].reference)
    rows = cache.entries()
    assert [row.title for row in rows] == ["debian bookworm: jq", "debian bookworm: htop"]
    assert {row.size for row in rows} == {50}


def test_saving_keeps_the_cache_within_its_bound(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache = cache_of(engine, tmp_path, limit=120)
    for name in ("htop", "jq", "curl"):
        cache.save(Box(engine, "c"), plan(name), BASE, PROVISIONED)
        fresh(engine)
    assert [row.title for row in cache.entries()] == ["debian bookworm: jq", "debian bookworm: curl"]


@pytest.mark.parametrize("error", [Conflict("in use"), EngineError("busy")])
def test_one_that_is_in_use_stays_and_is_no_error(tmp_path: Path, error: Exception) -> None:
    engine = FakeEngine(failing={"remove_image": [error]})
    cache = cache_of(engine, tmp_path)
    cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    assert cache.drop(cache.entries()) == ()
    assert cache.drop(cache.entries()) != ()


def test_a_disk_that_refuses_costs_only_the_times_of_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = FakeEngine()
    cache = cache_of(engine, tmp_path / "file")
    cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)
    assert len(cache.drop(cache.entries())) == 1


ENTRIES = st.lists(
    st.builds(
        CachedImage,
        reference=st.uuids().map(str),
        id=st.just("i"),
        title=st.just("t"),
        size=st.integers(0, 60),
        created=st.floats(0, 100),
        used=st.floats(0, 100),
    ),
    max_size=8,
)


@given(ENTRIES, st.integers(0, 200), st.floats(0, 100))
def test_what_stays_is_fresh_within_the_limit_and_the_most_recently_used(
    rows: list[CachedImage], limit: int, lifetime: float
) -> None:
    gone = surplus(rows, limit=limit, lifetime=lifetime, now=100)
    stays = [row for row in rows if row not in gone]
    assert all(100 - row.created <= lifetime for row in stays)
    assert sum(row.size for row in stays) <= limit
    evicted = [row for row in gone if 100 - row.created <= lifetime]
    assert all(old.used <= kept.used for old in evicted for kept in stays)
    assert not evicted or sum(row.size for row in (*stays, *evicted)) > limit
    assert [row.used for row in gone] == sorted(row.used for row in gone)


def test_what_was_replaced_goes_first_of_all() -> None:
    kept = CachedImage(reference="sandbox-cache/index:a", id="sha256:a", title="", size=1, created=100, used=100)
    replaced = CachedImage(reference="sha256:b", id="sha256:b", title="", size=1, created=100, used=100)
    assert surplus([kept, replaced], limit=100, lifetime=100, now=100) == (replaced,)


def test_a_cache_that_can_not_be_saved_is_something_to_warn_of(tmp_path: Path) -> None:
    refused = EngineError("the engine could not save x", details=[("it said", "no space left")])
    engine = FakeEngine(failing={"commit": [refused]})
    cache = cache_of(engine, tmp_path)
    problem = save_problem(lambda: cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED))
    assert problem is not None
    assert (problem.brief, problem.details) == (
        "the cache could not save it: the engine could not save x",
        refused.details,
    )
    assert save_problem(lambda: cache.save(Box(engine, "c"), plan("htop"), BASE, PROVISIONED)) is None
