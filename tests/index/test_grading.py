"""A change is graded by what it says: our own graded set, and what a quote needs beside its own sentences."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grading import graded, pairs
from index.grading import Grade, grade, grade_texts, says_the_same
from index.text import normalise, sentences

PAIRS = pairs()
MOST_NOTIFIED = 0.02


def test_set_when_read_then_it_is_large_and_of_every_kind() -> None:
    assert len(PAIRS) >= 600
    halves = Counter((pair.half, pair.grade is Grade.MATERIAL) for pair in PAIRS)
    assert min(halves.values()) >= 20, "a half that is too small shows nothing"
    kinds = {pair.kind for pair in PAIRS}
    assert kinds >= {"typo", "figure", "name", "negation", "attribution", "hedge", "date", "unit", "withdrawal"}
    assert kinds >= {"reordering", "spelling", "style", "german", "ukrainian", "spanish", "clock", "elsewhere"}


@pytest.mark.parametrize("half", sorted({pair.half for pair in PAIRS}))
def test_grade_when_a_change_is_material_then_it_is_never_missed(half: str) -> None:
    missed = [pair for pair in PAIRS if pair.half == half and pair.grade is Grade.MATERIAL]
    assert [pair for pair in missed if graded(pair) is not Grade.MATERIAL] == []


def test_grade_when_a_change_is_cosmetic_then_hardly_anybody_is_told() -> None:
    harmless = [pair for pair in PAIRS if pair.grade is not Grade.MATERIAL]
    told = [pair for pair in harmless if graded(pair) is Grade.MATERIAL]
    assert len(told) <= MOST_NOTIFIED * len(harmless), told


def test_grade_when_words_that_were_not_quoted_change_then_none() -> None:
    old = "The dam has held. Nine crews are out."
    first, second = sentences(old)
    new = old.replace("Nine", "Ten")
    assert grade(old, new, first) is Grade.NONE
    assert grade(old, new, second) is Grade.MATERIAL
    assert grade(old, new, first, withdrawn=True) is Grade.MATERIAL


def test_grade_texts_when_a_sentence_is_added_then_material_and_for_a_clock_not() -> None:
    old = "The dam has held. Last updated 14:05"
    assert grade_texts(old, "The dam has held. Last updated 14:06") is Grade.COSMETIC
    assert grade_texts(old, old) is Grade.NONE
    assert grade_texts(old, f"{old}\nA barge is adrift.") is Grade.MATERIAL


@pytest.mark.parametrize("stretch", ["x was y by ", "and a and b ", "1,", "not been able to ", ", said ", "a" * 40])
def test_grade_texts_when_a_text_repeats_itself_without_end_then_it_is_graded_all_the_same(stretch: str) -> None:
    old, new = normalise(stretch * 400), normalise(f"Z {stretch * 399}")
    assert grade_texts(old, new) in Grade


WORDS = st.lists(st.sampled_from("Three 13 boats Kovar not said police left the at 14:05 “ ”".split()), max_size=12)


@given(words=WORDS, others=WORDS)
def test_says_the_same_when_any_two_wordings_are_held_together_then_it_is_mutual_and_of_itself_true(
    words: list[str], others: list[str]
) -> None:
    one, other = " ".join(words), " ".join(others)
    assert says_the_same(one, one)
    assert says_the_same(one, other) == says_the_same(other, one)
