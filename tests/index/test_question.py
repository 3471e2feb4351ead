import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QuestionError
from index.question import LONGEST_CHARS, understand
from index.types import Intent, Query, Question

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 8, 6, 15, 30, tzinfo=UTC)
ROWS = [json.loads(line) for line in (DATA / "time_phrases.jsonl").read_text(encoding="utf-8").splitlines()]
NO_TIMES = (DATA / "no_time_phrases.txt").read_text(encoding="utf-8").splitlines()
PIECES = (
    "since 14:00 before after yesterday on Thursday between 9 and 11am to Monday 3 August 2026 the last two hours ago "
    "by at 99 31 February ? 's noon 2026-02-30 24:00 this week tonight Sunday UTC ET vor heute с с 14 hier in the from"
).split()


def ask(text: str, *, now: datetime = NOW, zone: str = "Europe/London") -> Query:
    return understand(Question(text=text, now=now, zone=zone))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["question"])
def test_understand_when_a_time_is_named_then_scope_and_intent_are_the_tables(row: dict[str, Any]) -> None:
    query = understand(Question(text=row["question"], now=datetime.fromisoformat(row["now"]), zone=row["zone"]))
    scope = query.scope
    assert (scope and scope.since, scope and scope.until) == (moment(row["since"]), moment(row["until"]))
    assert (query.as_of, query.intent, query.scope_strict) == (
        moment(row["as_of"]),
        Intent(row["intent"]),
        row["strict"],
    )
    assert scope is None or (scope.phrase in row["question"] and scope.phrase not in query.text)


@pytest.mark.parametrize("text", NO_TIMES)
def test_understand_when_the_words_are_no_time_then_there_is_no_scope(text: str) -> None:
    query = ask(text)
    assert (query.scope, query.as_of) == (None, None)


def test_tables_when_read_then_they_hold_eighty_rows_each() -> None:
    assert len(ROWS) >= 80
    assert len(NO_TIMES) >= 80


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What is the latest death toll?", Intent.LATEST),
        ("How many were rescued so far?", Intent.LATEST),
        ("arrests in Alder now", Intent.LATEST),
        ("still no trains", Intent.LATEST),
        ("mayor now wants the pier closed", Intent.FACT),
        ("harbour crews still searching quay", Intent.FACT),
        ("Is the road still closed?", Intent.LATEST),
        ("Who is currently in charge?", Intent.LATEST),
        ("How did the number of arrests develop?", Intent.FIGURE),
        ("How has the toll changed?", Intent.FIGURE),
        ("/figure arrests", Intent.FIGURE),
        ("What did I miss?", Intent.CATCH_UP),
        ("What's new?", Intent.CATCH_UP),
        ("Who resigned?", Intent.FACT),
        ("What happened to the driver?", Intent.FACT),
        ("How far away is it, so far away?", Intent.FACT),
    ],
)
def test_understand_when_no_time_is_named_then_the_words_tell_the_intent(text: str, intent: Intent) -> None:
    assert ask(text).intent is intent


@pytest.mark.parametrize(
    ("text", "anchor", "side"),
    [
        ("What did the minister say before the vote?", "vote", "before"),
        ("Who left after the explosion?", "explosion", "after"),
        ("After the crash, who was arrested?", "crash", "after"),
        ("Who spoke before the court?", "", ""),
        ("What happened after the strike hit the port?", "", ""),
    ],
)
def test_understand_when_an_event_is_the_clock_then_it_is_the_anchor(text: str, anchor: str, side: str) -> None:
    query = ask(text)
    assert (query.anchor, query.anchor_side, query.scope) == (anchor, side, None)


def test_understand_when_a_date_modifies_a_noun_then_the_scope_is_loose() -> None:
    assert not ask("How many died in the attack on 4 August?").scope_strict
    assert ask("What happened on 4 August?").scope_strict


def test_understand_when_the_question_is_empty_then_it_is_refused() -> None:
    with pytest.raises(QuestionError):
        ask(" \n")


def test_understand_when_the_zone_is_unknown_then_it_is_refused() -> None:
    with pytest.raises(QuestionError, match="Nowhere/Atall"):
        ask("Who won?", zone="Nowhere/Atall")


@pytest.mark.parametrize(("day", "hours"), [(26, 25), (27, 24)])
def test_understand_when_clocks_changed_yesterday_then_the_day_keeps_its_length(day: int, hours: int) -> None:
    now = datetime(2026, 10, day, 12, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)
    scope = ask("What happened yesterday?", now=now, zone="Europe/Kyiv").scope
    assert scope
    assert scope.since
    assert scope.until
    assert scope.until - scope.since == timedelta(hours=hours)


