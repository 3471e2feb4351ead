"""Words as terms: folded, stemmed, weighed by how rare they are. Pure; full text is given its words folded."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FIGURE = re.compile(r"\d")
_VOWEL_THEN_CONSONANT = re.compile("[aeiou][^aeiou]")


def fold(text: str) -> str:
    """Fold the case and drop diacritics, of every script: "Київ", "Ё" and "Maß" are "киів", "е" and "mass".

    Full text is given its words folded, so that it holds what is looked up.
    """
    if text.isascii():
        return text.lower()
    return _BEYOND_ASCII.sub(_without_diacritic, unicodedata.normalize("NFKD", text)).casefold()


def _without_diacritic(mark: re.Match[str]) -> str:
    return "" if unicodedata.combining(mark.group()) else mark.group()


def _listed(told: str) -> frozenset[str]:
    """Return words as they are written, and as they are looked up; fur and Uber are no German prepositions."""
    return frozenset({*told.split(), *fold(told).split()} - {"fur", "uber"})


# Words of a question that say what kind of answer is wanted, or nothing.
_ENGLISH = _listed(
    """a about after again against all also am an and any are as at be because been before being between but by can
    could did do does doing done down during each else ever few for from further get gets getting give given go goes
    going got had has have having he her here hers herself him himself his how i if in into is it its itself just
    let lets like made make many may me might more most much must my no nor not now of off on once one only or other
    our ours out over own please really said same say saying says she should so some still such tell than that the
    their theirs them themselves then there these they thing things this those through to too under until up upon us
    very was we were what whats when where which while who whom whose why will with would yes yet you your yours
    anyone anything something someone does did doing happen happened happening happens know known exactly
    s t re ve ll d m don doesn didn isn aren wasn weren won wouldn"""
)
_GERMAN = _listed(
    """der die das den dem des ein eine einer einem einen und oder ist sind war waren wird wurde wurden hat haben hatte
    wer was wann wo wie warum welche welcher welches für von mit bei auf aus zu zum zur im in an am nicht auch als es
    er sie wir ihr sich nach über vor"""
)
_RUSSIAN = _listed(
    """что кто где когда как почему сколько какой какие и в на не по с о об за из от до для это был была были есть"""
)
_UKRAINIAN = _listed(
    """що хто де коли як чому скільки який які і й у в на не по з про за із від до для це був була були є"""
)
_SPANISH = _listed(
    """qué quién cuándo dónde cómo por cuántos cuántas el la los las un una unos unas y o de del en con para es son
    fue"""
)
_FRENCH = _listed(
    """que qui quand où comment pourquoi combien le la les un une des et ou de du en dans avec pour est sont était"""
)
_OTHERS = (_GERMAN, _RUSSIAN, _UKRAINIAN, _SPANISH, _FRENCH)
STOP_WORDS = _ENGLISH.union(*_OTHERS)
# Stop words of others that are words of an English question: left out only where the question is in their language.
_FALSE_FRIENDS = frozenset("war die hat son con comment pour".split())
_SHARED = _ENGLISH | _FALSE_FRIENDS

# Words of a question that speak of the answer rather than of the matter; searched for only where nothing else is asked.
_ABOUT_THE_ANSWER = _listed(
    """figure figures latest newest recent recently current currently actually really true truly correct since within
    whether still anymore ever couldn wouldn shouldn hasn haven hadn mustn ain reported reportedly anybody nobody
    nothing everyone aktuell aktuelle aktuellen neueste neuesten stimmt wirklich inzwischen seit bisher denn gibt
    последние последняя правда сейчас останні правда зараз
    últimas última verdad ahora dernier dernière vrai maintenant actuellement"""
)


@lru_cache(maxsize=1)
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("porter", 0)  # `stem` remembers


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Reduce one folded word to its stem, as FTS5's porter tokenizer does: byte by byte, other scripts untouched."""
    if word.endswith("bly") and _VOWEL_THEN_CONSONANT.search(word, 0, len(word) - 3):
        word = word[:-1] + "e"  # FTS5 takes "assembly" as "assemble"; the published algorithm does not
    octets = word.encode()
    if not 2 < len(octets) <= 64:
        return word
    return str(_stemmer().stemWord(octets.decode("latin-1"))).encode("latin-1").decode()


