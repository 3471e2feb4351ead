"""A word that the archive does not hold, and the known one that was probably meant. Pure."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from spellchecker import SpellChecker

DICTIONARIES = ("en", "de", "es", "fr", "ru")
_SHORTEST = 5
_TWO_ERRORS_FROM = 8
_QUESTION_WORDS = ("what", "who", "when", "where", "which", "why", "how")


@lru_cache(maxsize=len(DICTIONARIES))
def _dictionary(language: str) -> "SpellChecker":
    """Load the words there are; a fifth of a second, and only once somebody asks for what nobody wrote."""
    from spellchecker import SpellChecker

    return SpellChecker(language=language)


def is_word(word: str, language: str = "en") -> bool:
    """Tell whether a word is spelt as it should be, though the archive does not hold it: it means what it says."""
    return word in _dictionary(language)


def is_correctable(stem: str) -> bool:
    """Tell whether a stem is long enough to be respelt; figures never are."""
    return len(stem) >= _SHORTEST and stem.isalpha()


def alike(stem: str, known: Iterable[str]) -> dict[str, float]:
    """Return the known stems that may have been meant, each with how many slips it is away.

    One slip (a letter more, less, other, or two swapped) is forgiven, two in long words.
    """
    slips = 2 if len(stem) >= _TWO_ERRORS_FROM else 1
    found = process.extract(stem, list(known), scorer=OSA.distance, score_cutoff=slips, limit=None)
    return {word: distance for word, distance, _ in found if is_correctable(word)}


def nearest(stem: str, known: Mapping[str, int]) -> str | None:
    """Return the known stem fewest slips away, the commonest of equals; None where none is alike."""
    ordered = sorted((distance, -known[word], word) for word, distance in alike(stem, known).items())
    return ordered[0][2] if ordered else None


def is_slip_of_question_word(word: str) -> bool:
    """Tell whether a word is "wat", "wher" or the like: no word, and one slip from a question word."""
    return any(OSA.distance(word, meant, score_cutoff=1) <= 1 for meant in _QUESTION_WORDS) and not is_word(word)


def likeliest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return all known names, the one most like a mistyped name first."""
    scored = process.extract(name, list(known), scorer=fuzz.WRatio, processor=str.casefold, limit=None)
    return tuple(word for word, _, _ in scored)
