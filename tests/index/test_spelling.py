"""Misspelt words: which known word was meant, and when none is."""

import pytest

from index.spelling import is_correctable, is_slip_of_question_word, is_word, nearest

KNOWN = {
    "harbour": 9,
    "harbor": 2,
    "ferri": 30,
    "ferret": 1,
    "evacu": 7,
    "earthquak": 4,
    "arrest": 5,
    "arrel": 1,
    "pier": 3,
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ferrri", "ferri"),  # a letter too many
        ("feri", "ferri"),  # one too few
        ("farri", "ferri"),  # another
        ("frrei", None),  # two slips in a short word
        ("freri", "ferri"),  # two swapped
        ("earhtquack", "earthquak"),  # two slips in a long one
        ("ertquaak", None),  # three
        ("arres", "arrest"),
        ("lighthous", None),
    ],
)
def test_nearest_when_slips_are_few_then_the_known_word(typed: str, meant: str | None) -> None:
    assert nearest(typed, KNOWN) == meant


def test_nearest_when_two_are_equally_near_then_the_commoner() -> None:
    assert nearest("beats", {"boats": 3, "bears": 8, "seats": 2}) == "bears"


def test_nearest_when_two_are_equally_near_and_common_then_always_the_same() -> None:
    assert nearest("beats", {"seats": 2, "bears": 2}) == nearest("beats", {"bears": 2, "seats": 2}) == "bears"


def test_nearest_when_only_short_words_or_figures_are_near_then_none() -> None:
    assert nearest("boats", {"oats": 5, "bots": 5, "b0ats": 5}) is None
    assert nearest("boats", {}) is None


@pytest.mark.parametrize(
    ("stem", "may_be"),
    [("boats", True), ("boat", False), ("пожежа", True), ("cat", False), ("1998", False), ("a320", False)],
)
def test_is_correctable_when_short_or_a_figure_then_not(stem: str, may_be: bool) -> None:
    assert is_correctable(stem) is may_be


@pytest.mark.parametrize("word", ["wht", "wher", "hwo", "hw", "whne", "wich", "whre"])
def test_slip_of_question_word_when_one_slip_away_then_true(word: str) -> None:
    assert is_slip_of_question_word(word)


@pytest.mark.parametrize("word", ["wheat", "wave", "fire", "397", "show", "mayor", "hen"])
def test_slip_of_question_word_when_a_word_of_its_own_then_false(word: str) -> None:
    assert not is_slip_of_question_word(word)


@pytest.mark.parametrize(("word", "known"), [("cranes", True), ("sample", True), ("helikopter", False)])
def test_word_when_spelt_rightly_then_it_is_one(word: str, known: bool) -> None:
    assert is_word(word) is known