def words(text: str) -> list[str]:
    """Return the folded words of a text in order."""
    return _WORD.findall(fold(text))


def stems(text: str) -> list[str]:
    """Return the stems of a text in order."""
    return list(map(stem, words(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A content word of a question: as asked, its stem, its inverse document frequency, its share of passages.

    `name`: written like a name or holding a digit, so that another word cannot stand for it.
    """

    word: str
    stem: str
    weight: float
    frequency: int
    name: bool


def content_words(question: str) -> dict[str, tuple[str, bool]]:
    """Return the question's content words as stem -> (word, is it a name or figure), in order, each once."""
    stop_words = _stop_words(question)
    return _content_words(question, stop_words | _ABOUT_THE_ANSWER) or _content_words(question, stop_words)


def _stop_words(question: str) -> frozenset[str]:
    """Return the stop words for a question: "war" is one where as many others are German as are English."""
    told = [(word, fold(word)) for word in _WORD.findall(question.lower())]
    english = _count(told, _ENGLISH)
    spoken = (one for one in _OTHERS if _count(told, one - _SHARED) and _count(told, one - _FALSE_FRIENDS) >= english)
    return (STOP_WORDS - _FALSE_FRIENDS).union(*spoken)


def _count(told: Sequence[tuple[str, str]], listed: frozenset[str]) -> int:
    return sum(not listed.isdisjoint(forms) for forms in told)


def _content_words(question: str, stop_words: frozenset[str]) -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    cased = question != question.lower() and question != question.upper()
    for position, match in enumerate(_WORD.finditer(question)):
        written = match.group()
        word = fold(written)
        acronym = cased and len(written) > 1 and written.isupper()
        if (word in stop_words or written.lower() in stop_words) and not acronym:
            continue
        capital = cased and written[0].isupper() and (position > 0 or written.isupper())
        name = capital or _FIGURE.search(word) is not None
        key = stem(word)
        if key not in found or (name and not found[key][1]):
            found[key] = (word, name)
    return found


def idf(frequency: int, passages: int) -> float:
    """Return the inverse document frequency of BM25, never negative."""
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))


def weigh(question: str, frequencies: Mapping[str, int], passages: int) -> tuple[Term, ...]:
    """Weigh a question's content words by how rare they are in the archive (the BM25 form of idf)."""
    return tuple(
        Term(
            word=word,
            stem=key,
            weight=idf(frequencies.get(key, 0), passages),
            frequency=frequencies.get(key, 0),
            name=name,
        )
        for key, (word, name) in content_words(question).items()
    )


def affordable(terms: Sequence[Term], *, budget: int) -> list[Term]:
    """Return the known terms, rarest first, as long as the passages that hold them are no more than `budget` in all.

    The rarest one is always there, however common.
    """
    chosen: list[Term] = []
    spent = 0
    for term in sorted((term for term in terms if term.frequency), key=lambda term: term.frequency):
        spent += term.frequency
        if chosen and spent > budget:
            break
        chosen.append(term)
    return chosen


def match_expression(terms: Sequence[Term], *, live_blogs: Sequence[int] = ()) -> str:
    """Write an FTS5 expression of terms, any of which may match; empty where there is none."""
    if not terms:
        return ""
    alternatives = "{title body} : (" + " OR ".join(f'"{term.word}"' for term in terms) + ")"
    if not live_blogs:
        return alternatives
    scopes = "scope : (" + " OR ".join(f'"b{number}"' for number in live_blogs) + ")"
    return f"{scopes} AND {alternatives}"
