import random
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Lane, Pacer


def leave(pacer: Pacer, lanes: Sequence[Lane], *, until_s: float, step_s: float) -> list[tuple[float, Lane]]:
    """Send to the first lane that is free, whenever there is room, looking every `step_s`."""
    left: list[tuple[float, Lane]] = []
    waiting, now_s = list(lanes), 0.0
    while now_s < until_s and waiting:
        for _ in range(pacer.room(now_s)):
            busy = pacer.busy(now_s)
            lane = next((one for one in waiting if one not in busy), None)
            if lane is None:
                break
            waiting.remove(lane)
            pacer.take(lane, now_s)
            left.append((now_s, lane))
        now_s += step_s
    return left


def most_within(times: list[float], seconds: float) -> int:
    return max((bisect_left(times, begin + seconds - 1e-9) - n for n, begin in enumerate(times)), default=0)


@pytest.mark.parametrize("per_second", [1, 29, 300, 1000])
def test_room_when_everybody_is_free_then_the_rate_is_reached_and_never_exceeded(per_second: int) -> None:
    left = leave(Pacer(per_second), list(range(1, 6 * per_second)), until_s=5, step_s=0.002)
    times = [time for time, _ in left]
    assert most_within(times, 1.0) <= per_second
    assert len(left) >= 5 * per_second * 0.95


@given(seed=st.integers(0, 999))
def test_room_when_looked_at_late_and_irregularly_then_the_second_holds_no_more(seed: int) -> None:
    chance, pacer, times, now_s = random.Random(seed), Pacer(29), list[float](), 0.0
    for n in range(300):
        for _ in range(pacer.room(now_s)):
            pacer.take(n, now_s)
            times.append(now_s)
        now_s += max(pacer.wait_s(now_s), 0.0) + chance.choice([0.0, 0.0, 0.001, 0.02, 0.2])
    assert most_within(times, 1.0) <= 29
    assert pacer.room(now_s + 10) == 2, "a pause is no leave for a burst"


def test_chats_when_many_messages_wait_for_one_then_one_a_second_and_a_group_twenty_a_minute() -> None:
    left = leave(Pacer(29), [7] * 100 + [-9] * 100, until_s=62, step_s=0.05)
    people, group = ([time for time, lane in left if lane == one] for one in (7, -9))
    assert most_within(people, 1.0) == 1
    assert len(people) >= 55
    assert most_within(group, 60.0) == 20
    assert len(group) >= 21


def test_close_when_one_chat_is_closed_for_hours_then_only_that_one() -> None:
    pacer = Pacer(29)
    pacer.close(7, 20_000.0)
    left = leave(pacer, [7, 8, 9, 10], until_s=10, step_s=0.05)
    assert [lane for _, lane in left] == [8, 9, 10]
    assert pacer.busy(30_000.0) == frozenset()


def test_close_when_chat_after_chat_is_closed_then_all_wait_and_one_that_arrives_ends_the_suspicion() -> None:
    pacer = Pacer(29)
    for chat in range(4):
        pacer.close(chat, 50.0)
    pacer.arrived()
    pacer.close(4, 50.0)
    assert pacer.room(1.0)
    for chat in range(5, 9):
        pacer.close(chat, 30.0 + chat)
    assert pacer.room(34.0) == 0
    assert pacer.wait_s(34.0) == pytest.approx(1.0)
    assert pacer.room(35.1)


def test_busy_when_chats_are_done_with_then_they_are_forgotten() -> None:
    pacer = Pacer(1000)
    for chat in range(1, 1001):
        pacer.take(chat, 0.0)
    pacer.take(-5, 0.0)
    assert len(pacer.busy(0.5)) == 1001
    assert pacer.busy(2.0) == frozenset()
    assert set(pacer._chats) == {-5}
    pacer.busy(100.0)
    assert pacer._chats == {}