@given(
    text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)),
    now=st.datetimes(timezones=st.just(UTC)),
    zone=st.sampled_from(["UTC", "Europe/Kyiv", "Pacific/Apia", "America/New_York", "Asia/Kathmandu"]),
)
def test_understand_when_given_any_text_then_it_bounds_the_past_or_refuses(text: str, now: datetime, zone: str) -> None:
    if not text.strip():
        with pytest.raises(QuestionError):
            ask(text, now=now, zone=zone)
        return
    try:
        query = ask(text, now=now, zone=zone)
    except QuestionError as refused:
        if not re.search("ends before it begins|holds no word", str(refused)):
            raise
        return
    scope = query.scope
    assert query.as_of is None or query.as_of <= now
    if scope:
        assert scope.since is None or scope.since <= now
        assert scope.until is None or scope.until <= now
        assert scope.since is None or scope.until is None or scope.since <= scope.until


def test_understand_when_the_text_is_endless_then_only_its_beginning_is_read_and_soon() -> None:
    text = "How many boats sank? " + "since 14:00 " * 50_000
    began = time.monotonic()
    query = understand(Question(text=text, now=NOW))
    assert time.monotonic() - began < 5
    assert query.text.startswith("How many boats sank?")
    assert len(query.text) <= LONGEST_CHARS


# Two phrases of time that make one range

HARBOUR = datetime(2026, 6, 18, 13, 0, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Athens")).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "since", "until", "phrase"),
    [
        ("What happened on 12 October 2025 before noon?", "2025-10-12T00:00", "2025-10-12T12:00",
         "on 12 October 2025 before noon"),
        ("What happened yesterday before noon?", "2026-06-17T00:00", "2026-06-17T12:00", "yesterday before noon"),
        ("What happened on 17 June 2026 after 18:00?", "2026-06-17T18:00", "2026-06-18T00:00",
         "on 17 June 2026 after 18:00"),
        ("What happened on 17 June, after 6pm?", "2026-06-17T18:00", "2026-06-18T00:00", "on 17 June, after 6pm"),
        ("What happened yesterday between 9 and 11am?", "2026-06-17T09:00", "2026-06-17T11:00",
         "yesterday between 9 and 11am"),
        ("What happened last night after 23:00?", "2026-06-17T23:00", "2026-06-18T06:00", "last night after 23:00"),
        ("What happened this morning before 9?", "2026-06-18T05:00", "2026-06-18T09:00", "this morning before 9"),
        ("What happened today since 14:00?", "2026-06-18T14:00", "", "today since 14:00"),
        ("What happened on Wednesday until 10am?", "2026-06-17T00:00", "2026-06-17T10:00",
         "on Wednesday until 10am"),
        ("What happened from 22:00 to 6:00 today?", "2026-06-17T22:00", "2026-06-18T06:00", "from 22:00 to 6:00 today"),
        ("What happened between 14:00 yesterday and 13:00?", "2026-06-17T14:00", "2026-06-18T13:00",
         "between 14:00 yesterday and 13:00"),
        ("What happened between 2 o'clock and 3 o'clock?", "2026-06-18T14:00", "2026-06-18T15:00",
         "between 2 o'clock and 3 o'clock"),
    ],
)  # fmt: skip
def test_understand_when_a_clock_bounds_a_day_then_one_range_of_both(
    text: str, since: str, until: str, phrase: str
) -> None:
    query = ask(text, now=HARBOUR, zone="Europe/Athens")
    assert query.scope is not None
    assert (query.scope.since, query.scope.until) == (local(since), local(until) if until else None)
    assert (query.scope.phrase, query.text, query.scope_strict) == (phrase, "", True)


@pytest.mark.parametrize(
    "words",
    [
        "between 14:00 and 13:00",
        "between 14:00 and 14:00",
        "between 14:00 and 13:00 yesterday",
        "yesterday from 14:00 to 13:00",
        "between 18 June and 17 June",
    ],
)
def test_understand_when_a_range_ends_before_it_begins_then_refused_by_its_words(words: str) -> None:
    with pytest.raises(QuestionError, match=f"'{words}' ends before it begins"):
        ask(f"What happened {words}?", now=HARBOUR, zone="Europe/Athens")


def test_understand_when_a_range_the_wrong_way_round_is_an_events_then_no_time() -> None:
    assert (
        ask("Why is the bridge shut from 14:00 to 13:00 for lorries?", now=HARBOUR, zone="Europe/Athens").scope is None
    )


def test_understand_when_an_event_follows_the_day_then_the_day_alone_is_the_range() -> None:
    query = ask("What did the mayor say yesterday before the vote?", now=HARBOUR, zone="Europe/Athens")
    assert query.scope is not None
    assert query.scope.phrase == "yesterday"


@pytest.mark.parametrize("text", ["x", "' OR 1=1 --", "X?", "a, b and c"])
def test_understand_when_no_word_says_anything_then_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="holds no word"):
        ask(text)


@pytest.mark.parametrize("text", ["14:00", "5G", "Who is X?", "What is new?", "/figure x", "火事は"])
def test_understand_when_something_is_said_then_not_refused(text: str) -> None:
    assert ask(text).question == text
