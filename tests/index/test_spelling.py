"""Misspelt words: which known word was meant, and when none is."""

import pytest

from index.spelling import is_correctable, nearest

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
    assert nearest("beat", {"boat": 3, "bear": 8, "seat": 2}) == "bear"


def test_nearest_when_two_are_equally_near_and_common_then_always_the_same() -> None:
    assert nearest("beat", {"seat": 2, "bear": 2}) == nearest("beat", {"bear": 2, "seat": 2}) == "bear"


def test_nearest_when_only_short_words_or_figures_are_near_then_none() -> None:
    assert nearest("boat", {"oat": 5, "bot": 5, "b0at": 5}) is None
    assert nearest("boat", {}) is None


@pytest.mark.parametrize(
    ("stem", "may_be"), [("boat", True), ("пожежа", True), ("cat", False), ("1998", False), ("a320", False)]
)
def test_is_correctable_when_short_or_a_figure_then_not(stem: str, may_be: bool) -> None:
    assert is_correctable(stem) is may_be
