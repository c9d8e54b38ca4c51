"""Who leads: each change, and each way in which two of them can meet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from edgeweb.server import leadership
from edgeweb.server.leadership import (
    HURRY_SECONDS,
    NEXT_SLOW_SECONDS,
    QUIET_LOOKS,
    SLOW_SECONDS,
    Leadership,
    Standby,
)
from tests.interleaving import check_serial, watch_locks

#: The thread that makes a call, as the states know it: a call plays its role in whichever thread it is made.
role = threading.local()
LEADER, STANDBY, WORKER = 1, 2, 3


class Request:
    def service(self) -> None: ...


class World:
    """A leadership whose leader is this thread, with a standby, and a clock that the test sets."""

    def __init__(self, limit: int = 2, waiting: int = 1) -> None:
        self.now = 100.0
        self.state = Leadership(limit, 4, lambda: self.now)
        self.state.leader = role.number = LEADER
        self.standby = self.state.add_standby()
        assert self.standby is not None
        self.requests = [Request() for _ in range(waiting)]
        self.state.queue.extend(self.requests)
        self.led: bool | None = None
        #: What the leader knows of itself when its view has ended: where it leads then, it polls or ends.
        self.leads: bool | None = None
        self.number = 1
        self.looked: float | None = -2
        self.found: Any = "nothing"

    def begin(self) -> None:
        role.number = LEADER
        self.number = self.state.begun + 1
        self.found = self.state.begin()

    def end(self) -> None:
        role.number = LEADER
        self.led = self.state.end(self.number)
        self.leads = self.state.leads()

    def end_and_release(self) -> None:
        self.end()
        if not self.led:
            self.found = self.state.release(is_main=False)

    def look(self) -> None:
        role.number = STANDBY
        assert self.standby is not None
        self.looked = self.state.look(self.standby)

    def seen(self) -> tuple[object, ...]:
        """What is to be as after two calls one behind the other; threads and requests by their roles."""
        state = self.state
        found = type(self.found).__name__ if isinstance(self.found, Standby) else self.found
        if isinstance(found, Request):
            found = self.requests.index(found)
        standby = "none" if state.standby is None else "first" if state.standby is self.standby else "second"
        waiting = [self.requests.index(one) for one in state.queue]  # type: ignore[arg-type]
        led = self.led, self.leads
        return state.leader, state.views, standby, waiting, led, self.looked, found, dict(state.running)


def slow(limit: int = 2, waiting: int = 1) -> World:
    """The leader has been in a view for so long that the next look takes the lead from it."""
    world = World(limit, waiting)
    world.state.begin()
    world.now += 2 * SLOW_SECONDS
    return world


def lose_the_lead(world: World) -> None:
    """The view of the leader becomes a worker's, and there is a standby once more."""
    world.now += 2 * SLOW_SECONDS
    world.look()
    world.standby = world.state.add_standby()


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, leadership)
    monkeypatch.setattr(leadership, "get_ident", lambda: role.number)


def test_a_slow_view_loses_the_lead() -> None:
    world = slow()
    world.look()
    assert (world.looked, world.state.leader, world.state.standby) == (None, STANDBY, None)
    world.end()
    assert (world.led, world.state.views) == (False, 1)
    assert isinstance(world.state.release(is_main=False), Standby)
    assert world.state.views == 0


@pytest.mark.parametrize("order", ["the view ends", "the standby takes over"])
def test_a_view_ends_while_the_standby_takes_over(order: str) -> None:
    """Stopped before each instruction of one, the other goes ahead: one of the two orders comes out."""
    calls: list[Callable[[World], object]] = [World.end_and_release, World.look]
    first, second = calls if order == "the view ends" else calls[::-1]
    check_serial(leadership, slow, first, second, World.seen)


@pytest.mark.parametrize("first", [World.end_and_release, World.look])
def test_a_view_ends_while_the_standby_takes_over_and_a_request_waits(
    first: Callable[[World], object],
) -> None:
    second = World.look if first is World.end_and_release else World.end_and_release
    check_serial(leadership, lambda: slow(waiting=2), first, second, World.seen)


