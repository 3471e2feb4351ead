from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import Action, Ask, Page, Settings, Since, Topic
from bot.limits import Gate, Limits, Queue, Refused, Whose
from bot.texts import LOCALES
from tests.bot.builders import NOW, make_incoming


@dataclass(frozen=True)
class Allowed:
    user_per_minute: int = 6
    chat_per_minute: int = 20


def asked(
    limits: Limits, seconds: Sequence[float], *, user_id: int | None = 7, chat_id: int = -5
) -> list[Refused | None]:
    return [limits.take(user_id=user_id, chat_id=chat_id, now=NOW + timedelta(seconds=each)) for each in seconds]


def test_limits_when_a_person_asks_as_fast_as_allowed_then_all_are_granted() -> None:
    assert asked(Limits(Allowed()), range(0, 600, 10)) == [None] * 60


def test_limits_when_a_person_asks_too_fast_then_told_once_how_long_to_wait() -> None:
    answers = asked(Limits(Allowed()), [0] * 6 + [4, 4, 5])
    assert answers[:6] == [None] * 6
    assert answers[6] == Refused(whose=Whose.USER, wait_s=6, tell=True)
    assert [refused.tell for refused in answers[7:] if refused] == [False, False]


def test_limits_when_the_wait_is_over_then_granted_and_still_not_told_again() -> None:
    limits = Limits(Allowed())
    asked(limits, [0] * 7)
    assert asked(limits, [10]) == [None]
    (refused,) = asked(limits, [10])
    assert refused is not None
    assert not refused.tell


def test_limits_when_the_bucket_was_full_again_then_told_again() -> None:
    limits = Limits(Allowed())
    asked(limits, [0] * 7)
    *granted, refused = asked(limits, [60] * 7)
    assert granted == [None] * 6
    assert refused is not None
    assert refused.tell


def test_limits_when_a_hundred_questions_a_second_come_for_a_minute_then_at_most_one_line() -> None:
    answers = asked(Limits(Allowed()), [number / 100 for number in range(6_000)])
    assert sum(answer is None for answer in answers) <= 6 + 6
    assert sum(answer.tell for answer in answers if answer) == 1


def test_limits_when_many_ask_in_one_chat_then_the_chat_is_told_once() -> None:
    limits = Limits(Allowed())
    answers = [limits.take(user_id=user, chat_id=-5, now=NOW) for user in range(30)]
    assert answers[:20] == [None] * 20
    assert answers[20] == Refused(whose=Whose.CHAT, wait_s=3, tell=True)
    assert not any(answer.tell for answer in answers[21:] if answer)


def test_limits_when_one_asks_in_two_chats_then_one_bucket_is_theirs() -> None:
    limits = Limits(Allowed())
    assert asked(limits, [0] * 4, chat_id=-5) + asked(limits, [0] * 2, chat_id=-6) == [None] * 6
    assert asked(limits, [0], chat_id=-7) != [None]
    assert asked(limits, [0], chat_id=-7, user_id=8) == [None]


def test_limits_when_a_person_is_refused_then_the_chat_does_not_pay_for_it() -> None:
    limits = Limits(Allowed())
    asked(limits, [0] * 100)
    assert [limits.take(user_id=user, chat_id=-5, now=NOW) for user in range(100, 114)] == [None] * 14


def test_limits_when_nobody_is_named_then_only_the_chat_counts() -> None:
    assert asked(Limits(Allowed()), [0] * 20, user_id=None) == [None] * 20


def test_limits_when_the_clock_goes_back_then_nothing_is_given_and_nothing_taken() -> None:
    limits = Limits(Allowed())
    asked(limits, [100] * 6)
    assert asked(limits, [0])[0] is not None
    assert asked(limits, [10]) == [None]


