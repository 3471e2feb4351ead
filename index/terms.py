"""Words as terms: folded, stemmed, weighed by how rare they are. Pure; full text is given the words that it finds."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FIGURE = re.compile(r"\d")
_VOWEL_THEN_CONSONANT = re.compile("[aeiou][^aeiou]")
_APOSTROPHE = "\u02bc"  # in Unicode a letter
# Letters that are plain ones with a stroke, or two in one, to who has no key for them; in Unicode they are not.
_STROKED = dict(zip("ıłøđħæœ", "i l o d h ae oe".split(), strict=True))
# Uber and Como are names, and no prepositions; "über" and "cómo" are.
_OTHERS_WITHOUT_MARKS = frozenset({"fur", "uber", "como", "ultima"})


def fold(text: str) -> str:
    """Fold the case and drop diacritics, of every script: "Київ", "Łódź" and "Maß" are "киів", "lodz" and "mass".

    Each character by itself: no word is folded otherwise for what stands beside it, and none joins another.
    """
    return text.lower() if text.isascii() else _BEYOND_ASCII.sub(_folded, text).casefold()


def _folded(match: re.Match[str]) -> str:
    return _bare(match.group())


@lru_cache(maxsize=8192)
def _bare(character: str) -> str:
    """Return a letter or digit without its marks, as plain letters where it is made of them; nothing for a mark.

    A sign stays what it is: "№1" is not "no1". So does "½", which is made of more than digits.
    """
    if unicodedata.combining(character):
        return ""
    if character == _APOSTROPHE:
        return "'"
    if not character.isalnum():
        return character
    if stroked := _STROKED.get(character.lower()):
        return stroked
    bare = unicodedata.normalize("NFC", _without_marks(unicodedata.normalize("NFKD", character)))
    return bare if bare.isalnum() else character


def _without_marks(text: str) -> str:
    """Return a text without the marks that stand as characters of their own."""
    return "".join(character for character in text if not unicodedata.combining(character))


def _listed(told: str) -> frozenset[str]:
    """Return words as they are written, and as they are looked up, but for what is another word without its marks."""
    return frozenset({*told.split(), *fold(told).split()} - _OTHERS_WITHOUT_MARKS)


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
    wer was wann wo wie viel viele wieviel wieviele warum welche welcher welches
    für von mit bei auf aus zu zum zur im in an am nicht auch als es
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
_ALWAYS = STOP_WORDS - _FALSE_FRIENDS


class _Language(NamedTuple):
    """Stop words of a language: all, without false friends, what English has not of these, what tells of the language.

    `not_its`: those of English that it has not.
    """

    listed: frozenset[str]
    plain: frozenset[str]
    own: frozenset[str]
    telling: frozenset[str]
    not_its: frozenset[str]


_LANGUAGES = tuple(
    _Language(
        listed=one,
        plain=one - _FALSE_FRIENDS,
        own=one - _FALSE_FRIENDS - _ENGLISH,
        telling=one - (_ENGLISH - {"was"}),  # in German it is a question's first word
        not_its=_ENGLISH - one,
    )
    for one in _OTHERS
)

# Words of a question that speak of the answer rather than of the matter; searched for only where nothing else is asked.
_ABOUT_THE_ANSWER = _listed(
    """figure figures number numbers amount latest newest recent recently current currently actually really true truly
    correct since within whether still anymore ever couldn wouldn shouldn hasn haven hadn mustn ain reported reportedly
    anybody nobody nothing everyone zahl anzahl aktuell aktuelle aktuellen neueste neuesten stimmt wirklich inzwischen
    seit bisher denn gibt кількість останні правда зараз количество число последние последняя сейчас número cifra
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


def searchable(text: str) -> str:
    """Return a text as full text is given it: nothing but its words, so that none is taken apart otherwise there."""
    return " ".join(words(text))


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
    # Marks that no letter takes in would part its words.
    question = _without_marks(unicodedata.normalize("NFC", question).replace(_APOSTROPHE, "'"))
    stop_words = _stop_words(question)
    return _content_words(question, stop_words | _ABOUT_THE_ANSWER) or _content_words(question, stop_words)


def _stop_words(question: str) -> frozenset[str]:
    """Return the stop words for a question: "war" is one in German, not in English.

    It is in a language with at least as many stop words of it as of English; or with two that tell of it ("Was war
    ...", "Hat die ...") and none that is English alone.
    """
    told = [(word, fold(word)) for word in _WORD.findall(question.lower())]
    english = _count(told, _ENGLISH)
    spoken = (
        one.listed
        for one in _LANGUAGES
        if (_count(told, one.own) and _count(told, one.plain) >= english)
        or (_count(told, one.telling) > 1 and not _count(told, one.not_its))
    )
    return _ALWAYS.union(*spoken)


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
