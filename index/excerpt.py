"""From an update to the one to three whole sentences that answer. Pure; every span is a slice of the revision.

What makes a sentence true stays with it: who said it, how sure it is, what it corrects, whom its pronoun means.
"""

import re
from collections.abc import Sequence

from index.evidence import Candidate
from index.rank import Ranked
from index.text import sentences
from index.types import Span

MOST_SENTENCES = 3
LIMIT_CHARS = 600

# A sentence that begins so needs the one before it to be understood.
_LEANS_BACK = re.compile(
    r"[\"'“‘(\[]*(?:he|she|they|it|its|his|her|hers|their|theirs|this|that|these|those|him|them|both|another|others?|"
    r"such|there|then|but|and|or|so|however|meanwhile|instead|also|too|still|yet|nevertheless|nonetheless|moreover|"
    r"furthermore|in addition|the (?:vote|move|decision|attack|strike|man|woman|suspect|victim|incident|statement|"
    r"minister|president|spokes\w+|official|governor|mayor|announcement|report|figure|toll|same|former|latter|two|three|"
    r"plan|agreement|deal|ruling|measure|group|company)|er|sie|es|dies\w*|das|aber|doch|он|она|они|это|но|він|вона|вони|це|але)\b",
    re.IGNORECASE,
)
# A sentence that takes back, doubts or attributes what stands before it.
_QUALIFIES = re.compile(
    r"\b(?:not (?:been )?(?:independently )?(?:verified|confirmed)|could not be|cannot be|unverified|unconfirmed|alleg\w+|"
    r"claim\w*|denie[sd]|deny|correct(?:ed|ion|s)|retract\w*|withdrew|clarif\w+|earlier (?:said|reported|statement|figure)|"
    r"previously|revised|independent\w* verif\w*|no (?:immediate )?(?:comment|confirmation|evidence)|hasn.t|has not|have not|"
    r"did not (?:confirm|comment)|disput\w+|reject\w+|contrary|in fact|false|wrong|mistak\w+)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\b(?:said|says|told|added|announced|according to|reported|reports|warned|stated|tweeted|wrote|confirmed|claimed|"
    r"sagte|laut|erklärte|сказав|сказал|заявил\w*|повідоми\w+|сообщи\w+|dijo|según|selon|déclaré)\b",
    re.IGNORECASE,
)


def choose(ranked: Ranked) -> Span:
    """Choose the span to quote around the sentence that answers best."""
    text = ranked.evidence.candidate.revision.text
    spans = [sentence.span for sentence in ranked.evidence.sentences]
    first = last = ranked.best
    if first > 0 and _LEANS_BACK.match(text, spans[first].start) and _fits(spans, first - 1, last):
        first -= 1
    while last + 1 < len(spans) and _needs_next(text, spans, first, last) and _fits(spans, first, last + 1):
        last += 1
    if first > 0 and _needs_previous(text, spans, first, last) and _fits(spans, first - 1, last):
        first -= 1
    while (side := _worthier(ranked, first, last)) is not None:
        if not _fits(spans, min(first, side), max(last, side)):
            break
        first, last = min(first, side), max(last, side)
    return Span(start=spans[first].start, end=spans[last].end)


def _fits(spans: Sequence[Span], first: int, last: int) -> bool:
    return last - first < MOST_SENTENCES and spans[last].end - spans[first].start <= LIMIT_CHARS


def _needs_next(text: str, spans: Sequence[Span], first: int, last: int) -> bool:
    """Tell whether the sentence after qualifies the quote, or closes a quotation that stands open."""
    following = text[spans[last + 1].start : spans[last + 1].end]
    if _QUALIFIES.search(following):
        return True
    return _is_open(text[spans[first].start : spans[last].end])


def _needs_previous(text: str, spans: Sequence[Span], first: int, last: int) -> bool:
    """Tell whether the quote holds speech, or the end of it, whose speaker stands in the sentence before."""
    quote = text[spans[first].start : spans[last].end]
    before = text[spans[first - 1].start : spans[first - 1].end]
    speech = quote[:1] in "\"'“‘„«" or quote.count("”") > quote.count("“") or quote.count('"') % 2 == 1
    return speech and not _SPEAKER.search(quote) and _SPEAKER.search(before) is not None


def _is_open(quote: str) -> bool:
    return quote.count("“") > quote.count("”") or quote.count('"') % 2 == 1


def _worthier(ranked: Ranked, first: int, last: int) -> int | None:
    """Return the place of the neighbour that adds most to the quote, None where neither is worth its room."""
    scores = ranked.sentence_scores
    sides = [place for place in (first - 1, last + 1) if 0 <= place < len(scores)]
    worth = [place for place in sides if scores[place] >= scores[ranked.best] * 0.5]
    return max(worth, key=lambda place: scores[place], default=None)


def opening(candidate: Candidate) -> Span:
    """Return the first one or two sentences of an update, for showing what is new."""
    spans = sentences(candidate.revision.text)
    last = 1 if len(spans) > 1 and spans[1].end - spans[0].start <= LIMIT_CHARS // 2 else 0
    return Span(start=spans[0].start, end=spans[last].end)
