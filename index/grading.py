"""How much a change matters to whoever was told the old words: not at all, in its looks only, or in what it says. Pure.

Only what is known to leave the sense alone is cosmetic; all else is material, so that nothing that matters is missed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

from rapidfuzz.distance import OSA

from index.changes import ChangeKind, align, compare
from index.spelling import DICTIONARIES, is_word
from index.terms import STOP_WORDS, fold, words
from index.text import sentences
from index.types import Span
from index.wording import Mark, Token, content, tokens


class Grade(StrEnum):
    """What a change of the quoted words is: `NONE` where they stand as they stood."""

    NONE = "none"
    COSMETIC = "cosmetic"
    MATERIAL = "material"


# So many sentences may one have been cut into, or have been joined from.
_MOST_JOINED = 3
# A word this long may hold a slip though we have no dictionary of its language.
_LONG_WORD = 6
_TWO_SLIPS_FROM = 8
_ENDINGS = ("ing", "ed")
# A word shorter than this has no letter to spare: "kg", "g".
_SHORTEST = 3
# Word pairs that are mixed up in writing and never told apart by ear.
_MIXED_UP = tuple(
    frozenset(row.split())
    for row in (
        "their there",
        "its it",
        "your you",
        "then than",
        "affect effect",
        "to too",
        "lose loose",
        "whose who",
        "where were",
        "passed past",
        "lead led",
        "weather whether",
        "hear here",
        "threw through",
        "breath breathe",
        "advice advise",
        "quite quiet",
        "form from",
        "pubic public",
    )
)
_MIXED_UP_APART = tuple(frozenset(row.split(",")) for row in ("its,it is", "their,they are", "your,you are"))
# Marks of which German verbs make a doubt: "konnte" is "could", "könnte" is "might".
_MOODS = frozenset("könnte möchte würde hätte wäre dürfte müsste könnten würden hätten wären dürften müssten".split())
_CLOCK_WORDS = frozenset(
    "last updated update latest page this was is at on as of stand aktualisiert zuletzt uhr um am today heute ago minutes minute min mins "
    "hours hour hrs seconds second published posted time bst gmt utc cet cest est et local comments comment shares views "
    "оновлено о обновлено в actualizado última actualización hace minutos el las mis jour à".split()
)
_CLOCK_LABEL = re.compile(
    r"\b(?:updated?|published|posted|aktualisiert|stand|оновлено|обновлено|actualizad[oa]|mis à jour|comments|shares|views)\b",
    re.IGNORECASE,
)
_DAY_NAMES = re.compile(r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4})\b", re.IGNORECASE)
_DOUBTS = re.compile(
    r"\b(?:(?:not|never) (?:yet )?(?:been )?(?:\w+ )?(?:verified|confirmed)|(?:can|could)(?:not| not|n[’']t) (?:be )?(?:\w+ )?(?:confirm|verif)\w*|"
    r"un(?:verified|confirmed)|not (?:been )?able to (?:\w+ )?(?:confirm|verify)|nicht (?:\w+ )?(?:überprüf|bestätig)\w*|"
    r"не (?:\w+ )?(?:підтвердж|перевір|подтвержд|провер)\w*|no se ha podido \w+)",
    re.IGNORECASE,
)
# What doubts a quote only where it is about it.
_DISPUTES = re.compile(
    r"\b(?:verif\w+|unclear|disput\w+|den(?:y|ies|ied)|contradict\w*|false|untrue|wrong|mistaken|no evidence|retracted|"
    r"dementier\w*|bestritt\w*|спростува\w*|заперечу\w*|опроверг\w*|desmiente\w*|desmintió)\b",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"\b(?:corrections?|clarification|corrected|retract\w*|in error|(?:earlier|previous) version|(?:wrongly|incorrectly|mistakenly)|"
    r"berichtigung|korrektur|korrigiert|виправлен\w*|corrección)\b",
    re.IGNORECASE,
)
_ON_ITSELF = re.compile(r"\b(?:earlier|previous) version of (?:this|the) \w+", re.IGNORECASE)
# A short sentence that says who said the one before it.
_ATTRIBUTES = re.compile(
    r"\b(?:said|told|reported|confirmed|according|announced|says?)\b.*?\b(?:this|that|so|it|report)\b|"
    r"\b(?:this|that|it)\b.*?\b(?:said|told|reported|confirmed|according|announced|comes? from)\b",
    re.IGNORECASE,
)
_ATTRIBUTION_WORDS = 12
_POINTS_BACK = re.compile(r"\b(?:this|that|it|we|das|dies|це|esto)\b", re.IGNORECASE)
_FOCUS = frozenset("only even just almost nearly alone solely exactly nur fast sogar лише тільки solo casi".split())
_WHEN = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday overnight earlier later meanwhile now also however "
    "heute gestern".split()
)
_ANDS = frozenset("and und та і й y".split())
_SHORT_BLOCK = 3
_FEW_WORDS = 4
# Beyond this nobody follows a sentence, and looking for what was moved takes the square of it.
_LONGEST_WORDS = 100
_MOST_TRIED = 60
_TOO_LONG_FOR_NAME = 8
_SMALLEST = {
    "en": frozenset("the of is was were and at by in to".split()),
    "de": frozenset("der die das und ist im am mit von wurde wurden es den sind hat".split()),
    "es": frozenset("el la los las de en que del hay se con una un".split()),
    "fr": frozenset("le les des du est et une dans que pour sur".split()),
}


def grade(old: str, new: str, span: Span, *, withdrawn: bool = False) -> Grade:
    """Grade what became of a quoted span of `old` now that the update reads `new`.

    Both are normalised texts. What changed outside of the quoted sentences does not count, but for a new sentence
    that doubts or corrects them.
    """
    if withdrawn or not new:
        return Grade.MATERIAL
    before, after = sentences(old), sentences(new)
    quoted = [n for n, one in enumerate(before) if one.start < span.end and one.end > span.start]
    if quoted and quoted[-1] + 1 < len(before):
        following = before[quoted[-1] + 1]
        quoted += [quoted[-1] + 1] if _attributes(old[following.start : following.end]) else []
    became = {change.old_span: change for change in align(old, new) if change.old_span}
    kinds = [became[before[n]].kind for n in quoted]
    if taken_back_by(old, new, span):
        return Grade.MATERIAL
    if all(kind is ChangeKind.SAME for kind in kinds):
        return Grade.NONE
    changed = [n for n, kind in zip(quoted, kinds, strict=True) if kind not in (ChangeKind.SAME, ChangeKind.MOVED)]
    told = [new[one.start : one.end] for one in after]
    stood = [old[one.start : one.end] for one in before]
    return Grade.COSMETIC if all(_still_said(stood, n, told) for n in changed) else Grade.MATERIAL


def _attributes(sentence: str) -> bool:
    return len(sentence.split()) <= _ATTRIBUTION_WORDS and _ATTRIBUTES.search(sentence) is not None


def grade_texts(old: str, new: str) -> Grade:
    """Grade the change of a whole text: what was added counts as much as what was there."""
    grades = {grade(old, new, Span(start=0, end=len(old))), grade(new, old, Span(start=0, end=len(new)))}
    return next(one for one in (Grade.MATERIAL, Grade.COSMETIC, Grade.NONE) if one in grades)


def mentions_correction(text: str) -> bool:
    """Tell whether a text may correct anything: it holds a word of correcting."""
    return _CORRECTS.search(text) is not None


def says_the_same(old: str, new: str) -> bool:
    """Tell whether two wordings of one sentence, or of a few, say the same."""
    if _is_clock(old) and _is_clock(new):
        return True
    mine, theirs = tokens(old), tokens(new)
    if max(len(mine), len(theirs)) > _LONGEST_WORDS:
        return _keys(mine) == _keys(theirs)
    theirs = _mended(mine, theirs, _language(f"{old} {new}"))
    if _keys(mine) == _keys(theirs) or _is_reordered(mine, theirs):
        return True
    return any(_keys(one) == _keys(theirs) for one in _active(mine)) or any(
        _keys(mine) == _keys(one) for one in _active(theirs)
    )


def said_anew(old: str, new: str) -> tuple[Span, ...]:
    """Return the sentences of a text, in order, that its older text neither held nor said in other words."""
    found = (change for change in compare(old, new) if change.new_span and change.kind is not ChangeKind.MOVED)
    return tuple(change.new_span for change in found if change.new_span and not says_the_same(change.old, change.new))


def _keys(said: Sequence[Token]) -> list[str]:
    return [token.key for token in said if token.key not in _ANDS]


def taken_back_by(old: str, new: str, span: Span) -> tuple[Span, ...]:
    """Return where in `new` a sentence stands, new or new in wording, that doubts or corrects a quoted span of `old`."""
    quote = old[span.start : span.end]
    return tuple(note for note in _added(old, new) if _takes_back(new[note.start : note.end], quote))


def _added(old: str, new: str) -> list[Span]:
    """Return the sentences that are new or new in wording, but for those that took something back before."""
    kinds = (ChangeKind.ADDED, ChangeKind.REWORDED)
    changes = (change for change in align(old, new) if change.kind in kinds)
    fresh = (one for one in changes if not _DOUBTS.search(one.old) and not _CORRECTS.search(one.old))
    return [one.new_span for one in fresh if one.new_span]


def _takes_back(note: str, quote: str) -> bool:
    """Tell whether a new sentence doubts or corrects a quote that does not hold it already."""
    own = _ON_ITSELF.sub(" ", note)
    about = _POINTS_BACK.search(own) is not None or not content(own).isdisjoint(content(quote))
    doubts = _DOUBTS.search(note) and not _DOUBTS.search(quote)
    corrects = _CORRECTS.search(note) and not _CORRECTS.search(quote)
    opens = re.match(r"\W*(?:correction|clarification|berichtigung|korrektur)\b", note, re.IGNORECASE) is not None
    disputes = _DISPUTES.search(note) and not _DISPUTES.search(quote)
    return bool(doubts or (corrects and opens) or ((corrects or disputes) and about))


def _still_said(stood: Sequence[str], place: int, told: Sequence[str]) -> bool:
    """Tell whether a sentence is said by any sentence of the new text, alone or joined with its neighbours."""
    known = frozenset(_keys(tokens(stood[place])))
    tried = 0
    for before in _windows(len(stood), place):
        said = " ".join(stood[n] for n in before)
        for after in _nearest_windows(len(told), place):
            says = " ".join(told[n] for n in after)
            shared = known.intersection(_keys(tokens(says)))
            is_like = _is_clock(says) or 2 * len(shared) >= len(known) or len(known) < _FEW_WORDS
            if is_like and says_the_same(said, says):
                return True
            tried += is_like
            if tried >= _MOST_TRIED:
                return False
    return False


def _nearest_windows(count: int, place: int) -> list[range]:
    """Return every run of a few sentences, those nearest to a place first."""
    found = [range(n, n + size) for size in range(1, _MOST_JOINED + 1) for n in range(count - size + 1)]
    return sorted(found, key=lambda window: (abs(window.start - place), len(window)))


def _windows(count: int, place: int) -> Iterator[range]:
    for size in range(1, _MOST_JOINED + 1):
        for first in range(max(0, place - size + 1), min(place, count - size) + 1):
            yield range(first, first + size)


def _is_clock(sentence: str) -> bool:
    """Tell whether a sentence only tells when the page was last touched, or counts its readers."""
    if not _CLOCK_LABEL.search(sentence):
        return False
    said = tokens(_DAY_NAMES.sub(" ", sentence))
    return all(one.mark in (Mark.NUMBER, Mark.TIME) or one.written.lower() in _CLOCK_WORDS for one in said)


def _mended(old: Sequence[Token], new: Sequence[Token], language: str) -> tuple[Token, ...]:
    """Return the new wording, spelt as the old one where nothing but the spelling differs."""
    mended: list[Token] = []
    matcher = SequenceMatcher(None, [one.key for one in old], [one.key for one in new], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        before, after = old[i1:i2], new[j1:j2]
        if tag == "replace" and _is_written_apart(before, after):
            mended += before
        elif tag == "replace" and len(before) == len(after):
            mended += [a if is_slip(a, b, language) else b for a, b in zip(before, after, strict=True)]
        elif not _is_slip_of_nothing(after):
            mended += before if _is_slip_of_nothing(before) else after
    return tuple(mended)


def _is_slip_of_nothing(said: Sequence[Token]) -> bool:
    """Tell whether a word is "teh" or the like, which says as little as what was meant."""
    if len(said) != 1 or said[0].mark is not Mark.WORD or len(said[0].key) < 2 or is_word(said[0].key):
        return False
    return any(OSA.distance(said[0].key, small) <= 1 for small in ("the", "and", "that", "which"))


def _is_written_apart(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Tell whether "in doors" became "indoors", or "its" "it's"."""
    if any(token.mark in (Mark.NUMBER, Mark.TIME) for token in (*old, *new)):
        return False
    said, says = ([token.key for token in side] for side in (old, new))
    return "".join(said) == "".join(says) or frozenset((" ".join(said), " ".join(says))) in _MIXED_UP_APART


