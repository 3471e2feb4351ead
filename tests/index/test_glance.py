"""What a digest quotes of one update: whole, no greeting and no sign-off, no announcement of what is not there."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.glance import at_a_glance, opening, sums_up
from index.text import sentences
from index.types import Kind
from tests.index.builders import make_candidate

FERRY = "The ferry to Hesper is stuck on a sandbank off the bar."
TUG = "A tug has left Port Ansel to pull it free at high tide."


def glance(text: str) -> str:
    candidate = make_candidate(text)
    return at_a_glance(candidate.revision, candidate.citation, Counter()).text


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (f"{FERRY} {TUG}", f"{FERRY} {TUG}"),
        (f"{FERRY}\nThe captain said:", FERRY),
        (f"Good morning and welcome to our live coverage. {FERRY}", FERRY),
        (f"{FERRY} That is all from me tonight, thank you for reading.", FERRY),
        (f"{FERRY} Click here to read the full story.", FERRY),
        (f"What happens next at the bar tonight? {FERRY}", FERRY),
        ("Seats by party:\nGreens 30\nReds 22\nBlues 9", "Seats by party:\nGreens 30\nReds 22\nBlues 9"),
        ("The captain said:", "The captain said:"),
    ],
)
def test_glance_when_an_update_is_quoted_then_what_reports_and_no_more(text: str, quote: str) -> None:
    assert glance(text) == quote


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("What we know so far", FERRY, True),
        ("Good morning: where things stand", FERRY, True),
        ("Evening summary", FERRY, True),
        ("", "Das Wichtigste vom Tag\nDie Fähre sitzt fest.", True),
        ("Головне за день", FERRY, True),
        ("Ferry stuck", FERRY, False),
        ("Minister summarised as liar", FERRY, False),
    ],
)
def test_sums_up_when_a_heading_says_so_then_it_is_a_summary(title: str, text: str, expected: bool) -> None:
    assert sums_up(make_candidate(text, title=title).revision) is expected
    assert not sums_up(make_candidate(text, title=title, kind=Kind.KEY_POINT).revision)


def test_opening_when_points_are_many_then_whole_ones_and_none_that_only_announces() -> None:
    points = [f"Point {n}: the water at gauge {n} has risen to four metres and is rising on." for n in range(12)]
    candidate = make_candidate("\n".join(points))
    quote = opening(candidate.revision, candidate.citation).text
    assert len(quote) <= 600
    assert quote.splitlines() == points[: len(quote.splitlines())]
    announced = make_candidate(f"{FERRY}\nIn other news:\n" + "x" * 700)
    assert opening(announced.revision, announced.citation).text == FERRY


PIECES = st.sampled_from(
    [
        FERRY,
        TUG,
        "He said:",
        "Greens 30",
        "Thank you for reading.",
        "Is it safe?",
        "“No,” he said.",
        "w/ab (AFP)",
        "So…",
    ]
)


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(PIECES, min_size=1, max_size=7), joint=st.sampled_from([" ", "\n", "\n\n"]))
def test_glance_when_any_text_is_quoted_then_a_slice_of_whole_sentences(pieces: list[str], joint: str) -> None:
    candidate = make_candidate(joint.join(pieces))
    text = candidate.revision.text
    found = at_a_glance(candidate.revision, candidate.citation, Counter())
    assert text[found.span.start : found.span.end] == found.text
    spans = sentences(text)
    assert found.span.start in {span.start for span in spans}
    assert found.span.end in {span.end for span in spans}
    if any(piece == FERRY for piece in pieces):
        assert not found.text.endswith(("He said:", "reading."))