def test_limits_when_there_are_more_people_than_can_be_kept_then_the_longest_silent_go() -> None:
    limits = Limits(Allowed())
    asked(limits, [0] * 7)
    for user in range(1_000_000, 1_010_001):
        limits.take(user_id=user, chat_id=user, now=NOW)
    assert asked(limits, [0]) == [None]


@given(st.lists(st.floats(min_value=0, max_value=5), max_size=300), st.integers(1, 30))
def test_limits_when_asked_in_any_rhythm_then_never_more_than_the_rate_and_the_bucket(
    pauses: list[float], rate: int
) -> None:
    limits, moment, granted = Limits(Allowed(user_per_minute=rate, chat_per_minute=10**6)), 0.0, 0
    for pause in pauses:
        moment += pause
        granted += asked(limits, [moment]) == [None]
    assert granted <= rate + moment * rate / 60 + 1e-6


@given(st.integers(1, 60), st.floats(min_value=0, max_value=59))
def test_limits_when_waited_as_long_as_told_then_granted(rate: int, later: float) -> None:
    limits = Limits(Allowed(user_per_minute=rate, chat_per_minute=10**6))
    refused = asked(limits, [0] * rate + [later])[-1]
    if refused is not None:
        assert asked(limits, [later + refused.wait_s]) == [None]


@pytest.mark.parametrize(("action", "granted"), [(Ask(question="how many?"), 6), (Since(), 6), (Settings(), 40)])
def test_gate_when_a_person_floods_then_questions_are_fewer_than_pages(action: Action, granted: int) -> None:
    gate = Gate(Allowed(chat_per_minute=1_000))
    assert [gate.admit(action, make_incoming(), NOW) for _ in range(200)].count(None) == granted


def test_silenced_when_told_and_no_token_is_left_then_until_one_is() -> None:
    gate, asked = Gate(Allowed()), Ask(question="how many?")
    for number in range(8):
        assert gate.is_silenced(asked, make_incoming(), NOW) == (number > 6)
        gate.admit(asked, make_incoming(), NOW)
    assert gate.is_silenced(asked, make_incoming(chat_id=-5), NOW + timedelta(seconds=9)), "the person's, anywhere"
    assert not gate.is_silenced(asked, make_incoming(user_id=8), NOW)
    assert not gate.is_silenced(asked, make_incoming(), NOW + timedelta(seconds=10))
    assert not gate.is_silenced(Page(topic=Topic.HELP), make_incoming(), NOW)


def test_gate_when_questions_are_refused_then_help_is_not() -> None:
    gate = Gate(Allowed())
    assert any(gate.admit(Ask(question="how many?"), make_incoming(), NOW) for _ in range(7))
    assert gate.admit(Page(topic=Topic.HELP), make_incoming(), NOW) is None


def test_gate_when_one_presses_without_end_then_refused() -> None:
    gate = Gate(Allowed())
    assert [gate.admit_press(7, NOW) for _ in range(100)].count(None) == 40
    assert gate.admit_press(8, NOW) is None


@pytest.mark.parametrize("language", LOCALES)
def test_gate_when_it_refuses_then_the_wait_and_a_persons_rate_are_told(language: str) -> None:
    gate = Gate(Allowed(user_per_minute=9))
    of_user = gate.told(Refused(whose=Whose.USER, wait_s=31, tell=True), language)
    of_chat = gate.told(Refused(whose=Whose.CHAT, wait_s=31, tell=True), language)
    assert "31" in of_user
    assert "9" in of_user
    assert "31" in of_chat
    assert "9" not in of_chat


def test_queue_when_full_then_nobody_enters_until_one_has_left() -> None:
    queue = Queue(2)
    assert [queue.enter(), queue.enter(), queue.enter()] == [True, True, False]
    queue.leave()
    assert queue.waiting == 1
    assert queue.enter()


def test_queue_when_nobody_is_in_then_leaving_is_a_bug() -> None:
    with pytest.raises(ValueError, match="entered"):
        Queue(2).leave()
