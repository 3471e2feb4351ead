from datetime import timedelta

import pytest

from bot.memory import REPLY_FOR, Exchange, Memory
from bot.types import Place
from index import Previous
from tests.bot.builders import NOW, make_incoming


def make_exchange(number: int, *, minutes: float = 0, asked_by: int = 7) -> Exchange:
    return Exchange(
        previous=Previous(question=f"question {number}"),
        at=NOW + timedelta(minutes=minutes),
        sent_id=f"sent{number}",
        asked_by=asked_by,
    )


def test_memory_when_questions_are_many_then_it_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.memory.EXCHANGES", 3)
    memory = Memory()
    for number in range(8):
        memory.keep(make_exchange(number, asked_by=number), make_incoming(user_id=number, chat_id=number))
    assert memory.of_sent("sent4", NOW) is None
    assert memory.of_sent("sent5", NOW) is not None
    assert memory.last(make_incoming(user_id=4, chat_id=4), NOW) is None
    assert memory.last(make_incoming(user_id=7, chat_id=7), NOW) is not None


def test_memory_when_time_passes_then_questions_are_gone_even_where_nobody_follows_up() -> None:
    memory = Memory()
    memory.keep(make_exchange(1), make_incoming())
    memory.keep(
        make_exchange(2, minutes=REPLY_FOR.total_seconds() / 60 + 1, asked_by=8), make_incoming(user_id=8, chat_id=8)
    )
    assert memory.count(user_id=7, now=NOW) == 0


def test_last_when_in_a_group_then_nothing_is_kept_but_by_message() -> None:
    memory = Memory()
    asked = make_incoming(place=Place.GROUP)
    memory.keep(make_exchange(1), asked)
    assert memory.last(asked, NOW) is None
    assert memory.of_sent("sent1", NOW) is not None


def test_forget_when_a_person_asks_then_their_questions_everywhere_and_nobody_elses() -> None:
    memory = Memory()
    memory.keep(make_exchange(1), make_incoming())
    memory.keep(make_exchange(2), make_incoming(place=Place.GROUP, chat_id=-5))
    memory.keep(make_exchange(3, asked_by=8), make_incoming(user_id=8, chat_id=8))
    assert memory.forget(chat_id=7, user_id=7) == 2
    assert (memory.count(user_id=7, now=NOW), memory.count(user_id=8, now=NOW)) == (0, 1)
    assert memory.last(make_incoming(), NOW) is None
