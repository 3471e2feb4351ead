import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.followup import is_follow_up, resolve
from index.types import Previous, Question

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