def is_slip(old: Token, new: Token, language: str = "en") -> bool:
    """Tell whether two tokens are one word, misspelt in one of the two; a name's letters are never a slip.

    Of a name only the accents may differ. Two words that both exist are two words, whatever was meant.
    """
    if {old.mark, new.mark} & {Mark.NUMBER, Mark.TIME, Mark.NEGATION}:
        return False
    a, b = (old.key, new.key) if " " in f"{old.written}{new.written}" else (_plain(old), _plain(new))
    if fold(a) == fold(b):
        return a not in _MOODS and b not in _MOODS
    if Mark.NAME in (old.mark, new.mark):
        return False
    if frozenset((a, b)) in _MIXED_UP:
        return True
    if a.replace("'", "") == b.replace("'", ""):
        return ("'" in a) != ("'" in b)  # "boys'" and "boy's" each say how many
    if min(len(a), len(b)) < _SHORTEST:
        return False
    if OSA.distance(a, b) > (2 if _may_hold_two(a, b) else 1):
        return False
    if language not in DICTIONARIES:
        return _is_inner_slip(a, b)
    right = [word for word in (a, b) if _is_known(word, language)]
    if not right and language != "en":
        return _is_inner_slip(a, b)
    return len(right) == 1 and not _may_be_name(old, new, right[0])


