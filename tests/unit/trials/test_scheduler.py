"""Cells go to the least busy engine; those of one that is lost go to another."""

from __future__ import annotations

from sandbox.core.tasks import Background
from sandbox.trials.scheduler import Scheduler, Worker


def spread(items: str, *slots: int, most: int = 10) -> tuple[Scheduler[str], list[Worker]]:
    places = [Worker(f"e{number}", count) for number, count in enumerate(slots)]
    return Scheduler(items, places, most=most), places


def taken(queue: Scheduler[str]) -> tuple[str, str | None]:
    turn = queue.take()
    assert turn is not None
    return turn[0], turn[1].url if turn[1] else None


def test_each_item_goes_to_the_place_that_is_least_busy_for_its_size() -> None:
    queue, _ = spread("abcdef", 4, 2)
    assert [taken(queue)[1] for _ in range(6)] == ["e0", "e1", "e0", "e0", "e1", "e0"]


def test_no_more_than_wanted_are_out_at_once() -> None:
    queue, places = spread("ab", 4, most=1)
    assert taken(queue) == ("a", "e0")
    later = Background(queue.take)
    assert not later.wait(0.05)
    queue.finish(places[0])
    turn = later.result()
    assert turn is not None
    assert turn[0] == "b"


def test_an_item_of_a_lost_place_goes_to_another_first() -> None:
    queue, places = spread("abc", 1, 1)
    assert [taken(queue), taken(queue)] == [("a", "e0"), ("b", "e1")]
    queue.give_back("a", places[0], "gone")
    queue.finish(places[1])
    assert taken(queue) == ("a", "e1")
    assert places[0].lost == "gone"


def test_an_item_is_waited_for_while_its_place_may_still_lose_it() -> None:
    queue, places = spread("a", 1, 1)
    assert taken(queue) == ("a", "e0")
    later = Background(queue.take)
    assert not later.wait(0.05)
    queue.give_back("a", places[0], "gone")
    assert later.result() == ("a", places[1])


def test_with_every_place_lost_items_come_without_one() -> None:
    queue, places = spread("ab", 1)
    taken(queue)
    queue.give_back("a", places[0], "gone")
    assert [taken(queue), taken(queue), queue.take()] == [("a", None), ("b", None), None]


def test_at_the_end_nobody_waits() -> None:
    queue, _ = spread("ab", 1)
    taken(queue)
    later = Background(queue.take)
    queue.end()
    assert later.result() is None
