"""What differs between two texts of one update, sentence by sentence, and where quoted sentences stand now. Pure.

Aligned by difflib and rapidfuzz. Whether a change matters to anybody is not judged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from rapidfuzz.distance import Indel

from index.terms import content_words, words
from index.text import sentences
from index.types import Span

# Share of their words that a sentence and its new wording have in common at least; fewer where both are of one matter.
_SAME_SENTENCE = 0.4
_SAME_MATTER = 0.25
# Of a longer stretch, sentences are paired in their order: weighing each against each takes quadratic time.
_MOST_PAIRS = 400


class ChangeKind(StrEnum):
    """What became of a sentence."""

    SAME = "same"
    REWORDED = "reworded"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One sentence before and after; `old` is empty where it was added, `new` where it was removed.

    The spans say where in the two texts they stand.
    """

    kind: ChangeKind
    old: str = ""
    new: str = ""
    old_span: Span | None = None
    new_span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """A sentence of one of the two texts; `key` leaves white space aside."""

    text: str
    span: Span
    key: str


def compare(old: str, new: str) -> tuple[Change, ...]:
    """Return what changed from one normalised text to the next, in the order of the new one."""
    return tuple(change for change in align(old, new) if change.kind is not ChangeKind.SAME)


def align(old: str, new: str) -> tuple[Change, ...]:
    """Return what became of every sentence, in the order of the new text; a removed one stands where it stood."""
    before, after = _read(old), _read(new)
    matcher = SequenceMatcher(None, [one.key for one in before], [one.key for one in after])
    found: list[Change] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            found += [_change(ChangeKind.SAME, *pair) for pair in zip(before[i1:i2], after[j1:j2], strict=True)]
        else:
            found += _replaced(before[i1:i2], after[j1:j2])
    return tuple(_with_moves(found))


def carried(old: str, new: str, span: Span) -> tuple[Change, ...]:
    """Return what became of the sentences of `old` that a span touches, in their order."""
    touched = [
        change
        for change in align(old, new)
        if change.old_span and change.old_span.start < span.end and change.old_span.end > span.start
    ]
    return tuple(sorted(touched, key=lambda change: change.old_span.start if change.old_span else 0))


def stands(changes: Sequence[Change]) -> bool:
    """Tell whether sentences still stand word by word, wherever."""
    return bool(changes) and all(change.kind in (ChangeKind.SAME, ChangeKind.MOVED) for change in changes)


def is_material(changes: Sequence[Change]) -> bool:
    """Tell whether anything but the order, the punctuation or the case of words changed."""
    return any(
        change.kind is not ChangeKind.MOVED and sorted(words(change.old)) != sorted(words(change.new))
        for change in changes
    )


def _read(text: str) -> list[_Sentence]:
    cut = ((text[span.start : span.end], span) for span in sentences(text))
    return [_Sentence(text=sentence, span=span, key=_key(sentence)) for sentence, span in cut]


def _change(kind: ChangeKind, old: _Sentence | None, new: _Sentence | None) -> Change:
    return Change(
        kind=kind,
        old=old.text if old else "",
        new=new.text if new else "",
        old_span=old.span if old else None,
        new_span=new.span if new else None,
    )


def _replaced(before: Sequence[_Sentence], after: Sequence[_Sentence]) -> list[Change]:
    """Pair the sentences of a stretch that was written anew; what finds no counterpart was removed or added."""
    pairs = _pairs(before, after)
    paired = set(pairs.values())
    found: list[Change] = []
    place = 0
    for number, sentence in enumerate(after):
        if number in paired:
            origin = next(old for old, new in pairs.items() if new == number)
            for gone in range(place, origin):
                found += [] if gone in pairs else [_change(ChangeKind.REMOVED, before[gone], None)]
            place = max(place, origin + 1)
            found.append(_change(ChangeKind.REWORDED, before[origin], sentence))
        else:
            found.append(_change(ChangeKind.ADDED, None, sentence))
    told = {change.old_span for change in found}
    rest = [one for number, one in enumerate(before) if number not in pairs and one.span not in told]
    return found + [_change(ChangeKind.REMOVED, one, None) for one in rest]


def _pairs(before: Sequence[_Sentence], after: Sequence[_Sentence]) -> dict[int, int]:
    """Return, by place, which sentence became which: the likest first, then by place where as many are left.

    What merely took the place of another sentence is not what became of it.
    """
    if not before or not after:
        return {}
    if len(before) * len(after) > _MOST_PAIRS:
        return {n: n for n, (old, new) in enumerate(zip(before, after, strict=False)) if _is_same_matter(old, new)}
    pairs: dict[int, int] = {}
    likest = sorted(
        (-_likeness(old, new), abs(i - j), i, j) for i, old in enumerate(before) for j, new in enumerate(after)
    )
    for likeness, _, i, j in likest:
        if -likeness >= _SAME_SENTENCE and i not in pairs and j not in pairs.values():
            pairs[i] = j
    left = [i for i in range(len(before)) if i not in pairs]
    free = [j for j in range(len(after)) if j not in pairs.values()]
    if len(left) != len(free):
        return pairs
    return pairs | {i: j for i, j in zip(left, free, strict=True) if _is_same_matter(before[i], after[j])}


def _is_same_matter(old: _Sentence, new: _Sentence) -> bool:
    """Tell whether two sentences are about the same, however written: half of what one speaks of is in the other."""
    likeness = _likeness(old, new)
    said, says = content_words(old.text).keys(), content_words(new.text).keys()
    is_about_it = 2 * len(said & says) >= min(len(said), len(says))
    return likeness >= _SAME_SENTENCE or (likeness >= _SAME_MATTER and is_about_it)


def _likeness(old: _Sentence, new: _Sentence) -> float:
    return Indel.normalized_similarity(words(old.text), words(new.text))


def _with_moves(found: Sequence[Change]) -> list[Change]:
    """Tell a sentence that stands elsewhere now from one that was removed and another that was added."""
    removed = {_key(change.old): change for change in found if change.kind is ChangeKind.REMOVED}
    added = {_key(change.new): change for change in found if change.kind is ChangeKind.ADDED}
    moved = removed.keys() & added.keys()
    told: list[Change] = []
    for change in found:
        key = _key(change.new or change.old)
        if key in moved and change is added[key]:
            origin = removed[key]
            told.append(replace(change, kind=ChangeKind.MOVED, old=origin.old, old_span=origin.old_span))
        elif key not in moved or change is not removed[key]:
            told.append(change)
    return told


def _key(sentence: str) -> str:
    return " ".join(sentence.split())