def _is_known(word: str, language: str) -> bool:
    """Tell whether a dictionary has a word, or in English the one that it is regularly formed of."""
    if is_word(word, language) or language != "en":
        return is_word(word, language)
    base = next((word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)), "")
    return len(base) > _SHORTEST and (is_word(base) or is_word(f"{base}e"))


def _plain(token: Token) -> str:
    return token.written.lower().replace("’", "'").replace("ʼ", "'")


def _may_hold_two(a: str, b: str) -> bool:
    """Tell whether two words are long enough for two slips, or one only lacks letters of the other's middle."""
    return min(len(a), len(b)) >= (_LONG_WORD if len(a) != len(b) and _is_inner_slip(a, b) else _TWO_SLIPS_FROM)


def _is_inner_slip(a: str, b: str) -> bool:
    """Tell whether two long words differ in one letter that is neither the first nor of the ending."""
    ending = 2 if len(a) == len(b) else 1
    return min(len(a), len(b)) >= _LONG_WORD and a[0] == b[0] and a[-ending:] == b[-ending:]


def _may_be_name(old: Token, new: Token, right: str) -> bool:
    """Tell whether a capital at the start of a sentence may hide a name: "Holm", "Helm"."""
    capital = old.written[:1].isupper() and new.written[:1].isupper()
    return capital and len(right) < _TOO_LONG_FOR_NAME and right not in STOP_WORDS


