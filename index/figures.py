"""Which figure of a sentence is the one that a question asks for, in words or in digits. Pure.

Of people in a state only what counts them is: no age, no road, no telephone, nothing else that is counted beside.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from index import numerals
from index.asked import Asked
from index.demand import Measure
from index.expect import Expectation, without_times
from index.kin import PEOPLE, kin_of, states
from index.terms import STOP_WORDS, fold, stem, stems


class Token(NamedTuple):
    """A word, a figure or a pause of a sentence; `value`: what a figure is worth, as plain digits."""

    word: str
    value: str | None = None


def _listed(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


_NOBODY = {"no": 0, "nobody": 0, "none": 0}
_ROUND = {"hundred": 100, "thousand": 1000, "hundert": 100, "tausend": 1000, "сто": 100, "cien": 100, "ciento": 100}
_WORTH = numerals.WORTH | _ROUND | _NOBODY
AMOUNT = rf"(?:\d|\b(?:{'|'.join(_WORTH)})\b)"
"""A regular expression for anything that begins a figure."""
_A_PAUSE = 2  # words: "two in Lerau, one in Brisk"
_APART = frozenset(" -‑")  # between "twenty" and "five"
_TOKEN = re.compile(
    r"(?<![\w.,:/-])(?P<digits>\d{1,3}(?:[,. \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)"
    r"(?P<suffix>(?:k|m|bn)\b)?(?![\w:/-]|[.,]\d)|[^\W\d_]+(?:['’ʼ][^\W\d_]+)?|[,;:–—%]",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:[,. \u00a0\u202f]\d{3})+")
# English parts thousands by commas: there "Route 9 300 people" are no 9,300.
_ENGLISH = re.compile(r"\b(?:the|of|and|have|has|were|are)\b", re.IGNORECASE)
_PARTED = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
# A number after one of these is what no longer holds; so is one between two of the others: "von zwölf auf 15".
_PAST = frozenset("from not than earlier previously originally initially".split())
_FROM = frozenset("von vom з із зі с со de du desde від от".split())
_TO = frozenset("auf bis до к a à".split())
_ONE = frozenset("un une uno una".split())
_AND = frozenset("y et and".split())
# Beside these a number only adds to another.
_MORE = _listed(
    "more further other others another additional weitere weiteren weiterer ещё еще ще інших других más otros otras "
    "autres supplémentaires"
)
_ABOUT = _listed(
    "least most some nearly almost around roughly approximately estimated confirmed now reached hit exceeded passed "
    "totals mindestens etwa rund fast inzwischen nun beträgt щонайменше майже понад близько вже становить стало "
    "минимум почти около уже составляет menos casi ya moins près déjà"
)
_AGED = _listed("aged age alter віком возрасте edad âge")
# Before one of these it is people that were, or their number that rose.
_TELLS = _listed(
    "were are have sind waren wurden haben gestiegen gesunken gefallen angestiegen erhöht були были fueron han ont sont"
)
_COUNTED_AS = PEOPLE.union(
    stems(
        "victims victim residents inhabitants locals citizens civilians villagers patients lives opfer bewohner "
        "einwohner anwohner bürger zivilisten жертв жертви жертвы мешканців мешканці жителів жителей жители víctimas "
        "vecinos residentes civiles victimes habitants civils"
    )
)


def figures(question: Asked, sentence: str) -> frozenset[str]:
    """Return the figure of a sentence that stands nearest to what the question counts.

    Written as plain digits ("1,150" as "1150", "four" as "4"); several where equally near; none that the question
    names, no time, no year, and none that the sentence itself calls past ("from four to seven").
    """
    counted = without_times(sentence)
    said, of_people = tokens(counted), asks_for_people(question)
    places = _places_of_terms(question, counted)
    near: dict[str, float] = {}
    for place, (word, value) in enumerate(said):
        if value is None or fold(word) in question.words or _is_past(said, place):
            continue
        if not of_people or _counts_people(said, place):
            near[value] = max(near.get(value, 0.0), _nearness(places, place))
    most = max(near.values(), default=0.0)
    return frozenset(value for value, nearness in near.items() if nearness >= most - 1e-9)


def asks_for_people(question: Asked) -> bool:
    """Tell whether people in a state are counted: "how many died", "arrests", but not "how many firefighters"."""
    if question.kind is not Expectation.COUNT:
        return False
    if question.demand.measure is Measure.NUMBER:
        return not states().isdisjoint(question.demand.of)
    return not states().isdisjoint(term.stem for term in question.terms)


def _counts_people(said: Sequence[Token], place: int) -> bool:
    """Tell whether a figure counts people: they or their state follow ("19 people", "19 dead"), or no other thing."""
    before, after = _word(said, place - 1), _word(said, place + 1)
    if _MORE.intersection((before, after)) or before in _AGED:
        return False
    if stem(after) in _COUNTED_AS or stem(after) in states():
        return True
    if _is_figure(said, place - 1) or _is_figure(said, place + 1):
        return False
    if after in _TELLS:
        return True
    if after[:1].isalpha() and after not in STOP_WORDS:
        return False
    if after == "%" or (before == after == ","):
        return False
    led = not before[:1].isalpha() or before in STOP_WORDS or before in _ABOUT or stem(before) in states()
    return led and not (before == "," and not after and said[place - _A_PAUSE - 1].word[:1].isupper())


def _is_figure(said: Sequence[Token], place: int) -> bool:
    return 0 <= place < len(said) and said[place].value is not None


def _word(said: Sequence[Token], place: int) -> str:
    return fold(said[place].word) if 0 <= place < len(said) else ""


@lru_cache(maxsize=512)
def tokens(sentence: str) -> tuple[Token, ...]:
    """Return the words, figures and pauses of a sentence in order; a scale joins its number, a pause stands twice."""
    found: list[Token] = []
    end, scaled = 0, 0
    parted = sentence if not _ENGLISH.search(sentence) else _PARTED.sub("\n", sentence)
    for match in _TOKEN.finditer(parted):
        word, value = match.group(), _value(match)
        before = found[-1] if found else Token("")
        if before.value is not None and (scale := _scale(word)):
            found[-1] = Token(before.word, f"{float(before.value) * scale:.10g}")
            scaled = len(found)
        elif joined := _joined(found, word, value, parted[end : match.start()], is_scaled=scaled >= len(found) - 1):
            found[-joined[0] :] = [Token(found[-joined[0]].word, joined[1])]
        elif value == 1 and fold(before.word) in ("no", "any", "some", "each", "every"):
            found.append(Token(word))  # "no one" is no one
        elif word[0].isalnum():
            found.append(Token(word, None if value is None else f"{value:.10g}"))
        else:
            found += [Token(word)] * _A_PAUSE
        end = match.end()
    return tuple(found)


def _joined(
    found: Sequence[Token], word: str, value: float | None, gap: str, *, is_scaled: bool
) -> tuple[int, str] | None:
    """Return of how many last tokens a word carries on the number, and what it then is; None where it does not.

    "Twenty-five", "treinta y dos", "a hundred and five".
    """
    linked = len(found) > 1 and fold(found[-1].word) in _AND
    first = found[-2] if linked else found[-1] if found else Token("")
    if first.value is None:
        return None
    one = 1.0 if linked and fold(word) in _ONE else value
    of_tens = first.word.lower() in numerals.TENS and one is not None and 0 < one < 10 and not word[0].isdigit()
    is_round = is_scaled or first.word.lower() in _ROUND
    of_hundreds = linked and is_round and value is not None and value < 100 and not word[0].isdigit()
    if not (of_hundreds or (of_tens and (linked or gap in _APART))):
        return None
    return (2 if linked else 1), f"{float(first.value) + float(one or 0):.10g}"


def _scale(word: str) -> float | None:
    return numerals.SCALES.get(word.lower()) or numerals.DOZENS.get(word.lower())


def _value(match: re.Match[str]) -> float | None:
    if not match["digits"]:
        return _WORTH.get(numerals.spelt(match.group()))
    if _is_year(match.group()):
        return None
    digits = match["digits"]
    if grouped := _GROUPED.match(digits):  # "1,200", "1.200" and "1 200"
        digits = re.sub(r"\D", "", grouped.group()) + digits[grouped.end() :]
    return float(digits.replace(",", ".")) * numerals.SCALES.get((match["suffix"] or "").lower(), 1)


def _is_year(written: str) -> bool:
    return len(written) == 4 and written.isdigit() and "1900" <= written <= "2100"


def _is_past(said: Sequence[Token], place: int) -> bool:
    before = _word(said, place - 1)
    if before in _PAST:
        return True
    follows = place + 2 < len(said) and said[place + 2].value is not None
    return before in _FROM and follows and _word(said, place + 1) in _TO


def _places_of_terms(question: Asked, sentence: str) -> list[tuple[float, list[int]]]:
    """Return the weight of each term that a sentence holds, and where it or its kin stand among the tokens."""
    stemmed = _stemmed(sentence)
    found = []
    for term in question.terms:
        alike = {term.stem} | (frozenset() if term.name else kin_of(term.stem))
        found.append((term.weight, [place for place, one in enumerate(stemmed) if one in alike]))
    return found


@lru_cache(maxsize=512)
def _stemmed(sentence: str) -> tuple[str, ...]:
    return tuple(stem(fold(token.word)) for token in tokens(sentence))


def _nearness(places: Sequence[tuple[float, Sequence[int]]], place: int) -> float:
    """Return how near a figure stands to the question's terms, each by its weight and the words between."""
    total = 0.0
    for weight, others in places:
        away = [abs(other - place) for other in others if other != place]
        total += weight / min(away) if away else 0.0
    return total