def test_the_next_view_begins_while_the_standby_looks_at_the_last_one() -> None:
    """A look that saw the old view must not take the lead from the new one."""

    def end_and_begin(world: World) -> None:
        world.end()
        if world.led:
            world.begin()

    for first, second in ((end_and_begin, World.look), (World.look, end_and_begin)):
        check_serial_of_three(lambda: slow(waiting=2), first, second)


def check_serial_of_three(
    make: Callable[[], World], first: Callable[..., Any], second: Callable[..., Any]
) -> None:
    """As `check_serial`, with the look also between `end` and `begin`."""
    from tests.interleaving import every_stop

    allowed = []
    for calls in ((first, second), (second, first)):
        world = make()
        for call in calls:
            call(world)
        allowed.append(world.seen())
    between = make()
    between.end()
    between.look()
    between.begin()
    allowed.append(between.seen())
    for meeting in every_stop(leadership):
        world = make()
        for future in meeting.run(lambda w=world: first(w), lambda w=world: second(w)):  # type: ignore[misc]
            future.result()
        assert world.seen() in allowed


@pytest.mark.parametrize("limit", [1, 2])
def test_two_workers_end_at_the_same_time(limit: int) -> None:
    """One request waits: one of them takes it. None waits: one stands by and the other ends."""

    def make() -> World:
        world = World(limit, waiting=1)
        world.state.workers = 2
        world.state.standby = None
        world.results = []  # type: ignore[attr-defined]
        return world

    def release(world: World) -> None:
        world.results.append(world.state.release(is_main=False))  # type: ignore[attr-defined]

    def seen(world: World) -> tuple[object, ...]:
        kinds = sorted(type(found).__name__ for found in world.results)  # type: ignore[attr-defined]
        return kinds, world.state.views, len(world.state.queue), world.state.standby is None

    check_serial(leadership, make, release, release, seen)


def test_the_leader_begins_while_a_worker_ends() -> None:
    """One place becomes free and one request waits: it is taken once, and is never left."""

    def make() -> World:
        world = World(limit=1)
        world.state.workers = 1
        return world

    def begin(world: World) -> None:
        world.led = world.state.begin() is not None

    def release(world: World) -> None:
        world.found = world.state.release(is_main=False)

    check_serial(leadership, make, begin, release, lambda world: world.state.views)
    check_serial(leadership, make, release, begin, lambda world: (world.state.views, len(world.state.queue)))


def test_an_answer_waits_while_the_standby_looks() -> None:
    world = World()
    world.state.begin()
    assert world.state.hand_over()
    world.look()
    assert world.looked is None

    def hand_over(world: World) -> None:
        role.number = LEADER
        world.led = world.state.hand_over()

    check_serial(leadership, slow, hand_over, World.look, lambda world: world.led)


def test_nothing_is_handed_over_where_nothing_runs_or_stands_by() -> None:
    world = World()
    assert not world.state.hand_over(), "no view runs"
    world.state.begin()
    assert world.standby is not None
    world.state.remove_standby(world.standby)
    assert not world.state.hand_over(), "there is no standby"
    role.number = WORKER
    assert world.state.hand_over(), "this thread does not lead, and may wait"


def test_a_short_view_keeps_the_lead() -> None:
    world = World()
    world.begin()
    world.now += SLOW_SECONDS / 2
    world.look()
    assert world.looked == pytest.approx(SLOW_SECONDS / 2)
    world.end()
    assert world.led


def test_for_a_moment_after_a_slow_view_others_lose_the_lead_sooner() -> None:
    world = slow(limit=4, waiting=3)
    world.look()
    for later, looked in ((0.0, NEXT_SLOW_SECONDS), (HURRY_SECONDS, SLOW_SECONDS)):
        world.standby = world.state.add_standby()
        world.state.leader = LEADER
        world.now += later
        world.look()
        assert world.looked == pytest.approx(looked)
        world.begin()
        world.now += 1.01 * looked
        world.look()
        assert (world.looked, world.state.leader) == (None, STANDBY)


def test_the_standby_sleeps_after_some_quiet_looks_and_wakes_with_the_next_view() -> None:
    world = World()
    assert world.standby is not None
    looks = 0
    while not world.standby.asleep:
        world.look()
        looks += 1
    assert (looks, world.looked) == (QUIET_LOOKS, -1.0)
    world.begin()
    assert not world.standby.asleep
    world.standby.wait(-1)  # at once


