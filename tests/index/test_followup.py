import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.followup import asks_more, is_follow_up, points_back, previous_of, resolve
from index.types import Answer, AsOf, Previous, Query, Question, Status

NOW = datetime(2026, 8, 6, 15, 30, tzinfo=UTC)
PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "follow_ups.jsonl").read_text(encoding="utf-8").splitlines()
]


def make_question(text: str, previous: str | None = None) -> Question:
    return Question(text=text, now=NOW, previous=None if previous is None else Previous(question=previous))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['previous']} {pair['text']}")
def test_resolve_when_a_question_came_before_then_the_text_is_the_tables(pair: dict[str, str]) -> None:
    assert resolve(make_question(pair["text"], pair["previous"])).text == pair["resolved"]
    assert is_follow_up(pair["text"]) is (pair["text"] != pair["resolved"])


def test_table_when_read_then_it_holds_forty_pairs() -> None:
    assert len(PAIRS) >= 40


def test_resolve_when_nothing_came_before_then_the_question_stays() -> None:
    question = make_question("and in Leeds?")
    assert resolve(question) is question


@given(text=st.text(max_size=60), previous=st.text(max_size=60))
def test_resolve_when_given_any_texts_then_a_follow_up_alone_changes(text: str, previous: str) -> None:
    question = make_question(text, previous)
    resolved = resolve(question)
    assert resolved == question or is_follow_up(text)
    assert not text.strip() or resolved.text.strip()


@pytest.mark.parametrize(
    ("earlier", "text", "merged"),
    [
        ("Which library burnt down in Alder?", "how much money has been raised for it?", True),
        ("Did the council pass the harbour plan?", "where does it go next", True),
        ("Was there a protest in Alder?", "How many turned up?", True),
        ("What did the mayor say?", "How many arrests in Alder?", False),
        ("What did the mayor say?", "Is it true that the bridge is shut?", False),
    ],
)
def test_resolve_when_a_question_names_nothing_of_its_own_then_it_takes_over_what_was_named(
    earlier: str, text: str, merged: bool
) -> None:
    question = Question(text=text, now=datetime(2026, 6, 1, tzinfo=UTC), previous=Previous(question=earlier))
    assert (resolve(question).text != text) is merged


MORE = (
    *("more", "More!", "show more", "show me more", "more please", "and more?", "next", "anything else?", "what else?"),
    *("go on", "mehr", "weiter", "was noch?", "ще", "далі", "ещё", "еще", "дальше", "más", "mas", "ver más", "encore"),
    *("plus", "la suite"),
)
NOT_MORE = (
    *("more arrests?", "How many more?", "next Monday", "What else did he say?", "Is there more rain?", "plus who?"),
    *("continue reading the treaty", "más muertos", "ще п'ять?", "more " * 30),
)


@pytest.mark.parametrize("text", MORE)
def test_asks_more_when_that_is_the_whole_message_then_it_does(text: str) -> None:
    assert asks_more(text)


@pytest.mark.parametrize("text", [*NOT_MORE, *(pair["text"] for pair in PAIRS)])
def test_asks_more_when_something_is_asked_then_it_does_not(text: str) -> None:
    assert not asks_more(text)


def test_resolve_when_more_is_asked_then_the_same_question_without_what_was_cited() -> None:
    earlier = Previous(question="Who sank the boat?", cited=("a", "b"), since=NOW, asked_at=NOW)
    resolved = resolve(Question(text="more", now=NOW, previous=earlier))
    assert (resolved.text, resolved.leave_out) == ("Who sank the boat?", ("a", "b"))
    assert (resolved.since, resolved.asked_at) == (NOW, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "and since then?",
        "since then?",
        "And since?",
        "since that?",
        "after that?",
        "What has he said since then?",
        "und seitdem?",
        "а з того часу?",
        "и с тех пор?",
        "¿y desde entonces?",
        "et depuis ?",
        "What has happened since then?",
    ],
)
def test_points_back_when_the_time_is_that_of_what_was_cited_then_it_does(text: str) -> None:
    assert points_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "since 14:00?",
        "since that attack?",
        "What happened after this storm?",
        "Since then, in 2019, what?",
        "since Monday?",
        "Who left after the vote?",
        "et depuis quand ?",
    ],
)
def test_points_back_when_another_time_is_named_then_it_does_not(text: str) -> None:
    assert not points_back(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("and since then?", "Did the ferry sink?"),
        ("And since?", "Did the ferry sink?"),
        ("What has the captain said since then?", "What has the captain said?"),
        ("what has it done since then?", "what has it done ferry sink?"),
        ("What has happened since then?", "What has happened?"),
    ],
)
def test_resolve_when_it_points_back_then_the_time_begins_with_what_was_cited(text: str, asked: str) -> None:
    previous = Previous(question="Did the ferry sink?", cited=("a",))
    resolved = resolve(Question(text=text, now=NOW, previous=previous), since=NOW)
    assert (resolved.text, resolved.since, resolved.leave_out) == (asked, NOW, ("a",))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("and deaths?", "/figure deaths"),
        ("and in Leeds?", "/figure arrests in Leeds"),
        ("and yesterday?", "/figure arrests yesterday"),
        ("who said so?", "who said so arrests?"),
        ("Who sank the boat?", "Who sank the boat?"),
    ],
)
def test_resolve_when_a_figure_was_asked_for_then_another_or_the_same_elsewhere(text: str, asked: str) -> None:
    assert resolve(make_question(text, "/figure arrests")).text == asked


def test_previous_of_when_pages_follow_each_other_then_all_that_was_shown() -> None:
    query = Query(text="boat", now=NOW, zone="UTC", question="Who sank the boat?", leave_out=("a",), since=NOW)
    answer = Answer(query=query, status=Status.ABSTAINED, confidence=0, as_of=AsOf(newest_published_at=None))
    assert previous_of(answer) == Previous(question="Who sank the boat?", cited=("a",), since=NOW, asked_at=NOW)


@pytest.mark.parametrize(
    ("earlier", "text", "resolved"),
    [
        ("What happened today?", "And in Sunderland?", "What happened today in Sunderland?"),
        ("What happened today?", "What about Sunderland?", "What happened today about Sunderland?"),
        ("Anything new since 14:00?", "And about the tanker?", "Anything new since 14:00 about the tanker?"),
    ],
)
def test_resolve_when_a_catch_up_came_before_then_its_time_and_the_new_topic_stay(
    earlier: str, text: str, resolved: str
) -> None:
    assert resolve(make_question(text, earlier)).text == resolved
