"""What is quoted, read as a reader would: nothing that makes it true is cut, nothing beside the point is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.excerpt import LIMIT_CHARS, MOST_SENTENCES, choose, opening
from index.text import normalise, sentences
from tests.index.builders import make_candidate, make_ranked

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "excerpts.jsonl").read_text(encoding="utf-8").splitlines()
]
PIECES = (
    "He said so. |“The wall held. |It fell,” she said. |The vote was lost. |Nine men died. |This is unconfirmed. |"
    'Ferry news\n|However, it rained. |That is according to Moor. |“Go home.” |🌊 Waves! |Er sagte das. |"So|he," '
).split("|")


def quote(question: str, text: str, title: str = "") -> str:
    """Return the excerpt of one update."""
    span = choose(make_ranked(question, text, title=title))
    return text[span.start : span.end]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_choose_when_read_then_holds_what_makes_it_true_and_no_more(row: dict[str, Any]) -> None:
    quoted = quote(row["question"], row["text"], row["title"])
    assert [part for part in row["must"] if part not in quoted] == [], quoted
    assert [part for part in row["must_not"] if part in quoted] == [], quoted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_choose_when_anything_is_quoted_then_whole_sentences_within_the_limits(row: dict[str, Any]) -> None:
    span = choose(make_ranked(row["question"], row["text"], title=row["title"]))
    inside = [one for one in sentences(row["text"]) if span.start <= one.start and one.end <= span.end]
    assert (inside[0].start, inside[-1].end) == (span.start, span.end)
    assert len(inside) <= MOST_SENTENCES
    assert len(inside) == 1 or span.end - span.start <= LIMIT_CHARS


def test_table_when_counted_then_no_fewer_than_promised() -> None:
    assert len(ROWS) >= 40
    assert len({row["name"] for row in ROWS}) == len(ROWS)
    assert all(part in row["text"] for row in ROWS for part in row["must"] + row["must_not"])


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=9), st.sampled_from(["What did Moor say?", "nine men died"])
)
def test_choose_when_sentences_stand_in_any_order_then_whole_sentences_within_the_limits(
    pieces: list[str], question: str
) -> None:
    text = normalise("".join(pieces))
    span = choose(make_ranked(question, text))
    inside = [one for one in sentences(text) if span.start <= one.start and one.end <= span.end]
    assert (inside[0].start, inside[-1].end) == (span.start, span.end)
    assert len(inside) <= MOST_SENTENCES


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The ferry left. It was full. Gulls cried.", "The ferry left. It was full."),
        ("Only this.", "Only this."),
        ("Ferry leaves\nIt left at dawn. It was full.", "Ferry leaves\nIt left at dawn."),
        ("The ferry left. " + "It was very full, " * 30 + "they said.", "The ferry left."),
    ],
)
def test_opening_when_shown_then_the_first_one_or_two_sentences(text: str, shown: str) -> None:
    span = opening(make_candidate(text))
    assert text[span.start : span.end] == shown