def test_the_lead_is_lost_while_a_view_begins() -> None:
    """Each of the two leaders gets a request of its own, wherever the first one was held up."""
    from tests.interleaving import every_stop

    def take_over_and_begin(world: World) -> object:
        lose_the_lead(world)
        return world.state.begin() if world.looked is None else None

    for meeting in every_stop(leadership):
        world = World(limit=3, waiting=2)
        first, second = meeting.run(world.state.begin, lambda w=world: take_over_and_begin(w))  # type: ignore[misc]
        assert first.result() is world.requests[0]
        assert second.result() in (None, world.requests[1])


@pytest.mark.parametrize("first", [World.begin, World.look])
def test_a_view_begins_while_the_standby_falls_asleep(first: Callable[[World], object]) -> None:
    """The standby never sleeps while a view runs, which would then hold up everybody."""

    def make() -> World:
        world = World()
        for _ in range(QUIET_LOOKS - 1):
            world.look()
        return world

    def seen(world: World) -> tuple[object, ...]:
        assert world.standby is not None
        return world.standby.asleep, len(world.state.running)

    second = World.look if first is World.begin else World.begin
    check_serial(leadership, make, first, second, seen)


def test_the_main_thread_stands_by_in_place_of_another() -> None:
    world = World()
    world.begin()
    lose_the_lead(world)
    found = world.state.release(is_main=True)
    assert isinstance(found, Standby)
    assert world.state.standby is found
    world.look()
    assert world.looked is None, "the first one ends"
    assert world.state.standby is found


def test_while_all_places_are_taken_requests_wait() -> None:
    world = World(limit=1, waiting=6)
    state = world.state
    state.begin()
    lose_the_lead(world)
    assert state.begin() is None
    work = state.queue[-1]
    assert not state.has_next()
    assert not state.offer(work), "one runs and five wait, where four may"
    state.queue.pop()
    state.queue.pop()
    assert state.offer(work)
    state.limit = 2
    assert state.has_next()


@pytest.mark.parametrize(("limit", "streams"), [(1, 1), (2, 1), (3, 2)])
def test_streams_leave_a_place_for_other_views(limit: int, streams: int) -> None:
    state = World(limit).state
    assert [state.begin_stream() for _ in range(streams + 1)] == [True] * streams + [False]
    state.end_stream()
    assert [state.begin_stream() for _ in range(2)] == [True, False]


def test_one_thread_stands_by() -> None:
    world = World()
    assert world.state.add_standby() is None
    assert world.state.standby is world.standby
    world.state.finished = True
    world.state.standby = None
    assert world.state.add_standby() is None


def test_a_worker_takes_what_waits_and_then_ends() -> None:
    world = World(waiting=2)
    world.begin()
    lose_the_lead(world)
    assert world.state.release(is_main=False) is world.requests[1]
    assert world.state.views == 1
    assert world.state.release(is_main=False) is None, "there is a standby"
    assert world.state.views == 0


def test_the_watchdog_is_fed_while_views_end_or_a_place_is_free() -> None:
    world = World(limit=2, waiting=2)
    state = world.state
    assert all(state.are_alive() for _ in range(3))
    state.begin()
    assert all(state.are_alive() for _ in range(3)), "there is one more place"
    lose_the_lead(world)
    state.begin()
    assert state.are_alive(), "they may have just begun"
    assert not state.are_alive()
    assert not state.are_alive()
    lose_the_lead(world)
    state.release(is_main=False)
    assert state.are_alive(), "a view has ended"


def test_the_end_wakes_the_standby_and_sends_workers_home() -> None:
    world = World(waiting=2)
    world.begin()
    lose_the_lead(world)
    world.state.finish()
    assert world.standby is not None
    world.standby.wait(-1)
    world.look()
    assert world.looked is None
    assert world.state.release(is_main=True) is None
    assert (world.state.views, len(world.state.queue)) == (0, 1), "what waits is not begun any more"
    assert world.state.add_standby() is None