def _language(text: str) -> str:
    """Guess the language by its smallest words."""
    if re.search("[а-яіїєґ]", text, re.IGNORECASE):
        return "uk" if re.search("[іїєґ]", text, re.IGNORECASE) or not re.search("[ыэъё]", text) else "ru"
    said = words(text)
    counts = {name: sum(word in small for word in said) for name, small in _SMALLEST.items()}
    return max(counts, key=lambda name: counts[name])


def _is_reordered(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Tell whether a stretch of a sentence was moved as a whole, or the two sides of an "and" changed places."""
    if Counter(_keys(old)) != Counter(_keys(new)):
        return False
    said, says = list(old), list(new)
    while said and says and said[0].key == says[0].key:
        said, says = said[1:], says[1:]
    while said and says and said[-1].key == says[-1].key:
        said, says = said[:-1], says[:-1]
    for cut in range(1, len(said)):
        first, second = said[:cut], said[cut:]
        if _keys([*second, *first]) == _keys(says) and _may_move(first, second):
            return True
        if first[-1].key in _ANDS and _keys([*second, *first]) == _keys(says):
            return _figure_places(first[:-1]) == _figure_places(second)
    return False


def _figure_places(said: Sequence[Token]) -> list[bool]:
    return [one.mark is Mark.NUMBER for one in said]


def _may_move(first: Sequence[Token], second: Sequence[Token]) -> bool:
    """Tell whether a stretch keeps its sense elsewhere: no lone word but one of time, and no small one that denies."""
    for block in (first, second):
        is_short = len(block) <= _SHORT_BLOCK
        if is_short and any(one.mark is Mark.NEGATION or one.key in _FOCUS for one in block):
            return False
    smaller = min(first, second, key=len)
    return len(smaller) > 1 or smaller[0].key in _WHEN


def _active(said: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """Turn "four men were arrested by police" into "police arrested four men", however long the doer's name is."""
    keys = [one.key for one in said]
    if "was" not in keys or "by" not in keys[keys.index("was") :]:
        return
    was = keys.index("was")
    by = keys.index("by", was)
    done = said[was + 1 : by]
    if not done or any(one.mark is Mark.NEGATION for one in done):
        return
    for end in range(by + 2, len(said) + 1):
        yield (*said[by + 1 : end], *done, *said[:was], *said[end:])
